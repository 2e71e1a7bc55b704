// tests/gradient/guarded_index_test.cpp -- an index from data that a select guards is out of range in no gradient.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

struct GuardedIndex : testing::Test {
    Pipeline forward = parse_pipeline(
        "x: f32[4]; w: f32[4]; t: i32[3]; y: f32[3]\ny[n] = select(t[n] < 0, 0.0, x[index(t[n], 4)] * w[index(t[n], "
        "4)])");
    NamedBuffers inputs{{"x", buffer_of(f32, {4}, {1, 2, 3, 4})},
                        {"w", buffer_of(f32, {4}, {5, 6, 7, 8})},
                        {"t", buffer_of(i32, {3}, {3, -100, 1})},
                        {"dy", buffer_of(f32, {3}, {10, 100, 1000})}};
    NamedBuffers inputs_of(const Pipeline& pipeline) const {
        NamedBuffers read;
        for (const AnyTensor& input : pipeline.inputs) read[input.name()] = inputs.at(input.name());
        return read;
    }
};

TEST_F(GuardedIndex, TakesNoPartInTheGradients) {
    const auto [dx, dw] = gradient(forward.outputs[0], {forward.find("x"), forward.find("w")});
    const Pipeline backward = Pipeline::of({dx, dw});
    const NamedBuffers found = evaluate(backward, inputs_of(backward));
    EXPECT_EQ(elements_of(found.at("dx")), (std::vector<double>{0, 6000, 0, 80}));
    EXPECT_EQ(elements_of(found.at("dw")), (std::vector<double>{0, 2000, 0, 40}));
}

TEST_F(GuardedIndex, IsStillCheckedWhereItIsReached) {
    inputs["t"].set({1}, 4);
    expect_refusal([&] { evaluate(forward, inputs_of(forward)); }, "gives 4 from t at n=1; legal are 0 to 3");
}

}  // namespace
}  // namespace heddle::test
