// schedules/explicit_gemm.h -- the algorithm "explicit GEMM": products over windows as products of plain matrices.
//
// A factor whose indices are not variables alone (a window, a boundary, a diagonal) is first laid out as a tensor over
// the variables that it depends on: im2col, "x_columns". A sum that is written to computed indices (a transposed
// convolution) is first laid out over all of its variables, then added: col2im, "u_columns". What is left between them
// is `c[...] += a[...] * b[...]` with a variable alone at each index: a matrix product, whose matrices are views of the
// tensors. An `=` of one read before it (a bias) becomes a product with ones. Example:
//     y[n,k,p,q] += zero(x)[n,c,2*p+r-1,2*q+s-1] * w[k,c,r,s]
// becomes
//     x_columns[n,c,r,s,p,q] = zero(x)[n,c,2*p+r-1,2*q+s-1]
//     y[n,k,p,q] += x_columns[n,c,r,s,p,q] * w[k,c,r,s]
#pragma once

#include <optional>
#include <vector>

#include "dsl/pipeline.h"

namespace heddle {

/// The same output, with every sum of products that it is computed through laid out that way. A definition like any
/// other: print it, evaluate it, compile it, take its gradients, whose parts are matrix products and their adjoints
/// (col2im is the derived adjoint of im2col). A padded zero is stored and multiplied, so that it meets an infinite
/// factor as NaN, unlike in the definition. Other stages stay as they are.
///     const AnyTensor matrices = explicit_gemm(y);
AnyTensor explicit_gemm(const AnyTensor& output);
/// Of several outputs. Gradients of a transposed convolution read windows of their own: rewrite them once more.
Pipeline explicit_gemm(const Pipeline& pipeline);

/// The variables of a matrix product by where they occur: m in c and a, n in c and b, k in a and b, batch in all.
struct MatrixProduct {
    AnyTensor a, b;
    std::vector<DomainVar> batch, m, n, k;
};
/// Of a definition `c[...] += a[...] * b[...]` with a different variable, running through the whole dimension, alone at
/// each index; nothing for any other.
std::optional<MatrixProduct> matrix_product_of(const Definition& definition);

}  // namespace heddle
