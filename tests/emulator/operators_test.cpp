// tests/emulator/operators_test.cpp -- the CUDA text of every operator, executed, gives what evaluate() gives.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/on_device.h"
#include "tests/support/operator_texts.h"

namespace heddle::test {
namespace {

// Functions of floats round otherwise in the compiler's library than in evaluate().
double tolerance_of(const std::string& text) {
    for (const char* function : {"exp", "log", "tanh", "sigmoid", "erf", "sqrt", "sin", "cos", " / "})
        if (text.find(function) != std::string::npos) return 1e-5;
    return 0;
}

// Two contractions of 10^8 products and more are left to the devices; smaller ones of their kind are here.
bool large(const std::string& name) { return name == "conv_nhwc_large" || name == "weight_gradient_long"; }

// A table in parts: each compiles its texts at once, and they run beside each other.
constexpr int parts = 4;

class EmulatedOperators : public testing::TestWithParam<int> {};

TEST_P(EmulatedOperators, AgreeWithEvaluate) {
    std::vector<EmulationCase> cases;
    for (const OperatorText& one : operator_texts()) {
        if (large(one.name)) continue;
        const Pipeline pipeline = parse_pipeline(one.text);
        cases.push_back({one.name, pipeline, whole_inputs(pipeline), {}, tolerance_of(one.text)});
    }
    EXPECT_EQ(emulated_differences(part_of(cases, GetParam(), parts)), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Parts, EmulatedOperators, testing::Range(0, parts));

}  // namespace
}  // namespace heddle::test
