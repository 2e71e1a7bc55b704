// codegen/matrix_views.h -- a product of tensors over single variables as products of matrices that are views of them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "runtime/buffer.h"
#include "schedules/explicit_gemm.h"

namespace heddle {

/// c = a * b over a [m,k], b [k,n], c [m,n], once for each point of the loops; strides in elements. Variables that lie
/// behind each other in both of their tensors count as one; of those that are left, the largest that a library can
/// take are rows, columns and depth, and the others are loops.
struct MatrixViews {
    struct Dimension {
        std::int64_t extent = 1, c = 0, a = 0, b = 0;  ///< strides; 0 where the tensor does not have it
    };
    Dimension m, n, k;
    std::vector<Dimension> loops;  ///< those over parts of the depth (c = 0) first
    std::int64_t products() const;
    /// "4 x [32,144] * [144,784]".
    std::string text() const;
};

/// Of a product over buffers in the order of their tensors' dimensions. Nothing where no choice gives matrices whose
/// rows or columns lie without gaps, where a size is 0, and where a matrix would be a single number.
std::optional<MatrixViews> matrix_views(const Definition& definition, const MatrixProduct& product,
                                        const std::vector<std::int64_t>& c_strides,
                                        const std::vector<std::int64_t>& a_strides,
                                        const std::vector<std::int64_t>& b_strides);

/// The matrix of one point of the loops.
struct MatrixTriple {
    Buffer a, b, c;
    bool accumulate;  ///< c holds a part of its sum already
};
/// All of them, in order.
std::vector<MatrixTriple> matrices_of(const MatrixViews& views, const Buffer& a, const Buffer& b, const Buffer& c);

}  // namespace heddle
