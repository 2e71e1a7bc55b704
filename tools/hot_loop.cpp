// tools/hot_loop.cpp -- finding loops in assembly text: a label and a later jump to it with no label in between.
#include "tools/hot_loop.h"

#include <sstream>
#include <string_view>
#include <vector>

namespace heddle::tools {
namespace {

std::string_view trimmed(std::string_view line) {
    line = line.substr(0, line.find('#'));
    while (!line.empty() && (line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    return line;
}

bool is_label(std::string_view line) {
    return !line.empty() && line[0] != '\t' && line[0] != ' ' && line.back() == ':';
}

std::string_view mnemonic_of(std::string_view line) {
    const std::size_t begin = line.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    line.remove_prefix(begin);
    return line.substr(0, line.find_first_of(" \t"));
}

int weight_of(std::string_view mnemonic) {
    if (mnemonic.starts_with("vfma") || mnemonic.starts_with("vfnma") || mnemonic.starts_with("vpdp")) return 1000;
    if (mnemonic.starts_with("vadd") || mnemonic.starts_with("vmul") || mnemonic.starts_with("vmax") ||
        mnemonic.starts_with("mulps") || mnemonic.starts_with("addps") || mnemonic.starts_with("vpmull"))
        return 100;
    return 1;
}

// AT&T syntax: the destination stands last, perhaps with a mask behind it.
bool stores_last(std::string_view instruction) {
    const std::string_view before_mask = trimmed(instruction.substr(0, instruction.find('{')));
    return !before_mask.empty() && before_mask.back() == ')';
}

}  // namespace

HotLoop hot_loop(const std::string& assembly) {
    HotLoop best;
    long best_weight = 0;
    std::istringstream stream(assembly);
    std::string label;
    std::vector<std::string> body;
    for (std::string raw; std::getline(stream, raw);) {
        const std::string_view line = trimmed(raw);
        if (line.empty()) continue;
        if (is_label(line)) {
            label = line.substr(0, line.size() - 1);
            body.clear();
            continue;
        }
        const std::string_view mnemonic = mnemonic_of(line);
        if (mnemonic.starts_with(".")) continue;
        body.emplace_back(line);
        if (!mnemonic.starts_with("j") || label.empty() || !line.ends_with(label)) continue;
        long weight = 0;
        HotLoop loop;
        loop.text = label + ":\n";
        for (const std::string& instruction : body) {
            const std::string_view word = mnemonic_of(instruction);
            weight += weight_of(word);
            ++loop.instructions;
            if (weight_of(word) == 1000) ++loop.multiply_adds;
            if (instruction.find('(') != std::string::npos && !word.starts_with("lea"))
                ++(word.find("mov") != std::string_view::npos && stores_last(instruction) ? loop.stores : loop.loads);
            loop.text += instruction + "\n";
        }
        if (weight <= best_weight) continue;
        best_weight = weight;
        best = std::move(loop);
    }
    return best;
}

}  // namespace heddle::tools
