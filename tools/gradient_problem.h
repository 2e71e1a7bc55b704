// tools/gradient_problem.h -- the gradients of a problem's output, as a problem of its own.
#pragma once

#include <string>

#include "tools/problem.h"

namespace heddle::tools {

/// What `--grad x,w` asks for: gradients by these inputs, or by all that hold floats ("all"). The seed is an input
/// `dy`, whatever the output's name. Throws UserError for a name that is no input, with those that are.
Problem gradient_of(const Problem& problem, const std::string& names);

}  // namespace heddle::tools
