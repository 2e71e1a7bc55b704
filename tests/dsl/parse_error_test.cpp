// tests/dsl/parse_error_test.cpp -- what is wrong is said with the line, a caret under the place, and what is expected.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

std::string refusal(const std::string& text) {
    ParseContext context;
    try {
        parse_definitions("x: f32[8,8]; bias: f32[8]; N in [1,9]\n" + text, context);
    } catch (const UserError& error) {
        return error.what();
    }
    return "no error";
}

TEST(parse_error, shows_the_line_and_a_caret) {
    EXPECT_EQ(refusal("y[n] += x[n,c * bias[c]"),
              "line 2, column 24: expected ']' after the indices of 'x', found the end of the text\n"
              "  y[n] += x[n,c * bias[c]\n"
              "                         ^");
    EXPECT_EQ(refusal("# a comment\ny[n] += x[n,c] ** bias[c]"),
              "line 3, column 17: expected a value (a number, a variable, x[n,c], exp(...)), found '*'\n"
              "  y[n] += x[n,c] ** bias[c]\n"
              "                  ^");
    EXPECT_EQ(refusal("y[n] += x[n,c]"), "no error");
}

TEST(parse_error, cuts_long_lines_around_the_place) {
    const std::string text = refusal("y[n] += " + std::string(5000, ' ') + "?" + std::string(5000, 'z'));
    EXPECT_NE(text.find("line 2, column 5009: '?' has no meaning here"), std::string::npos);
    EXPECT_LT(text.size(), 300u);
}

struct Row {
    const char* text;
    const char* message;
};
void PrintTo(const Row& row, std::ostream* out) { *out << testing::PrintToString(std::string(row.text)); }

class ParseError : public testing::TestWithParam<Row> {};

TEST_P(ParseError, says) {
    const std::string text = refusal(GetParam().text);
    EXPECT_NE(text.find(GetParam().message), std::string::npos) << text;
}

const Row rows[] = {
    {"y[n] += w[n]", "there is no tensor 'w': declare it (w: f32[64,32]) or define it first"},
    {"y[n] = bais[n]", "did you mean 'bias'?"},
    {"y[n] = bias(n)", "the tensor 'bias' is indexed with square brackets: bias[...]"},
    {"y[n] = flor(bias[n])", "there is no function 'flor'; did you mean 'floor'"},
    {"y[n] = select(n < 1, bias[n])", "'select' takes 3 arguments, 2 given"},
    {"y[n] = x[n]", "x has 2 dimensions and is indexed with 1"},
    {"y[n] = x[n,1.5]", "an index is an integer"},
    {"y[n] = bias[n] % 2.0", "needs integers"},
    {"y[n] - bias[n]", "expected an update: =, +=, *=, max=, min= or argmax=, found '-'"},
    {"y[n] = bias[n] bias[n]", "expected an operator or the end of the definition, found 'bias'"},
    {"y[n] = bias[n] | z<3", "'z' is not a variable of this definition"},
    {"y[n] = 9223372036854775808", "'9223372036854775808' does not fit into 64 bits"},
    {"y[n] = bias[n] * 1e999", "'1e999' is outside of the range of f64"},
    {"y[n] = bias[n] * 12abc", "'12abc' is not a number; a type may follow one: i32, i64, f32 or f64"},
    {"y[n] = bias[n] * 1.5i32", "a type may follow one: f32 or f64"},
    {"y[n] = 3000000000i32 | n<3", "'3000000000i32' does not fit into i32"},
    {"y[n] = bias[n+1]", "bias"},
    {"y[n] = y[n]", "y is read by its own definition"},
    {"x: f32[3]", "the tensor 'x' is there already; choose another name"},
    {"N in [1,2]", "the size 'N' is there already; choose another name"},
    {"M in [5,2]", "the run-time size M has the range [5, 2]"},
    {"z: f33[3]", "'f33' is not a type; legal are f16, bf16, f32"},
    {"z: f32[NN]", "'NN' is not a run-time size: declare it before (NN in [1,4096]); did you mean 'N'?"},
    {"z: f32[-1]", "z has the extent -1 at dimension 0"},
    {"y + 1", "expected '[' (a definition, y[n] += ...), ':' (a tensor"},
    {"3 = x", "expected a definition"},
    {"output biass", "there is no tensor 'biass'; did you mean 'bias'?"},
    {"y[n] = print_when(true, 3, bias[n])", "expected a label in quotation marks, found '3'"},
    {"y[n] = print_when(true, \"a, bias[n])", "expected a closing '\"' on the line"},
    {"y[n] = constant(bias, n)[n]", "expected a number"},
    {"y[n] = bias[n] @ 2", "'@' has no meaning here"},
    {"y[n] = bias[n] * \x80", "the byte 0x80 has no meaning here"},
};
INSTANTIATE_TEST_SUITE_P(Texts, ParseError, testing::ValuesIn(rows));

TEST(parse_error, a_refused_definition_leaves_no_tensor_behind) {
    ParseContext context;
    context.tensors.emplace("x", AnyTensor("x", f32, {{8}}));
    EXPECT_THROW(parse_definitions("y[n] = x[n,n]", context), UserError);
    EXPECT_EQ(context.tensors.count("y"), 0u);
    EXPECT_EQ(parse_definitions("y[n] = x[n]", context).size(), 1u);
}

}  // namespace
}  // namespace heddle
