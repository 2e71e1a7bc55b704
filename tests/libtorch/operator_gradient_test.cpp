// tests/libtorch/operator_gradient_test.cpp -- the derived gradients of every operator, by all its inputs of floats,
// against libtorch's.
#include <gtest/gtest.h>

#include "tests/ops/operator_uses.h"
#ifdef HEDDLE_HAVE_LIBTORCH
#include "dsl/evaluate.h"
#include "dsl/gradient.h"
#include "tools/compare.h"
#include "tools/libtorch_operators.h"
#include "tools/problem.h"
#endif

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// Those with types that libtorch's CPU operators take throughout, and a float to derive by.
std::vector<std::string> differentiable_uses() {
    std::vector<std::string> uses;
    for (const std::string& use : operator_uses()) {
        bool known = true;
        for (const char* type : {"f16:", "=i8:", "x=i32:"}) known = known && use.find(type) == std::string::npos;
        if (known) uses.push_back(use);
    }
    return uses;
}

struct LibtorchGradient : testing::TestWithParam<std::string> {};

TEST_P(LibtorchGradient, IsTheSame) {
    const std::string& use = GetParam();
    const tools::Problem problem = tools::make_problem(words_of(use));
    NamedBuffers inputs = tools::make_inputs(problem, 5);
    std::vector<std::string> names;
    std::vector<AnyTensor> wrt;
    for (const AnyTensor& input : problem.pipeline.inputs)
        if (is_float(input.type())) {
            names.push_back(input.name());
            wrt.push_back(input);
        }
    const tools::Problem derived{use, Pipeline::of(gradient(problem.pipeline.outputs[0], wrt)), {}, {}};
    Buffer seed;
    for (const auto& [name, buffer] : tools::make_inputs(derived, 7))
        if (!inputs.count(name)) inputs[name] = seed = buffer;
    tools::LibtorchOperator peer(words_of(use), inputs);
    peer.record(names);
    peer.run_gradient(seed);
    const std::vector<Buffer> expected = peer.gradients();
    NamedBuffers used;
    for (const AnyTensor& input : derived.pipeline.inputs) used[input.name()] = inputs.at(input.name());
    const NamedBuffers found = evaluate(derived.pipeline, used, EvaluatePrecision::f64);
    for (std::size_t i = 0; i < expected.size(); ++i) {
        const AnyTensor& output = derived.pipeline.outputs[i];
        const tools::Comparison comparison = tools::compare(found.at(output.name()), expected[i]);
        EXPECT_LE(comparison.relative_l2, 4 * tools::tolerance_of(derived.pipeline, output.type()))
            << use << ", " << output.name();
    }
}

INSTANTIATE_TEST_SUITE_P(Uses, LibtorchGradient, testing::ValuesIn(differentiable_uses()),
                         [](const auto& info) { return test_name(info.param, info.index); });

#else

TEST(LibtorchGradient, IsTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
