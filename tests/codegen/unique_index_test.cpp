// tests/codegen/unique_index_test.cpp -- indices that are promised to differ: one writer an element, and a broken
// promise.
#include "dsl/unique_index.h"

#include <gtest/gtest.h>

#include "dsl/gather_pipeline.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

const char* const scatter = "g: f32[6,20]; t: i32[6]; u: f32[9,20]\nu[unique_index(t[n],9),c] += g[n,c]";

NamedBuffers with_indices(const Pipeline& pipeline, const std::vector<double>& t) {
    NamedBuffers inputs = random_inputs(pipeline, 1, true);
    inputs["t"] = buffer_of(i32, {6}, t);
    return inputs;
}

TEST(UniqueIndex, IsWrittenInParallelWithoutSortOrAtomics) {
    const Pipeline pipeline = parse_pipeline(scatter);
    const Compiled compiled(pipeline, with_indices(pipeline, {8, 0, 5, 3, 1, 2}));
    EXPECT_EQ(compiled.difference("parallel(n) split(c, 8) vectorize(c.i)"), "");
    EXPECT_EQ(compiled.difference(), "");
    const std::string schedule = print(default_schedule(gather_pipeline(pipeline), Target::cuda(90)));
    EXPECT_EQ(schedule.find("sort_points"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("block_x"), std::string::npos) << schedule;
}

TEST(UniqueIndex, MayBeAssigned) {
    const char* text = "g: f32[6,20]; t: i32[6]; u: f32[9,20]\nu[unique_index(t[n],9),c] = g[n,c]";
    const Pipeline pipeline = parse_pipeline(text);
    EXPECT_EQ(print(*parse_pipeline(print(pipeline)).stages[0].definition), "u[unique_index(t[n],9),c] = g[n,c]");
    const Compiled compiled(pipeline, with_indices(pipeline, {8, 0, 5, 3, 1, 2}));
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("parallel(n)"), "");
    expect_refusal([] { parse_pipeline("g: f32[6]; t: i32[6]; u: f32[9]\nu[index(t[n],9)] = g[n]"); },
                   "promise that its values differ: unique_index(...)");
}

TEST(UniqueIndex, BesideADimensionThatIsGathered) {
    const char* text =
        "g: f32[6,4]; w: f32[3]; t: i32[6]; u: f32[9,9]\nu[unique_index(t[n],9),2*p+r-1] += g[n,p] * w[r]";
    const Pipeline pipeline = parse_pipeline(text);
    const NamedBuffers inputs = with_indices(pipeline, {8, 0, 5, 3, 1, 2});
    std::vector<GatherReport> reports;
    const Pipeline gather = gather_pipeline(pipeline, &reports);
    EXPECT_TRUE(reports[0].changed) << reports[0].text;
    EXPECT_EQ(first_difference("u", evaluate(gather, inputs).at("u"), evaluate(pipeline, inputs).at("u")), "");
    EXPECT_EQ(Compiled(gather, inputs).difference(), "");
}

TEST(UniqueIndex, PassesToTheGradient) {
    const Pipeline forward = parse_pipeline("x: f32[9,20]; t: i32[6]\ny[n,c] = x[unique_index(t[n],9),c]");
    const auto [dx] = gradient(forward.outputs[0], {forward.find("x")});
    EXPECT_NE(print(*dx.node()->definitions[0]).find("dx[unique_index(t["), std::string::npos);
    const Pipeline backward = Pipeline::of({dx});
    EXPECT_EQ(Compiled(backward, with_indices(backward, {8, 0, 5, 3, 1, 2})).difference(), "");
}

TEST(UniqueIndex, ABrokenPromiseIsFoundByEvaluate) {
    const Pipeline pipeline = parse_pipeline(scatter);
    expect_refusal(
        [&] {
            evaluate(pipeline, with_indices(pipeline, {8, 0, 5, 3, 0, 2}));
        },
        "unique_index(t[n], 9) gives 0 twice, at n=1 and n=4: its values were promised to differ");
    expect_refusal(
        [&] {
            run_kernel(compile_here(pipeline), with_indices(pipeline, {8, 0, 5, 3, 9, 2}));
        },
        "t[4] is 9, outside of [0, 9)");
}

}  // namespace
}  // namespace heddle::test
