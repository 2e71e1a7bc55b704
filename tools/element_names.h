// tools/element_names.h -- elements of tensors by name, and what holds them as text.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dsl/tensor.h"
#include "runtime/buffer.h"

namespace heddle::tools {

/// "w[0,2]" of the element at a row-major position.
std::string element_text(const AnyTensor& tensor, std::int64_t position);
/// A buffer of the tensor's shape and type whose elements are 1, 2, 3, ... in row-major order, so that a value that was
/// only moved names the element that it came from; without `from_one` all are 1.
Buffer counted_elements(const AnyTensor& tensor, bool from_one = true);
/// Rows of cells of one width, two spaces before each row, and what stands before it.
std::string matrix_text(const std::vector<std::vector<std::string>>& cells,
                        const std::vector<std::string>& labels = {});

}  // namespace heddle::tools
