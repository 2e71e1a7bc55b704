// dsl/product_sum.cpp -- definitions of the form `out[...] += a[...] * b[...]`.
#include "dsl/product_sum.h"

#include "dsl/visit.h"

namespace heddle {

std::optional<ProductSum> product_sum_of(const Definition& definition) {
    if (definition.op != UpdateOp::add || definition.right.size() != 1) return {};
    const auto* product = definition.right[0].as<Binary>();
    if (product == nullptr || product->op != BinaryOp::mul) return {};
    const auto *a = product->a.as<Read>(), *b = product->b.as<Read>();
    if (a == nullptr || b == nullptr) return {};
    return ProductSum{a, b};
}

Expr with_tensors(const Expr& e, const std::map<const TensorNode*, AnyTensor>& replacements) {
    return rewrite(e, [&](const Expr& node) {
        const Read* read = node.as<Read>();
        const auto found = read ? replacements.find(read->tensor.get()) : replacements.end();
        if (found == replacements.end()) return Expr();
        return Expr(std::make_shared<const Read>(found->second.node(), read->indices, read->boundary, node.type()));
    });
}

}  // namespace heddle
