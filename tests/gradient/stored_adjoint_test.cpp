// tests/gradient/stored_adjoint_test.cpp -- what a sum of products multiplies in its gradient is a tensor, computed
// once.
#include <gtest/gtest.h>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle::test {
namespace {

std::string derived(const std::string& text, const std::vector<std::string>& names) {
    const Pipeline pipeline = parse_pipeline(text);
    std::vector<AnyTensor> wrt;
    for (const std::string& name : names) wrt.push_back(pipeline.find(name));
    std::string lines;
    for (const PipelineStage& stage : Pipeline::of(gradient(pipeline.outputs[0], wrt)).stages)
        if (stage.name()[0] == 'd') lines += print(*stage.definition) + "\n";
    return lines;
}

TEST(StoredAdjoint, AProductsReadersShareIt) {
    EXPECT_EQ(derived("x: f32[8,5]\nw: f32[4,5]\nb: f32[4]\nh: f32[8,4]\nh[n,k] = b[k]\nh[n,k] += x[n,c] * w[k,c]\n"
                      "y[n,k] = max(h[n,k], 0.0)",
                      {"x", "w", "b"}),
              "dh[n,k] = select(h[n,k] <= 0.0, 0.0, dy[n,k])\n"
              "dx[n,c] += dh[n,k] * w[k,c]\n"
              "dw[k,c] += dh[n,k] * x[n,c]\n"
              "db[k] += dh[n,k]\n");
}

TEST(StoredAdjoint, APlainReadIsNotCopied) {
    EXPECT_EQ(derived("x: f32[8,5]\nw: f32[4,5]\nh[n,k] += x[n,c] * w[k,c]\ny[n,k] = h[n,k] + 1.0", {"w"}),
              "dw[k,c] += dy[n,k] * x[n,c]\n");
}

TEST(StoredAdjoint, OtherSumsTakeItWhereTheyNeedIt) {
    EXPECT_EQ(derived("x: f32[8,5]\nh[n] += x[n,c]\ny[n] = h[n] * h[n]", {"x"}), "dx[n,c] = 2.0 * dy[n] * h[n]\n");
}

}  // namespace
}  // namespace heddle::test
