// dsl/product_sum.cpp -- definitions of the form `out[...] += a[...] * b[...]`.
#include "dsl/product_sum.h"

namespace heddle {

std::optional<ProductSum> product_sum_of(const Definition& definition) {
    if (definition.op != UpdateOp::add || definition.right.size() != 1) return {};
    const auto* product = definition.right[0].as<Binary>();
    if (product == nullptr || product->op != BinaryOp::mul) return {};
    const auto *a = product->a.as<Read>(), *b = product->b.as<Read>();
    if (a == nullptr || b == nullptr) return {};
    return ProductSum{a, b};
}

}  // namespace heddle
