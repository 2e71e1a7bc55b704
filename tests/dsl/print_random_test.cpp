// tests/dsl/print_random_test.cpp -- random expressions of all node kinds read back with the same structure.
#include <gtest/gtest.h>

#include <random>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

class RandomExpr {
public:
    explicit RandomExpr(unsigned seed) : random_(seed) {}

    /// An integer expression: indices, reads of integers, operators.
    Expr integer(int depth) {
        switch (depth <= 0 ? below(3) : below(12)) {
            case 0:
                return Expr::integer(static_cast<int>(below(9)) - 4, below(2) ? i64 : i32);
            case 1:
                return variables.at("n");
            case 2:
                return variables.at("r");
            case 3:
                return t.at({integer(depth - 1)});
            case 4:
                return cast(pick({i8, u8, i16, i32, i64}), integer(depth - 1));
            case 5:
                return index(integer(depth - 1), integer(depth - 1), pick({IndexMode::checked, IndexMode::clamped}));
            case 6:
                return select(condition(depth - 1), integer(depth - 1), integer(depth - 1));
            case 7:
                return -integer(depth - 1);
            default:
                return binary(pick({BinaryOp::add, BinaryOp::sub, BinaryOp::mul, BinaryOp::div, BinaryOp::mod,
                                    BinaryOp::min, BinaryOp::max}),
                              integer(depth - 1), integer(depth - 1));
        }
    }

    Expr condition(int depth) {
        if (depth > 0 && below(2))
            return binary(pick({BinaryOp::logical_and, BinaryOp::logical_or}), condition(depth - 1),
                          !condition(depth - 2));
        const BinaryOp op = pick({BinaryOp::eq, BinaryOp::ne, BinaryOp::lt, BinaryOp::le});
        return below(2) ? binary(op, value(depth - 1), value(depth - 1))
                        : binary(op, integer(depth - 1), integer(depth - 1));
    }

    Expr value(int depth) {
        switch (depth <= 0 ? below(2) : below(10)) {
            case 0:
                return Expr::floating((static_cast<double>(below(100)) - 50) / 7, below(2) ? f64 : f32);
            case 1:
                return Access(x.node(), x.at({integer(depth - 1), integer(depth - 1)}).indices(), boundary());
            case 2:
                return cast(pick({f16, bf16, f32, f64}), below(2) ? integer(depth - 1) : value(depth - 1));
            case 3:
                return select(condition(depth - 1), value(depth - 1), value(depth - 1));
            case 4:
                return stop_gradient(value(depth - 1));
            case 5:
                return print_when(condition(depth - 1), "\\\"\n", value(depth - 1), {integer(depth - 1)});
            case 6:
                return unary(static_cast<UnaryOp>(2 + below(13)), value(depth - 1));
            case 7:
                return -value(depth - 1);
            default:
                return binary(pick({BinaryOp::add, BinaryOp::sub, BinaryOp::mul, BinaryOp::div, BinaryOp::min,
                                    BinaryOp::max, BinaryOp::pow}),
                              value(depth - 1), value(depth - 1));
        }
    }

    AnyTensor x{"x", f32, {{8, 8}}}, t{"t", i16, {{8}}};
    std::map<std::string, Symbol> variables{{"n", Symbol("n", SymbolKind::free)}, {"r", Symbol("r", SymbolKind::free)}};

private:
    unsigned below(unsigned n) { return static_cast<unsigned>(random_() % n); }
    template <class T>
    T pick(std::initializer_list<T> choices) {
        return choices.begin()[below(static_cast<unsigned>(choices.size()))];
    }

    Boundary boundary() {
        const BoundaryMode mode =
            pick({BoundaryMode::none, BoundaryMode::zero, BoundaryMode::constant, BoundaryMode::reflect});
        return {mode, mode == BoundaryMode::constant ? -0.1 : 0};
    }

    std::mt19937 random_;
};

TEST(print_random, reads_back) {
    RandomExpr random(11);
    ParseContext context{{{"x", random.x}, {"t", random.t}}, {}};
    for (int i = 0; i < 3000; ++i) {
        const Expr e = i % 2 ? random.value(5) : random.integer(5);
        const std::string text = print(e);
        const Expr again = parse_expr(text, context, random.variables);
        ASSERT_TRUE(equal(again, e)) << text << "\n" << print(again);
    }
}

}  // namespace
}  // namespace heddle
