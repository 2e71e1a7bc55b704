// dsl/product_sum.h -- definitions of the form `out[...] += a[...] * b[...]`.
#pragma once

#include <optional>

#include "dsl/definition.h"

namespace heddle {

/// The two reads of a `+=` whose right side is their product and nothing else. Any convolution, linear layer or
/// transposed convolution is of this form, and so are the gradients of each by its factors. The reads are the
/// definition's own and live as long as it.
struct ProductSum {
    const Read* a;
    const Read* b;
};
std::optional<ProductSum> product_sum_of(const Definition& definition);

}  // namespace heddle
