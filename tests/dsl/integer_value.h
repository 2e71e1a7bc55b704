// tests/dsl/integer_value.h -- integer expressions computed directly, and random ones to compute.
#pragma once

#include <map>
#include <random>
#include <stdexcept>
#include <vector>

#include "dsl/expr.h"
#include "dsl/integer.h"
#include "dsl/interval.h"

namespace heddle {

using Values = std::map<Symbol, std::int64_t>;

/// The value of an expression of integers and conditions.
inline std::int64_t value_of(const Expr& e, const Values& values) {
    if (const IntImm* node = e.as<IntImm>()) return node->value;
    if (const Variable* node = e.as<Variable>()) return values.at(node->symbol);
    if (const Cast* node = e.as<Cast>()) return wrap(value_of(node->operand, values), node->to);
    if (const Select* node = e.as<Select>())
        return value_of(value_of(node->condition, values) ? node->when_true : node->when_false, values);
    if (const Unary* node = e.as<Unary>()) {
        const std::int64_t operand = value_of(node->operand, values);
        if (node->op == UnaryOp::logical_not) return operand == 0;
        if (node->op == UnaryOp::negate) return apply(BinaryOp::sub, 0, operand, e.type());
        if (node->op == UnaryOp::abs) return operand < 0 ? apply(BinaryOp::sub, 0, operand, e.type()) : operand;
    }
    if (const Binary* node = e.as<Binary>())
        return apply(node->op, value_of(node->a, values), value_of(node->b, values), node->a.type());
    throw std::logic_error("not an expression of integers");
}

/// Symbols with ranges that use each other: N in [1, 6], a in [-5, 7], b in [0, 4), m in [0, 24), n in [0, N),
/// o in [0, (N+3)/4), i in [0, min(4, N - 4*o)).
struct SmallSpace {
    Symbol N = Symbol::parameter("N", 1, 6), a{"a", SymbolKind::free}, b{"b", SymbolKind::free},
           m{"m", SymbolKind::free}, n{"n", SymbolKind::free}, o{"o", SymbolKind::loop}, i{"i", SymbolKind::loop};
    Ranges ranges = {{a, {Expr(-5), Expr(7)}},
                     {b, range_of_extent(4)},
                     {m, range_of_extent(24)},
                     {n, range_of_extent(Expr(N))},
                     {o, range_of_extent((Expr(N) + 3) / 4)},
                     {i, {Expr(0), min(Expr(3), Expr(N) - 4 * Expr(o) - 1)}}};

    /// A random point within the ranges.
    Values point(std::mt19937& random) const {
        const auto pick = [&](std::int64_t low, std::int64_t high) {
            return std::uniform_int_distribution<std::int64_t>(low, high)(random);
        };
        Values values = {{N, pick(1, 6)}, {a, pick(-5, 7)}, {b, pick(0, 3)}, {m, pick(0, 23)}};
        values[n] = pick(0, values[N] - 1);
        values[o] = pick(0, (values[N] + 3) / 4 - 1);
        values[i] = pick(0, std::min<std::int64_t>(3, values[N] - 4 * values[o] - 1));
        return values;
    }
    std::vector<Symbol> symbols() const { return {N, a, b, m, n, o, i}; }
};

/// Random expressions over symbols.
struct RandomExpr {
    std::mt19937& random;
    std::vector<Symbol> symbols;

    int below(int count) { return std::uniform_int_distribution<int>(0, count - 1)(random); }
    Expr literal() {
        static constexpr int values[] = {-14, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6, 8, 12, 14};
        return values[below(14)];
    }
    Expr leaf() {
        return below(4) == 0 ? literal()
                             : Expr(symbols[static_cast<std::size_t>(below(static_cast<int>(symbols.size())))]);
    }
    Expr integer(int depth) {
        if (depth == 0) return leaf();
        const Expr x = integer(depth - 1), y = below(2) ? leaf() : integer(depth - 1);
        switch (below(16)) {
            case 0:
            case 1:
            case 2:
                return x + y;
            case 3:
                return x - y;
            case 4:
                return x * literal();
            case 5:
                return x / literal();
            case 6:
                return x % literal();
            case 7:
                return x / y;
            case 8:
                return x % y;
            case 9:
                return min(x, y);
            case 10:
                return max(x, y);
            case 11:
                return -x;
            case 12:
                return select(condition(depth - 1), x, y);
            case 13:
                return abs(x);
            case 14:
                return cast(i64, -cast(i32, x));
            default:
                return x * y;
        }
    }
    Expr condition(int depth) {
        if (depth > 0 && below(3) == 0) {
            const Expr p = condition(depth - 1), q = condition(depth - 1);
            const int form = below(3);
            return form == 0 ? p && q : form == 1 ? p || q : !p;
        }
        const Expr x = integer(depth), y = below(2) ? literal() : integer(depth);
        const int form = below(4);
        return form == 0 ? x < y : form == 1 ? x <= y : form == 2 ? equals(x, y) : not_equals(x, y);
    }
};

}  // namespace heddle
