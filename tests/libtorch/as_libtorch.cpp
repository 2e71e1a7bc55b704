// tests/libtorch/as_libtorch.cpp -- comparison with libtorch.
#include "tests/libtorch/as_libtorch.h"

#include <gtest/gtest.h>

#include "tests/ops/operator_uses.h"
#include "tools/compare.h"
#include "tools/libtorch_operators.h"

namespace heddle::test {

void expect_as_libtorch(const std::string& use, const tools::Problem& problem, const NamedBuffers& inputs) {
    tools::LibtorchOperator peer(words_of(use), inputs);
    peer.run();
    const std::vector<Buffer> expected = peer.results();
    const NamedBuffers found = evaluate(problem.pipeline, inputs, EvaluatePrecision::f64);
    ASSERT_EQ(expected.size(), problem.pipeline.outputs.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const AnyTensor& output = problem.pipeline.outputs[i];
        const Buffer& result = found.at(output.name());
        ASSERT_EQ(result.shape(), expected[i].shape()) << use;
        EXPECT_EQ(result.type(), expected[i].type()) << use;
        const tools::Comparison comparison = tools::compare(result, expected[i]);
        EXPECT_LE(comparison.relative_l2, tools::tolerance_of(problem.pipeline, output.type())) << use << output.name();
    }
}

}  // namespace heddle::test
