// tests/codegen/element_type_test.cpp -- loads, stores and sums of every element type.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/print_values.h"
#include "tests/support/special_values.h"

namespace heddle::test {
namespace {

class ElementType : public testing::TestWithParam<ScalarType> {};
class NumberType : public testing::TestWithParam<ScalarType> {};  // bool has neither sums nor an order

std::string with_type(std::string text, ScalarType type) {
    for (std::size_t at = text.find("TYPE"); at != std::string::npos; at = text.find("TYPE"))
        text.replace(at, 4, name_of(type));
    return text;
}

TEST_P(ElementType, CopiesAndTransposes) {
    const Compiled compiled(with_type("x: TYPE[19,23]\ny: TYPE[23,19]\ny[i,j] = x[j,i]", GetParam()));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("y.0: split(j, 8, tail=peel) vectorize(j.i) unroll(i, 2)"), "");
    EXPECT_EQ(compiled.difference("y.0: reorder(j, i) split(i, 16) vectorize(i.i) streaming_stores()"), "");
}

TEST_P(ElementType, ReadsPastTheEdge) {
    const Compiled compiled(
        with_type("x: TYPE[5,21]\ny: TYPE[5,21]\ny[i,j] = select(i % 2 == 0, "
                  "constant(x, 1)[i,j-3], replicate(x)[i-1,j+2])",
                  GetParam()));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("y.0: split(j, 8) vectorize(j.i) partition(j.o)"), "");
}

// Sums that a rounding after each step would spoil, and integers that wrap.
TEST_P(NumberType, RoundsASumOnce) {
    const Pipeline pipeline = parse_pipeline(with_type("x: TYPE[17,40]\ny: TYPE[17]\ny[n] += x[n,c]", GetParam()));
    const Buffer x(GetParam(), {17, 40});
    for_each_index(x.shape(), [&](const auto& i) { x.set(i, i[1] == 0 ? 120 + 8 * i[0] : (i[1] + i[0]) % 3); });
    const Compiled compiled(pipeline, {{"x", x}});
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference(Schedule()), "");
    EXPECT_EQ(compiled.difference("y.0: reorder(c, n) split(n, 8) vectorize(n.i) accumulate_in(stack, root)"), "");
    EXPECT_EQ(compiled.difference("y.0: split(c, 16) vectorize(c.i)"), "");
}

TEST_P(NumberType, ProductsAndExtremes) {
    for (const char* op : {"*=", "max=", "min="}) {
        const Compiled compiled(
            with_type("x: TYPE[9,12]\ny: TYPE[9]\ny[n] " + std::string(op) + " x[n,c]", GetParam()));
        EXPECT_EQ(compiled.difference(), "") << op;
        EXPECT_EQ(compiled.difference("y.0: split(c, 4) vectorize(c.i)"), "") << op;
        EXPECT_EQ(compiled.difference("y.0: reorder(c, n) vectorize(n) accumulate_in(stack, root)"), "") << op;
    }
}

TEST_P(NumberType, Convolves) {
    const Compiled compiled(
        with_type("x: TYPE[2,7,9,5]\nw: TYPE[3,3,5,18]\ny: TYPE[2,7,9,18]\n"
                  "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[r,s,c,k]",
                  GetParam()));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::parse("host:avx2")), "");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}

std::string name_of_case(const testing::TestParamInfo<ScalarType>& info) { return std::string(name_of(info.param)); }
INSTANTIATE_TEST_SUITE_P(All, ElementType, testing::ValuesIn(all_types), name_of_case);
INSTANTIATE_TEST_SUITE_P(All, NumberType, testing::ValuesIn(number_types), name_of_case);

}  // namespace
}  // namespace heddle::test
