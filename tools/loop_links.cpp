// tools/loop_links.cpp -- loops by name: indentation in the nest, braces in CUDA, labels in assembly.
#include "tools/loop_links.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <regex>
#include <sstream>

namespace heddle::tools {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

/// "for n.o in 8", "parallel k.o in 21 (edge/interior)", "for (k.o, n.o) in work persistent(16, 8)".
std::vector<std::string> opened_by(const std::string& line) {
    static const std::regex one("^ *[a-z_]+ ([A-Za-z0-9_.]+) in .*"), several("^ *[a-z_]+ \\(([^)]*)\\) in work.*");
    std::smatch match;
    if (std::regex_match(line, match, one)) return {match[1]};
    std::vector<std::string> names;
    if (!std::regex_match(line, match, several)) return names;
    std::istringstream list(match[1].str());
    for (std::string name; std::getline(list, name, ',');) names.push_back(name.substr(name.find_first_not_of(' ')));
    return names;
}

std::vector<LinkedCode::NestLine> nest_lines(const std::string& nest) {
    std::vector<LinkedCode::NestLine> lines;
    std::vector<std::pair<std::size_t, std::vector<std::string>>> open;  // indentation, loops
    for (const std::string& text : lines_of(nest)) {
        const std::size_t indent = std::min(text.find_first_not_of(' '), text.size());
        while (!open.empty() && open.back().first >= indent) open.pop_back();
        LinkedCode::NestLine line{text, opened_by(text), {}};
        for (const auto& [depth, names] : open) line.around.insert(line.around.end(), names.begin(), names.end());
        if (!line.loops.empty()) open.emplace_back(indent, line.loops);
        lines.push_back(std::move(line));
    }
    return lines;
}

/// The loop that a name in the code is of: without numbers that make it unique, "k_o_1"; empty: none.
std::string loop_named(const std::map<std::string, std::string>& loops, std::string name, const std::string& number) {
    for (int tries = 0; tries < 3; ++tries) {
        if (const auto found = loops.find(name); found != loops.end()) return found->second;
        const std::string shorter = std::regex_replace(name, std::regex(number + "$"), "");
        if (shorter == name || shorter.empty()) return "";
        name = shorter;
    }
    return "";
}

std::vector<LinkedLine> cuda_lines(const std::string& code, const std::map<std::string, std::string>& loops) {
    static const std::regex loop(".*for \\(int ([A-Za-z_0-9]+) = .*"), constant(" *const int ([A-Za-z_0-9]+) = .*");
    std::vector<LinkedLine> lines;
    std::vector<std::pair<int, std::string>> open;  // depth inside of the loop's braces, name
    int depth = 0;
    for (const std::string& text : lines_of(code)) {
        std::smatch match;
        std::string opened;
        const bool counts = std::regex_match(text, match, loop);
        if (counts || std::regex_match(text, match, constant)) opened = loop_named(loops, match[1], "_[0-9]+");
        if (!opened.empty()) open.emplace_back(depth + (counts ? 1 : 0), opened);
        lines.push_back({text, open.empty() ? "" : open.back().second});
        for (const char c : text) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
        while (!open.empty() && depth < open.back().first) open.pop_back();
    }
    return lines;
}

std::vector<LinkedLine> assembly_lines(const std::string& code, const std::map<std::string, std::string>& loops,
                                       const std::map<std::string, std::string>& parents) {
    static const std::regex block("^(\\.LBB[0-9_]+:|# %bb\\.[0-9]+:) *# *%([A-Za-z0-9_.]+).*"),
        function("^[A-Za-z_][^ ]*:.*");
    std::vector<LinkedLine> lines;
    std::string current;
    for (const std::string& text : lines_of(code)) {
        std::smatch match;
        if (std::regex_match(text, match, function)) current.clear();
        if (std::regex_match(text, match, block)) {
            // "k.o", "k.o.body", "k.o.end7": the longest beginning that is a loop; its end is the parent's.
            current.clear();
            const std::string name = match[2];
            for (std::size_t end = name.size(); end != std::string::npos && end > 0 && current.empty();
                 end = name.rfind('.', end - 1)) {
                current = loop_named(loops, name.substr(0, end), "[0-9]+");
                if (!current.empty() && name.substr(end).starts_with(".end")) current = parents.at(current);
                if (!current.empty() || name.substr(0, end).find('.') == std::string::npos) break;
            }
        }
        lines.push_back({text, current});
    }
    return lines;
}

}  // namespace

LinkedCode link_loops(const std::string& nest, const std::string& code, CodeLanguage language) {
    LinkedCode linked{nest_lines(nest), {}};
    std::map<std::string, std::string> loops, parents;
    for (const LinkedCode::NestLine& line : linked.nest)
        for (const std::string& name : line.loops) {
            std::string spelled = name;
            if (language == CodeLanguage::cuda) std::replace(spelled.begin(), spelled.end(), '.', '_');
            loops[spelled] = name;
            parents[name] = line.around.empty() ? "" : line.around.back();
        }
    linked.code = language == CodeLanguage::cuda ? cuda_lines(code, loops) : assembly_lines(code, loops, parents);
    return linked;
}

}  // namespace heddle::tools
