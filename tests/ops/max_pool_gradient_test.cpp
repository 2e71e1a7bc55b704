// tests/ops/max_pool_gradient_test.cpp -- a max pool's gradient reads the places that the forward saved, in the
// smallest type.
#include <gtest/gtest.h>

#include "dsl/print.h"
#include "tests/ops/operator_gradients.h"

namespace heddle::test {
namespace {

struct Saved {
    const char* use;
    const char* tensor;
    ScalarType type;
};
void PrintTo(const Saved& saved, std::ostream* out) { *out << saved.use; }

struct MaxPoolGradient : testing::TestWithParam<Saved> {};

TEST_P(MaxPoolGradient, ReadsSavedPlaces) {
    const Pipeline backward = OperatorGradient(GetParam().use).derived.written;
    ASSERT_TRUE(backward.find(GetParam().tensor).defined()) << print(backward);
    EXPECT_EQ(backward.find(GetParam().tensor).type(), GetParam().type);
    const std::string dx = print(*backward.outputs[0].node()->definitions.at(0));
    EXPECT_NE(dx.find(GetParam().tensor), std::string::npos) << dx;
    EXPECT_EQ(dx.find("(x)"), std::string::npos) << dx;
    EXPECT_EQ(dx.find("x["), dx.rfind("x[")) << dx;  // the one on the left
}

INSTANTIATE_TEST_SUITE_P(Uses, MaxPoolGradient,
                         testing::Values(Saved{"max_pool2d x=f32:1x2x9x9 kernel_size=3 stride=2 padding=1", "y_at", u8},
                                         Saved{"min_pool2d x=f32:1x2x9x9 kernel_size=3 stride=2 padding=1", "y_at", u8},
                                         Saved{"max_pool2d x=f32:1x2x9x9 kernel_size=3 padding=1 return_indices=true",
                                               "y_offsets", u8},
                                         Saved{"max_pool2d x=f32:1x1x20x20 kernel_size=16,15 stride=1", "y_at", u8},
                                         Saved{"max_pool2d x=f32:1x1x20x20 kernel_size=16 stride=1", "y_at", u16}));

}  // namespace
}  // namespace heddle::test
