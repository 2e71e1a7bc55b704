// dsl/toeplitz.h -- a linear definition as a sparse matrix: the stencil's Toeplitz matrix.
#pragma once

#include <cstdint>
#include <vector>

#include "dsl/evaluate.h"

namespace heddle {

/// Compressed sparse rows; columns of a row ascend. Rows are the output's elements, columns the input's, both in
/// row-major order. No entry is stored for a 0.
struct CsrMatrix {
    std::int64_t rows = 0, columns = 0;
    std::vector<std::int64_t> row_start;  ///< rows + 1
    std::vector<std::int64_t> column;
    std::vector<double> value;
    std::int64_t entries() const { return static_cast<std::int64_t>(column.size()); }
    CsrMatrix transposed() const;
    /// The product with a vector of `columns` elements.
    std::vector<double> times(const std::vector<double>& x) const;
    bool operator==(const CsrMatrix&) const = default;
};
CsrMatrix operator*(const CsrMatrix& a, const CsrMatrix& b);

/// The matrix of `output` as a linear function of `input`, through all tensors between them; `buffers` are the other
/// inputs, by name (weights). What does not depend on `input` (a bias) is left out. Computed in double.
/// Throws UserError where the output is not linear in the input, naming the tensor, and for run-time sizes.
///     const CsrMatrix forward = toeplitz(y, x, {{"w", weights}});
CsrMatrix toeplitz(const AnyTensor& output, const AnyTensor& input, const NamedBuffers& buffers);

}  // namespace heddle
