// tests/gradient/embedding_test.cpp -- gradients of gathers by data: sorted sums, the same bits for any schedule.
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

/// The gradient of the text's output by x.
Pipeline gradient_by_x(const std::string& text) {
    const Pipeline forward = parse_pipeline(text);
    const auto [dx] = gradient(forward.outputs[0], {forward.find("x")});
    return Pipeline::of({dx});
}

NamedBuffers with_indices(const Pipeline& pipeline, const std::vector<double>& t) {
    NamedBuffers inputs = random_inputs(pipeline, 1);
    inputs["t"] = buffer_of(i32, {static_cast<std::int64_t>(t.size())}, t);
    return inputs;
}

std::vector<double> repeated(std::int64_t count, std::int64_t limit) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>((7 * i * i + i) % limit));
    return values;
}

const std::string embedding = "x: f32[100,24]; t: i32[5000]\ny[n,c] = x[index(t[n],100),c]";

TEST(EmbeddingGradient, SumsRepeatedIndicesInOrder) {
    const Pipeline backward = gradient_by_x(embedding);
    EXPECT_EQ(print(*backward.stages[0].definition), "dx[index(t[n],100),c] += dy[n,c]");
    const Compiled compiled(backward, with_indices(backward, repeated(5000, 90)));  // the last 10 rows are never read
    EXPECT_EQ(compiled.difference(), "");
    EXPECT_EQ(compiled.difference("sort_points() parallel(i)"), "");
    const Target two = Target::parse("host,threads=2");
    EXPECT_NE(print(default_schedule(backward, two)).find("sort_points"), std::string::npos);
    EXPECT_EQ(compiled.difference(std::nullopt, two), "");
}

TEST(EmbeddingGradient, OfNothing) {
    const Pipeline backward = gradient_by_x("x: f32[100,24]; t: i32[0]\ny[n,c] = x[index(t[n],100),c]");
    EXPECT_EQ(Compiled(backward, with_indices(backward, {})).difference(), "");
}

TEST(EmbeddingGradient, OfAnIndexOutsideIsAnError) {
    const Pipeline backward = gradient_by_x(embedding);
    std::vector<double> t = repeated(5000, 90);
    t[1234] = 100;
    expect_refusal([&] { run_kernel(compile_here(backward), with_indices(backward, t)); },
                   "t[1234] is 100, outside of [0, 100)");
    expect_refusal([&] { evaluate(backward, with_indices(backward, t)); }, "gives 100 from t");
}

// A row that the data choose in each row of the output is compared: no sort, no atomics.
TEST(EmbeddingGradient, WithinARowIsCompared) {
    const Pipeline backward = gradient_by_x("x: f32[6,10]; t: i32[6]\ny[n] = x[n,index(t[n],10)]");
    EXPECT_EQ(print(*backward.stages[0].definition), "dx[n,i] = select(i == i64(t[n]), dy[n], 0.0)");
    EXPECT_EQ(Compiled(backward, with_indices(backward, {0, 9, 3, 3, 5, 1})).difference(), "");
}

// The data are as long as the part of the row that is read; elements behind it meet none of them.
TEST(EmbeddingGradient, OfPartsOfRowsReadsTheDataInside) {
    for (const char* text :
         {"x: f32[2,10]; t: i32[6]; y: f32[4,6]\ny[i,k] = x[index_clamped(t[k],2),k] | i<4 k<6",
          "x: f32[2,10]; t: i32[6]; y: f32[4,6]\ny[i,k] = x[index_clamped(reflect(t)[k+1],2),k] | i<4 k<6",
          "x: f32[2,10]; t: i32[6]; y: f32[4,6]\ny[i,k] max= x[index_clamped(t[k],2),k] | i<4 k<6",
          "x: f32[2,9,20]; t: i32[4]; y: f32[13]\n"
          "y[2*i+j] += x[index_clamped(t[j],2),i+2*j-k,3*i+1] | i<5 j<2 k<1"}) {
        const Pipeline backward = gradient_by_x(text);
        const auto size = parse_pipeline(text).find("t").shape()[0].value();
        const Compiled compiled(backward, with_indices(backward, repeated(size, 3)));
        EXPECT_EQ(compiled.difference(), "") << text;
    }
    const Pipeline backward =
        gradient_by_x("x: f32[2,4]; t: i32[3]; y: f32[2,3]\ny[i,k] = x[index_clamped(t[k],2),k] | i<2 k<3");
    NamedBuffers inputs = with_indices(backward, {1, 0, 7});
    inputs["dy"] = buffer_of(f32, {2, 3}, {1, 2, 3, 10, 20, 30});
    EXPECT_EQ(elements_of(evaluate(backward, inputs).at("dx")), (std::vector<double>{0, 22, 0, 0, 11, 0, 33, 0}));
}

TEST(EmbeddingGradient, IsReported) {
    std::vector<GatherReport> reports;
    gather_pipeline(gradient_by_x(embedding), &reports);
    EXPECT_EQ(reports[0].text,
              "scatter, points sorted by element, no atomics unless atomic() names them: the index of dimension 0 is "
              "read from data");
}

}  // namespace
}  // namespace heddle::test
