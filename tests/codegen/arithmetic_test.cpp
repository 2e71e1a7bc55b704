// tests/codegen/arithmetic_test.cpp -- every operation on every type, scalar and in lanes, at the corners of the type.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/print_values.h"
#include "tests/support/special_values.h"

namespace heddle::test {
namespace {

std::string type_text(ScalarType type) { return std::string(name_of(type)); }

// y[i,j] = expression of a[i] and b[j], one output an expression; operands are all pairs of special values.
Compiled table_of(ScalarType type, ScalarType result, const std::vector<std::string>& expressions, double tolerance) {
    const Buffer values = special_buffer(type);
    const std::string size = std::to_string(values.shape()[0]);
    std::string text = "a: " + type_text(type) + "[" + size + "]\nb: " + type_text(type) + "[" + size + "]\n", outputs;
    for (std::size_t i = 0; i < expressions.size(); ++i) {
        const std::string name = "y" + std::to_string(i);
        text += name + ": " + type_text(result) + "[" + size + "," + size + "]\n" + name + "[i,j] = " + expressions[i] +
                "\n";
        outputs += (outputs.empty() ? "output " : ", ") + name;
    }
    const Pipeline pipeline = parse_pipeline(text + outputs);
    NamedBuffers inputs;
    for (const AnyTensor& input : pipeline.inputs) inputs[input.name()] = values;
    return Compiled(pipeline, inputs, tolerance);
}

void expect_scalar_and_lanes(const Compiled& compiled) {
    EXPECT_EQ(compiled.difference(Schedule()), "");
    Schedule lanes;
    for (const AnyTensor& output : compiled.pipeline().outputs)
        lanes.stage(output.name() + ".0").split("j", 16).vectorize("j.i");
    EXPECT_EQ(compiled.difference(lanes), "");
    EXPECT_EQ(compiled.difference(lanes, Target::parse("host:avx2")), "");
}

class Arithmetic : public testing::TestWithParam<ScalarType> {};
class NumberArithmetic : public testing::TestWithParam<ScalarType> {};  // bool has comparisons alone, and no order
class FloatArithmetic : public testing::TestWithParam<ScalarType> {};

TEST_P(Arithmetic, BinaryOperations) {
    const ScalarType type = GetParam(), computes = type == boolean ? i32 : compute_type(type);
    std::vector<std::string> operations = {"a[i] + b[j]",     "a[i] - b[j]",     "a[i] * b[j]",
                                           "min(a[i], b[j])", "max(a[i], b[j])", "a[i] / b[j]"};
    if (!is_float(type)) operations.push_back("a[i] % b[j]");
    if (type == boolean) operations = {"a[i] + b[j]", "a[i] * b[j]"};
    expect_scalar_and_lanes(table_of(type, computes, operations, 0));
}

TEST_P(Arithmetic, Comparisons) {
    std::vector<std::string> operations = {"a[i] == b[j]",
                                           "a[i] != b[j]",
                                           "a[i] < b[j]",
                                           "a[i] <= b[j]",
                                           "a[i] < b[j] && b[j] != a[i]",
                                           "!(a[i] < b[j]) || a[i] == b[j]"};
    if (GetParam() == boolean) operations = {"a[i] && b[j]", "a[i] || b[j]", "!b[j]"};
    expect_scalar_and_lanes(table_of(GetParam(), boolean, operations, 0));
}

TEST_P(NumberArithmetic, UnaryOperations) {
    const ScalarType type = GetParam();
    std::vector<std::string> operations = {"-b[j]", "abs(b[j])"};
    if (is_float(type)) operations = {"-b[j]", "abs(b[j])", "floor(b[j])", "ceil(b[j])", "round(b[j])"};
    expect_scalar_and_lanes(table_of(type, compute_type(type), operations, 0));
}

TEST_P(FloatArithmetic, Functions) {
    const ScalarType type = GetParam();
    std::vector<std::string> functions;
    for (const char* name : {"sqrt", "rsqrt", "exp", "log", "sin", "cos", "tanh", "erf", "sigmoid"})
        functions.push_back(std::string(name) + "(b[j])");
    functions.push_back("pow(a[i], b[j])");
    expect_scalar_and_lanes(table_of(type, compute_type(type), functions, type == f64 ? 1e-14 : 3e-7));
}

TEST_P(NumberArithmetic, Selection) {
    const ScalarType type = GetParam();
    const std::string zero = is_float(type) ? "0.0" : "0";
    expect_scalar_and_lanes(
        table_of(type, compute_type(type),
                 {"select(a[i] < b[j], a[i], b[j])", "select(a[i] == " + zero + ", b[j], a[i] * b[j])"}, 0));
}

std::string name_of_case(const testing::TestParamInfo<ScalarType>& info) { return type_text(info.param); }
INSTANTIATE_TEST_SUITE_P(AllTypes, Arithmetic, testing::ValuesIn(all_types), name_of_case);
INSTANTIATE_TEST_SUITE_P(AllTypes, NumberArithmetic, testing::ValuesIn(number_types), name_of_case);
INSTANTIATE_TEST_SUITE_P(AllTypes, FloatArithmetic, testing::ValuesIn(float_types), name_of_case);

}  // namespace
}  // namespace heddle::test
