// tests/gradient/tie_test.cpp -- derivatives where a function has a corner: of two that are equal each has half, a
// literal leaves nothing to what only equals it, and neither does abs at 0.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

const std::vector<double> x_values = {-3, 1, 2, 2, 0}, w_values = {-2, -1, 2, 3, 0};

struct Corner {
    const char *name, *right;
    std::vector<double> dx, dw;  ///< where dy is 8 everywhere
};
void PrintTo(const Corner& corner, std::ostream* out) { *out << corner.name; }

class Corners : public testing::TestWithParam<Corner> {};

TEST_P(Corners, HaveTheDerivativeThatIsStated) {
    const Pipeline forward =
        parse_pipeline(fmt::format("x: f32[5]\nw: f32[5]\ny[i] = {} + 0.0 * w[i]", GetParam().right));
    const auto [dx, dw] = gradient(forward.outputs[0], {forward.find("x"), forward.find("w")});
    const NamedBuffers found = evaluate(Pipeline::of({dx, dw}), {{"x", buffer_of(f32, {5}, x_values)},
                                                                 {"w", buffer_of(f32, {5}, w_values)},
                                                                 {"dy", buffer_of(f32, {5}, {8, 8, 8, 8, 8})}});
    EXPECT_EQ(elements_of(found.at("dx")), GetParam().dx);
    EXPECT_EQ(elements_of(found.at("dw")), GetParam().dw);
}

const std::vector<double> none = {0, 0, 0, 0, 0};
INSTANTIATE_TEST_SUITE_P(All, Corners,
                         testing::Values(Corner{"larger", "max(x[i], w[i])", {0, 8, 4, 0, 4}, {8, 0, 4, 8, 4}},
                                         Corner{"smaller", "min(x[i], w[i])", {8, 0, 4, 8, 4}, {0, 8, 4, 0, 4}},
                                         Corner{"larger_than_a_literal", "max(x[i], 2.0)", none, none},
                                         Corner{"not_smaller_than_a_literal", "max(2.0, x[i])", none, none},
                                         Corner{"smaller_than_a_literal", "min(x[i], 2.0)", {8, 8, 0, 0, 8}, none},
                                         Corner{"absolute", "abs(x[i])", {-8, 8, 8, 8, 0}, none}),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
