// tests/codegen/reduction_test.cpp -- maxima, positions and tuples under every order of their loops, with NaN and ties.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/print_values.h"

namespace heddle::test {
namespace {

constexpr double nan_value = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

// Rows of 12: ties, one NaN, several NaN, all -inf, all NaN, infinities of both signs, NaN first and last, plain.
Buffer rows(ScalarType type) {
    const Buffer x(type, {8, 12});
    for_each_index(x.shape(), [&](const auto& i) {
        const std::int64_t row = i[0], c = i[1];
        double value = (c * 5 + row) % 7 - 3;
        if (row == 0) value = c % 3 == 1 ? 4 : 1;
        if (row == 1 && c == 7) value = nan_value;
        if (row == 2 && c % 4 == 2) value = nan_value;
        if (row == 3) value = -infinity;
        if (row == 4) value = nan_value;
        if (row == 5 && c == 3) value = infinity;
        if (row == 5 && c == 4) value = -infinity;
        if (row == 6 && (c == 0 || c == 11)) value = nan_value;
        x.set(i, value);
    });
    return x;
}

struct Case {
    const char* name;
    const char* definition;
    const char* outputs;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

const Case cases[] = {
    {"max", "y[n] max= x[n,c]", "y: TYPE[8]"},
    {"min", "y[n] min= x[n,c]", "y: TYPE[8]"},
    {"argmax", "y[n] argmax= x[n,c]", "y: i32[8]"},
    {"pair",
     "(y[n], i[n]) reduce argmax {(-inf, -1); (a, i), (b, j) -> (max(a, b), select(a < b || (a == b && j < i && j >= "
     "0) || i < 0, j, i))} (x[n,c], c)",
     "y: TYPE[8]; i: i64[8]"},
};

class Reduction : public testing::TestWithParam<std::tuple<Case, const char*, ScalarType>> {};

TEST_P(Reduction, GivesTheContractsElement) {
    const auto& [c, schedule, type] = GetParam();
    std::string text = "x: TYPE[8,12]\n" + std::string(c.outputs) + "\n" + c.definition;
    for (std::size_t at = text.find("TYPE"); at != std::string::npos; at = text.find("TYPE"))
        text.replace(at, 4, name_of(type));
    // The pair's own rule for NaN is not the contract's: numbers alone.
    Buffer x = rows(type);
    if (std::string(c.name) == "pair") x.fill_random(3, true);
    const Compiled compiled(parse_pipeline(text), {{"x", x}});
    EXPECT_EQ(compiled.difference(std::string(schedule)), "");
    EXPECT_EQ(compiled.difference(std::string(schedule), Target::parse("host:avx2")), "");
}

INSTANTIATE_TEST_SUITE_P(
    All, Reduction,
    testing::Combine(testing::ValuesIn(cases),
                     testing::Values("y.0: unroll(c)", "y.0: reorder(c, n) accumulate_in(stack, root)",
                                     "y.0: reorder(c, n) vectorize(n) accumulate_in(registers, root)",
                                     "y.0: split(c, 4) reorder(n, c.i, c.o)", "y.0: split(c, 5, tail=peel) unroll(c.i)",
                                     "y.0: split(n, 4) reorder(n.o, c, n.i) unroll(c, 3) vectorize(n.i) parallel(n.o)"),
                     testing::Values(f32, f64, f16)));

class LaneReduction : public testing::TestWithParam<std::tuple<const char*, const char*>> {};

TEST_P(LaneReduction, OfAVectorLoop) {
    const auto [op, schedule] = GetParam();
    const Compiled compiled(parse_pipeline("x: f32[8,12]\ny: f32[8]\ny[n] " + std::string(op) + " x[n,c]"),
                            {{"x", rows(f32)}});
    EXPECT_EQ(compiled.difference(std::string(schedule)), "");
}
INSTANTIATE_TEST_SUITE_P(All, LaneReduction,
                         testing::Combine(testing::Values("max=", "min=", "+=", "*="),
                                          testing::Values("y.0: vectorize(c)", "y.0: split(c, 8) vectorize(c.i)",
                                                          "y.0: split(c, 8) reorder(c.o, n, c.i) vectorize(c.i) "
                                                          "accumulate_in(stack, c.o)")));

TEST(MaxPool, FollowsPyTorchAtTheEdges) {
    const Buffer x(f32, {1, 6, 7});
    for_each_index(x.shape(), [&](const auto& i) {
        x.set(i, i[1] < 3 ? -infinity : i[2] == 5 ? nan_value : i[2] - 9);
    });
    const Compiled compiled(parse_pipeline("x: f32[1,6,7]\ny: f32[1,3,4]\nw: i32[1,3,4]\n"
                                           "y[c,p,q] max= skip(x)[c,2*p+r-1,2*q+s-1] | r<3 s<3\n"
                                           "w[c,p,q] argmax= skip(x)[c,2*p+r-1,2*q+s-1] | r<3 s<3\noutput y, w"),
                            {{"x", x}});
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("y.0: vectorize(s); w.0: reorder(s, r) accumulate_in(stack, q)"), "");
    EXPECT_EQ(compiled.difference("y.0: clip(r) clip(s); w.0: clip(r) clip(s)"), "");
    EXPECT_EQ(compiled.difference("y.0: unroll(r) unroll(s) partition(q); w.0: unroll(r) unroll(s) partition(q)"), "");
}

TEST(Tuple, ReducesInLanes) {
    const Compiled compiled(
        "x: f32[8,12]\nm: f32[8]\ns: f32[8]\n"
        "(m[n], s[n]) reduce total {(-inf, 0); (a, b), (c, d) -> (max(a, c), b + d)} "
        "(x[n,c], x[n,c] * 2.0)");
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("m.0: reorder(c, n) vectorize(n) accumulate_in(registers, root)"), "");
    EXPECT_EQ(compiled.difference("m.0: split(c, 3) unroll(c.i) parallel(n)"), "");
    EXPECT_EQ(compiled.difference("m.0: split(c, 4) reorder(c.o, n, c.i) accumulate_in(stack, c.o)"), "");
}

}  // namespace
}  // namespace heddle::test
