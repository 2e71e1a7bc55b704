// tests/ops/operator_gradient_gpu_test.cpp -- gradients of every operator on a CUDA device: what evaluate() gives, and
// the same bits at every run.
#include <gtest/gtest.h>

#include <cstring>

#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/ops/operator_gradients.h"
#include "tests/ops/operator_uses.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

/// The outputs of one run on poisoned memory, on the host.
std::vector<Buffer> run_on_device(const Kernel& kernel, const NamedBuffers& inputs) {
    std::vector<Buffer> buffers;
    for (const AnyTensor& input : kernel.pipeline().inputs) buffers.push_back(to_device(inputs.at(input.name())));
    for (const AnyTensor& output : kernel.pipeline().outputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : output.shape()) shape.push_back(extent.value());
        const Buffer poisoned(output.type(), shape);
        poisoned.poison();
        buffers.push_back(to_device(poisoned));
    }
    kernel.run(buffers);
    synchronize();
    std::vector<Buffer> results;
    for (std::size_t i = kernel.pipeline().inputs.size(); i < buffers.size(); ++i)
        results.push_back(to_host(buffers[i]));
    return results;
}

bool same_bits(const std::vector<Buffer>& a, const std::vector<Buffer>& b) {
    for (std::size_t i = 0; i < a.size(); ++i)
        if (std::memcmp(a[i].data(), b[i].data(), static_cast<std::size_t>(a[i].elements() * bytes_of(a[i].type()))) !=
            0)
            return false;
    return true;
}

struct gpu_operator_gradients : testing::TestWithParam<std::string> {};

TEST_P(gpu_operator_gradients, agree_with_evaluate_and_have_the_same_bits_in_20_runs) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    const OperatorGradient whole(GetParam(), 1, true);
    const Kernel kernel =
        compile_here(whole.derived.pipeline, {}, Target::cuda(current_cuda_device().compute_capability));
    const NamedBuffers expected = evaluate(whole.derived.pipeline, whole.derived_inputs());
    const std::vector<Buffer> found = run_on_device(kernel, whole.derived_inputs());
    for (std::size_t i = 0; i < found.size(); ++i) {
        const std::string& name = whole.derived.pipeline.outputs[i].name();
        EXPECT_EQ(first_difference(name, found[i], expected.at(name), whole.tolerance()), "") << whole.use;
    }
    const NamedBuffers inputs = OperatorGradient(GetParam(), 3).derived_inputs();
    const std::vector<Buffer> first = run_on_device(kernel, inputs);
    for (int run = 1; run < 20; ++run) ASSERT_TRUE(same_bits(first, run_on_device(kernel, inputs))) << whole.use;
}

INSTANTIATE_TEST_SUITE_P(Uses, gpu_operator_gradients, testing::ValuesIn(differentiable_uses()),
                         [](const auto& info) { return test_name(info.param, info.index); });

}  // namespace
}  // namespace heddle::test
