// tools/gradient_problem.h -- the gradients of a problem's output, as a problem of its own.
#pragma once

#include <string>

#include "tools/problem.h"

namespace heddle::tools {

/// What `--grad x,w` asks for: gradients by these inputs, or by all that hold floats ("all"). The seed is an input
/// `dy`, whatever the output's name. `saved` are results of the forward that the gradient is given instead of computing
/// them again: "y,m", or "all" that it reads; empty: none. Throws UserError for a name that is no input (no such
/// result), with those that are.
Problem gradient_of(const Problem& problem, const std::string& names, const std::string& saved = "");

/// "x,w" as its names.
std::vector<std::string> split_names(std::string names);

}  // namespace heddle::tools
