// tests/libtorch/as_libtorch.cpp -- comparison with libtorch.
#include "tests/libtorch/as_libtorch.h"

#include <gtest/gtest.h>

#include "schedules/compare.h"
#include "tests/ops/operator_uses.h"
#include "tools/libtorch_operators.h"

namespace heddle::test {
namespace {

/// Of class indices, libtorch has no derivative by the weights of classes.
bool differentiates_by(const OperatorGradient& gradient, const std::string& input) {
    return input != "weight" || is_float(gradient.inputs.at("target").type());
}

}  // namespace

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
        const Comparison comparison = compare(result, expected[i]);
        EXPECT_LE(comparison.relative_l2, tolerance_of(problem.pipeline, output.type())) << use << output.name();
    }
}

void expect_as_libtorch(const OperatorGradient& gradient) {
    std::vector<std::string> wrt;
    for (const std::string& name : gradient.wrt)
        if (differentiates_by(gradient, name)) wrt.push_back(name);
    tools::LibtorchOperator peer(words_of(gradient.use), gradient.inputs);
    peer.record(wrt);
    peer.run_gradient(gradient.inputs.at("dy"));
    const std::vector<Buffer> expected = peer.gradients(), derived = gradient.evaluated();
    ASSERT_EQ(derived.size(), gradient.wrt.size());
    for (std::size_t i = 0, at = 0; i < derived.size(); ++i) {
        const std::string& name = gradient.wrt[i];
        if (!differentiates_by(gradient, name)) continue;
        const Buffer& theirs = expected[at++];
        ASSERT_EQ(derived[i].shape(), theirs.shape()) << gradient.use << ", by " << name;
        EXPECT_EQ(derived[i].type(), theirs.type()) << gradient.use << ", by " << name;
        const Comparison comparison = compare(derived[i], theirs);
        // Theirs is computed in its own type from a result that is rounded to it.
        EXPECT_LE(comparison.relative_l2, 4 * tolerance_of(gradient.derived.pipeline, derived[i].type()))
            << gradient.use << ", by " << name << ": " << comparison.found << ", not " << comparison.expected;
    }
}

}  // namespace heddle::test
