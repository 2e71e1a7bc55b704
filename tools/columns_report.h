// tools/columns_report.h -- a convolution as a product of matrices, element by element, as text.
#pragma once

#include <string>

#include "dsl/pipeline.h"

namespace heddle::tools {

/// The definitions of explicit_gemm, and for each product of matrices in them its two factors and its result, with
/// entries named after the elements that they are: "x[0,0,1,2]", 0 in the padding. Of products that are done once an
/// image, the first. Throws UserError for more than 64 rows or columns, and for tensors that are not f32 or f64.
std::string columns_report(const Pipeline& pipeline);

}  // namespace heddle::tools
