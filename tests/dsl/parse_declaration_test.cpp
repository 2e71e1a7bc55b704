// tests/dsl/parse_declaration_test.cpp -- tensors, run-time sizes, extents of variables and outputs from a text.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

std::string domain(const AnyTensor& tensor) { return print_with_domain(*tensor.node()->definitions.back()); }

TEST(parse_declaration, a_tensor_on_the_left_is_made) {
    ParseContext context;
    context.tensors.emplace("x", AnyTensor("x", bf16, {{4, 6}}));
    const auto defined = parse_definitions("y[n] += x[n,c]\nz[c] max= x[n,c]; y[n] += 2 * x[n,c]", context);
    ASSERT_EQ(defined.size(), 2u);
    EXPECT_EQ(defined[0].name(), "y");
    EXPECT_EQ(defined[0].type(), f32);
    EXPECT_EQ(defined[0].shape()[0].value(), 4);
    EXPECT_EQ(defined[0].node()->definitions.size(), 2u);
    EXPECT_EQ(domain(defined[1]), "z[c] max= x[n,c] | c<6 | n<4");
    EXPECT_TRUE(context.tensors.count("y"));
}

TEST(parse_declaration, a_type_without_a_shape) {
    const Pipeline pipeline = parse_pipeline("x: f32[4]; y: i32\ny[n] = i32(x[n])");
    EXPECT_EQ(print(pipeline), "x: f32[4]\ny: i32[4]\ny[n] = i32(x[n])\n");
}

TEST(parse_declaration, sizes_of_the_context) {
    ParseContext context;
    context.parameters.emplace("N", 32);
    context.parameters.emplace("M", Extent::dynamic("M", 1, 64));
    parse_definitions("x: f32[2*N,M + 1]\ny[n] += x[n,c]", context);
    EXPECT_EQ(domain(context.tensors.at("y")), "y[n] += x[n,c] | n<64 | c<M+1");
}

TEST(parse_declaration, extents_of_variables) {
    ParseContext context;
    const auto defined = parse_definitions(
        "x: f32[9]\nr < 3\n"
        "y: f32[7]\ny[n] += x[n+r]\n"
        "z: f32[7]\nz[n] += x[n+r] | r<2\n"
        "u: f32[9]\nu[n] = x[n]",
        context);
    EXPECT_EQ(domain(defined.at(0)), "y[n] += x[n+r] | n<7 | r<3");
    EXPECT_EQ(domain(defined.at(1)), "z[n] += x[n+r] | n<7 | r<2");
    EXPECT_EQ(domain(defined.at(2)), "u[n] = x[n] | n<9");
}

TEST(parse_declaration, outputs_are_what_nothing_reads_or_what_is_named) {
    const std::string text = "x: f32[4]\ny[n] = x[n]\nz[n] = y[n]\nu[n] = y[n]\n";
    const auto outputs = [](const Pipeline& pipeline) {
        std::string names;
        for (const AnyTensor& tensor : pipeline.outputs) names += tensor.name();
        return names;
    };
    EXPECT_EQ(outputs(parse_pipeline(text)), "zu");
    EXPECT_EQ(outputs(parse_pipeline(text + "output u, y\n")), "uy");
    EXPECT_THROW(parse_pipeline("x: f32[4]"), UserError);
}

TEST(parse_declaration, tensors_that_read_one_another_are_refused) {
    const std::string text = "x: f32[4]\ny[n] += x[n]\nz[n] = y[n]\n";
    EXPECT_EQ(parse_pipeline(text).outputs.size(), 1u);
    EXPECT_THROW(parse_pipeline(text + "y[n] += z[n]\n"), UserError);
    EXPECT_THROW(parse_pipeline(text + "y[n] += z[n]\nu[n] = x[n]\n"), UserError);
}

TEST(parse_declaration, definitions_go_on_over_lines) {
    const char* text = "x: f32[4, # rows\n        5]\ny[n] +=\n    x[n,c]\n    * 2\n\n;;z[n] = y[n]\r\n";
    EXPECT_EQ(print(parse_pipeline(text)), "x: f32[4,5]\ny: f32[4]\nz: f32[4]\ny[n] += x[n,c] * 2.0\nz[n] = y[n]\n");
}

}  // namespace
}  // namespace heddle
