// tools/command_line.h -- the words after `heddle`: subcommands as tables of options, and what was given of them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::tools {

/// `{"--seed", "N", "what it does"}`; no value: a flag.
struct OptionRow {
    std::string_view name, value, summary;
};

class CommandLine;

/// One subcommand. `examples` teaches: a line of text, or a command that begins with "heddle".
struct Subcommand {
    std::string_view name, summary, usage;
    std::vector<OptionRow> options;
    std::vector<std::string_view> examples;
    /// Returns the exit status; throws UserError for a wrong use.
    int (*run)(const CommandLine&);
    /// Of a group, as `heddle db`: "db list", ...; `run` is null.
    std::vector<Subcommand> actions = {};
};

/// The words and options that were given. Options may stand anywhere; `--name value` and `--name=value` are the same.
class CommandLine {
public:
    /// Throws UserError for an unknown option, a missing value and a value that a flag does not take.
    CommandLine(const Subcommand& subcommand, const std::vector<std::string>& arguments);

    const std::vector<std::string>& words() const { return words_; }
    bool has(std::string_view option) const { return given_.find(option) != given_.end(); }
    /// All options that were given, with their values; a flag has empty ones.
    const std::map<std::string, std::vector<std::string>, std::less<>>& given() const { return given_; }
    /// The last value given.
    std::optional<std::string> text(std::string_view option) const;
    std::vector<std::string> texts(std::string_view option) const;
    /// Throws UserError for anything but an integer of at least `least`.
    std::int64_t integer(std::string_view option, std::int64_t fallback, std::int64_t least) const;
    /// A time with its unit: "20s", "500ms", "2m"; seconds without one.
    double seconds(std::string_view option, double fallback) const;

private:
    std::vector<std::string> words_;
    std::map<std::string, std::vector<std::string>, std::less<>> given_;
};

/// Usage, options and examples of one subcommand.
std::string help(const Subcommand& subcommand);

}  // namespace heddle::tools
