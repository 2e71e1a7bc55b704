// tests/codegen/cuda_run_gpu_test.cpp -- every operator on a CUDA device gives what evaluate() gives, to the last bit.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "tests/support/on_device.h"
#include "tests/support/operator_texts.h"

namespace heddle::test {
namespace {

// Functions of floats differ between the host's library and the device's in their last bits.
double tolerance_of(const std::string& text) {
    for (const char* function : {"exp", "log", "tanh", "sigmoid", "erf", "sqrt", "sin", "cos", " / "})
        if (text.find(function) != std::string::npos) return 1e-5;
    return 0;
}

class gpu_operators : public testing::TestWithParam<OperatorText> {};

TEST_P(gpu_operators, agree_with_evaluate) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    const double tolerance = tolerance_of(GetParam().text);
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Compiled oracle(pipeline, whole_inputs(pipeline), tolerance);
    EXPECT_EQ(difference_on_device(oracle, {}, tolerance), "");
}

INSTANTIATE_TEST_SUITE_P(Operators, gpu_operators, testing::ValuesIn(operator_texts()),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
