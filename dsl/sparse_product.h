// dsl/sparse_product.h -- a sum of products as a sparse matrix: the forward and both gradients as segmented sums.
//
// Each point of `y[...] += x[...] * w[...]` is three positions: of an element of y, of x and of w.
// - Sorted by y, they are the stencil's Toeplitz matrix in compressed rows: row y, column x, the value an element of w.
//   Summing x[column] * w[value] over a row is the sparse matrix-vector product y = T x.
// - Sorted by x, they are the rows of T transposed: dx = T' dy.
// - Sorted by w, each segment is where one weight stands in T: dw is the sum of dy[row] * x[column] over it. The dense
//   matrix dy x' that holds all these products, and far more that no weight stands for, is never built.
// (Gustavson, ACM TOMS 4(3), 1978: transposition by a counting sort.)
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "dsl/evaluate.h"

namespace heddle {

/// One of the three sums, ready to run: positions sorted by the element that they add to.
class SparseProduct {
public:
    /// Computes `result` from `first` and `second` (by name), row-major buffers of the host, f32 or f64 and of one
    /// type, on all threads; each element is summed by one thread, in row-major order of the domain. Throws UserError
    /// naming a buffer that is missing, misshapen or of another type.
    void operator()(const NamedBuffers& buffers) const;

    const AnyTensor& result() const { return result_.tensor; }
    /// Points of one vector; with a batch the matrix is that of one image, and serves all.
    std::int64_t entries() const { return static_cast<std::int64_t>(first_at_.size()); }
    std::int64_t vectors() const { return static_cast<std::int64_t>(result_.offsets.size()); }
    /// Of the sorted positions.
    std::int64_t bytes() const;

private:
    struct Operand {
        AnyTensor tensor;
        std::vector<std::int64_t> offsets;  ///< of its element 0, for each vector of the batch
    };
    friend class SparsePoints;
    template <class T>
    void run(const Buffer& first, const Buffer& second, const Buffer& result) const;

    Operand result_, first_, second_;
    std::vector<std::int64_t> start_, targets_;  ///< of each segment, and the element that it adds to
    std::vector<std::int32_t> first_at_, second_at_;
};

/// y = T x, where T's values are elements of the other tensor of the product. `output` is defined by one `+=` of a
/// product of two tensors, `input` is one of them. Throws UserError for another definition, for run-time sizes, and for
/// 2^31 points or more of one vector of the batch.
///     sparse_forward(y, x)({{"x", x_buffer}, {"w", w_buffer}, {"y", y_buffer}});
SparseProduct sparse_forward(const AnyTensor& output, const AnyTensor& input);
/// dx = T' dy, of "dy" and "w". Of the other boundaries than zero and skip it is the adjoint as well.
SparseProduct sparse_input_gradient(const AnyTensor& output, const AnyTensor& input);
/// dw, of "dy" and "x", by sorted segments.
SparseProduct sparse_weight_gradient(const AnyTensor& output, const AnyTensor& input);

}  // namespace heddle
