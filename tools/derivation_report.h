// tools/derivation_report.h -- what is derived from definitions, as text: gathers and matrices.
#pragma once

#include <string>

#include "dsl/pipeline.h"

namespace heddle::tools {

/// Each stage as it is computed, with its classes, taps and atomics: "gather, 4 classes, 9/4 taps a point, no atomics".
std::string gather_report(const Pipeline& pipeline);

/// The output as a matrix times an input, x or the first: one row an element of the output, and the entries as elements
/// of another input where each is one of them ("w[0,2]"), else as numbers. Throws UserError for more than 64 rows or
/// columns.
std::string matrix_report(const Pipeline& pipeline);

}  // namespace heddle::tools
