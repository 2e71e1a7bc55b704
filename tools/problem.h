// tools/problem.h -- what the words of a command line ask for: a pipeline, and the data given for it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/evaluate.h"
#include "dsl/pipeline.h"
#include "ops/registry.h"
#include "schedules/schedule.h"
#include "schedules/target.h"
#include "tools/command_line.h"

namespace heddle::tools {

struct Problem {
    std::string title;                                        ///< "conv2d", or "y" for a definition in place
    Pipeline pipeline;                                        ///< what is compiled: scatters as gathers
    Pipeline written;                                         ///< as it was given, or derived: what it must compute
    NamedBuffers given;                                       ///< inputs from files
    std::map<std::string, std::vector<std::int64_t>> shapes;  ///< of all inputs; those of run-time size where stated
    std::optional<Pipeline> forward = {};  ///< of a gradient that is given results: what computes them, its outputs
};

/// The options that say what to work on, for the tables of subcommands: -e and what follows from it.
std::vector<OptionRow> problem_options();

/// `conv2d x=f32:... padding=1`, or the text of `-e` with its tensors. Throws UserError for whatever is wrong: an
/// unknown operator, tensor or parameter, a file that cannot be read or has another shape or type than stated.
Problem make_problem(const CommandLine& line);
/// The same of the words alone: an operator's name, its tensors and parameters.
Problem make_problem(const std::vector<std::string>& words);
OperatorArguments operator_arguments(const std::vector<std::string>& words);

/// `--target`, this machine's host when absent. "cuda" is its first device, or where it has none sm_90.
Target target_of(const CommandLine& line);
/// `--schedule`, nothing when absent.
std::optional<Schedule> schedule_of(const CommandLine& line);

/// Buffers for all inputs: the files', else pseudo-random ones (whole numbers where `integers`). A tensor that is read
/// as an index gets numbers inside the extent; saved results of a forward are computed from its inputs. Throws
/// UserError where a run-time size was not given.
NamedBuffers make_inputs(const Problem& problem, std::uint64_t seed, bool integers = false);
/// Buffers for all outputs at the sizes of the inputs.
NamedBuffers make_outputs(const Problem& problem, const NamedBuffers& inputs);

}  // namespace heddle::tools
