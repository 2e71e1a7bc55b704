// tests/gradient/equal_terms_test.cpp -- a derivative counts a term that comes twice once, times 2.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle::test {
namespace {

std::string derived(const std::string& text) {
    const Pipeline pipeline = parse_pipeline(text);
    const Pipeline gradients = Pipeline::of({gradient(pipeline.outputs[0], {pipeline.find("x")})[0]});
    return print(*gradients.stages.back().definition);
}

TEST(EqualTerms, ASquareHasOneFactorOfTwo) {
    EXPECT_EQ(derived("x: f32[4]\ny[n] = x[n] * x[n]"), "dx[n] = 2.0 * dy[n] * x[n]");
}

TEST(EqualTerms, DifferentTermsAreAddedUp) {
    EXPECT_EQ(derived("x: f32[4]\nz: f32[4]\ny[n] = x[n] * z[n] + x[n]"), "dx[n] = (1.0 + z[n]) * dy[n]");
}

}  // namespace
}  // namespace heddle::test
