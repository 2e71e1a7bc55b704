// tools/command_line.cpp -- parsing arguments by a subcommand's table, and its help.
#include "tools/command_line.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>

#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle::tools {
namespace {

const OptionRow& option_named(const Subcommand& subcommand, const std::string& name) {
    std::vector<std::string> known;
    for (const OptionRow& row : subcommand.options) {
        if (row.name == name) return row;
        known.emplace_back(row.name);
    }
    throw UserError(fmt::format("heddle {} has no option {}; its options are {}{}", subcommand.name, name,
                                join(known, ", "), did_you_mean(name, known)));
}

bool is_option(const std::string& word) { return word.size() > 1 && word[0] == '-' && !std::isdigit(word[1]); }

}  // namespace

CommandLine::CommandLine(const Subcommand& subcommand, const std::vector<std::string>& arguments) {
    bool words_only = false;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (words_only || !is_option(word)) {
            words_.push_back(word);
        } else if (word == "--") {
            words_only = true;
        } else {
            const std::size_t equals = word.find('=');
            const std::string name = word.substr(0, equals);
            const OptionRow& row = option_named(subcommand, name);
            std::string value;
            if (equals != std::string::npos) {
                if (row.value.empty()) throw UserError(fmt::format("{} takes no value, '{}' was given", name, word));
                value = word.substr(equals + 1);
            } else if (!row.value.empty()) {
                if (i + 1 == arguments.size())
                    throw UserError(fmt::format("{} needs a value: {} {}", name, name, row.value));
                value = arguments[++i];
            }
            given_[name].push_back(value);
        }
    }
}

std::optional<std::string> CommandLine::text(std::string_view option) const {
    const auto found = given_.find(option);
    if (found == given_.end()) return {};
    return found->second.back();
}

std::vector<std::string> CommandLine::texts(std::string_view option) const {
    const auto found = given_.find(option);
    if (found == given_.end()) return {};
    return found->second;
}

std::int64_t CommandLine::integer(std::string_view option, std::int64_t fallback, std::int64_t least) const {
    const std::optional<std::string> given = text(option);
    if (!given) return fallback;
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(given->data(), given->data() + given->size(), value);
    if (error != std::errc() || end != given->data() + given->size() || value < least)
        throw UserError(fmt::format("{} takes an integer of at least {}, not '{}'", option, least, *given));
    return value;
}

double CommandLine::seconds(std::string_view option, double fallback) const {
    const std::optional<std::string> given = text(option);
    if (!given) return fallback;
    char* end = nullptr;
    const double value = std::strtod(given->c_str(), &end);
    const std::string unit = end;
    double factor = 0;
    if (unit.empty() || unit == "s") factor = 1;
    if (unit == "ms") factor = 1e-3;
    if (unit == "m" || unit == "min") factor = 60;
    if (unit == "h") factor = 3600;
    if (end == given->c_str() || factor == 0 || !(value > 0) || !std::isfinite(value))
        throw UserError(fmt::format("{} takes a time, as 20s, 500ms, 2m or 1h, not '{}'", option, *given));
    return value * factor;
}

std::string help(const Subcommand& subcommand) {
    std::string text =
        fmt::format("heddle {}: {}\n\nusage: heddle {}\n", subcommand.name, subcommand.summary, subcommand.usage);
    if (!subcommand.actions.empty()) text += "\n";
    for (const Subcommand& action : subcommand.actions)
        text += fmt::format("  {:12} {}\n", action.name, action.summary);
    if (!subcommand.options.empty()) text += "\noptions:\n";
    for (const OptionRow& row : subcommand.options) {
        const std::string left = row.value.empty() ? std::string(row.name) : fmt::format("{} {}", row.name, row.value);
        if (left.size() > 24)
            text += fmt::format("  {}\n  {:24}  {}\n", left, "", row.summary);
        else
            text += fmt::format("  {:24}  {}\n", left, row.summary);
    }
    if (!subcommand.examples.empty()) text += "\nexamples:\n";
    for (const std::string_view line : subcommand.examples) text += fmt::format("  {}\n", line);
    return text;
}

}  // namespace heddle::tools
