// dsl/guarded_index.cpp -- collecting and clamping indices that a select guards.
#include "dsl/guarded_index.h"

#include <algorithm>

#include "dsl/definition.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

struct Found {
    std::vector<Expr> guarded, plain;
};

void collect(const Expr& e, bool guarded, Found& found) {
    if (const auto* data = e.as<DataIndex>(); data && data->mode == IndexMode::checked)
        (guarded ? found.guarded : found.plain).push_back(e);
    const auto* both = e.as<Binary>();
    const bool chooses =
        e.as<Select>() || (both && (both->op == BinaryOp::logical_and || both->op == BinaryOp::logical_or));
    bool first = true;
    for (const Expr& operand : operands_of(e)) {
        collect(operand, guarded || (chooses && !first), found);
        first = false;
    }
}

bool contains(const std::vector<Expr>& indices, const Expr& e) {
    return std::any_of(indices.begin(), indices.end(), [&](const Expr& index) { return equal(index, e); });
}

}  // namespace

std::vector<Expr> guarded_indices(const std::vector<Expr>& values) {
    Found found;
    for (const Expr& value : values) collect(value, false, found);
    std::erase_if(found.guarded, [&](const Expr& e) { return contains(found.plain, e); });
    return found.guarded;
}

Expr with_clamped(const Expr& e, const std::vector<Expr>& indices) {
    if (indices.empty()) return e;
    return rewrite(e, [&](const Expr& node) {
        const auto* data = node.as<DataIndex>();
        if (!data || !contains(indices, node)) return Expr();
        return index(data->value, data->extent, IndexMode::clamped);
    });
}

}  // namespace heddle
