// dsl/split_quotients.cpp -- variables split so that quotients and remainders of written indices vanish.
#include "dsl/split_quotients.h"

#include <algorithm>
#include <optional>

#include "dsl/affine.h"
#include "dsl/guard_reads.h"
#include "dsl/integer.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// (symbol + shift) over or modulo `divisor`.
struct Quotient {
    Symbol symbol;
    std::int64_t shift, divisor;
};

std::optional<Quotient> quotient_of(const Expr& e) {
    const Binary* node = e.as<Binary>();
    if (!node || e.type() != i64 || (node->op != BinaryOp::div && node->op != BinaryOp::mod)) return {};
    const IntImm* divisor = node->b.as<IntImm>();
    const std::optional<Affine> sum = affine_of(node->a);
    if (!divisor || divisor->value < 2 || !sum) return {};
    std::optional<Quotient> found;
    for (const auto& [symbol, coefficient] : sum->terms) {
        if (coefficient % divisor->value == 0) continue;
        if (found || coefficient != 1) return {};
        found = {symbol, floor_mod(sum->constant, divisor->value), divisor->value};
    }
    return found;
}

}  // namespace

Ranges ranges_that_keep(const std::vector<DomainVar>& domain) {
    Ranges ranges = ranges_of(domain);
    for (const DomainVar& v : domain)
        if (is_const(v.extent.expr(), 1)) ranges[v.symbol].max = Expr();
    return ranges;
}

SplitQuotients split_quotients(const std::vector<Expr>& left, UpdateOp op, const std::vector<Expr>& right,
                               const Reducer& reducer, const std::vector<DomainVar>& domain) {
    SplitQuotients result{left, right, domain, {}, {}};
    for (int round = 0; round < 8; ++round) {
        for (Expr& index : result.left) index = simplify(index, ranges_that_keep(result.domain));
        std::optional<Quotient> found;
        for (const Expr& index : result.left)
            for_each_node(index, [&](const Expr& e) {
                if (!found) found = quotient_of(e);
            });
        if (!found) return result;
        const auto v = std::find_if(result.domain.begin(), result.domain.end(),
                                    [&](const DomainVar& each) { return each.symbol == found->symbol; });
        if (v == result.domain.end()) return result;
        const DomainVar whole = *v;
        const Expr last = whole.extent.expr() + (found->shift + found->divisor - 1);
        const Extent outer_extent(last / found->divisor), inner_extent(found->divisor);
        const SymbolKind kind = whole.symbol.kind();
        const Symbol outer(whole.symbol.name() + "1", kind, outer_extent.expr().handle());
        const Symbol inner(whole.symbol.name() + "0", kind, inner_extent.expr().handle());
        *v = {outer, outer_extent, whole.reduced};
        result.domain.insert(v + 1, {inner, inner_extent, whole.reduced});
        const Expr value = Expr(outer) * found->divisor + Expr(inner) - found->shift;
        const Ranges ranges = ranges_of(result.domain);
        const bool below = prove(Expr(0) <= value, ranges) != true;
        const bool above = prove(value < whole.extent.expr(), ranges) != true;
        if (below) result.not_below.push_back(outer);
        if (above) result.not_above.push_back(outer);
        // The test of what was split stands for that of the new variable, which must not vanish from it.
        const Ranges tested = below || above ? ranges_that_keep(result.domain) : ranges;
        for (Expr& index : result.left) index = substitute(index, {{whole.symbol, value}});
        result.right =
            guard_reads(result.right, op, reducer, {{whole.symbol, value, whole.extent.expr()}}, {}, tested).right;
    }
    return result;
}

}  // namespace heddle
