// bench/roofline.h -- a roofline as SVG: achieved rates against intensity, under what memory and arithmetic allow.
#pragma once

#include <string>

#include "bench/gpu_results.h"

namespace heddle::bench {

/// Both axes are logarithmic: operations a byte (inputs and outputs, each once) to the right, operations a second
/// upwards. A slope is the largest copy of the run, a level the product of each arithmetic; each case has a mark for
/// Heddle's best and one for the best peer, with its name and numbers as a tooltip.
/// S. Williams, A. Waterman, D. Patterson, Roofline, Communications of the ACM 52(4), 2009.
/// Throws UserError where the report has no ceiling of copies or no case with operations.
std::string roofline_svg(const GpuReport& report);

}  // namespace heddle::bench
