// tools/suite.h -- a file with a list of layers: what `--suite` works on, layer by layer and direction by direction.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/timer.h"
#include "tools/command_line.h"

namespace heddle::tools {

/// One layer in one direction, as words of a command line.
struct SuiteEntry {
    std::string title;                   ///< "resnet50.stem", "resnet50.stem dx"
    std::vector<std::string> arguments;  ///< "conv2d", "x=f32:...", ..., then "--grad", "x"
};

/// The rows of a JSON file, a list of objects with a "name" and either "use", the words of a command line
/// ("conv2d x=f32:8x16x28x28 w=f32:32x16x3x3 padding=1"), or the sizes of a layer as in bench/layers: "kind"
/// (convolution where it is not stated), "N", "C", ... Layers by sizes are of `--type` (f32) and `--layout` (nhwc).
/// Each layer comes forward, then in the directions of `--grad`: x,w or all. Throws UserError naming file, layer and
/// field, and for a layer without an input that `--grad` names.
std::vector<SuiteEntry> read_suite(const std::string& file, const CommandLine& line);
/// The same of a text; `origin` is its name in errors.
std::vector<SuiteEntry> parse_suite(std::string_view text, const std::string& origin, const CommandLine& line);
/// When a suite began, and what its last layer took beside what it was given.
struct SuiteClock {
    Timer since = {};
    double beside = 0;
    /// Seconds for a layer, so that those from it on end after `total` together; at least half a second.
    double share_of(double total, std::size_t layers_left) const;
};
/// Which layer of how many.
struct SuitePlace {
    std::size_t index = 0, count = 1;
    SuiteClock* clock = nullptr;  ///< of a suite
    /// How far all of it has come, in [0, 1], where this layer has come so far.
    double done(double here) const { return (static_cast<double>(index) + here) / static_cast<double>(count); }
    /// "tune", or "tune 3/10".
    std::string title(std::string_view task) const;
};

/// Does `one` for each entry of `--suite`, with the other options as they were given, under a line that says which of
/// how many it is. A layer that is refused is said, and the others follow. Returns the largest status; an interrupt
/// ends it.
int run_suite(const CommandLine& line, const Subcommand& subcommand, int (*one)(const CommandLine&, const SuitePlace&));
/// --suite, --type and --layout, for the tables of subcommands.
std::vector<OptionRow> suite_options();

}  // namespace heddle::tools
