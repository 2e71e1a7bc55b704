// tests/dsl/parse_limit_test.cpp -- deep nesting, long chains and large texts are refused, not a crash.
#include <gtest/gtest.h>

#include "dsl/parse.h"

namespace heddle {
namespace {

std::string repeat(const std::string& part, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += part;
    return text;
}

std::string refusal(const std::string& expression) {
    ParseContext context;
    context.tensors.emplace("x", AnyTensor("x", f32, {{8}}));
    try {
        parse_expr(expression, context, {{"n", Symbol("n", SymbolKind::free)}});
    } catch (const UserError& error) {
        return error.message().substr(0, 200);
    }
    return "no error";
}

TEST(parse_limit, nesting) {
    for (const std::string open : {"(", "-", "!", "exp(", "x[", "min(n, "}) {
        const std::string close = open == "x[" ? "]" : open.back() == '(' || open[0] == 'm' ? ")" : "";
        if (open != "x[" && open != "!") {
            EXPECT_EQ(refusal(repeat(open, 150) + "n" + repeat(close, 150)), "no error") << open;
        }
        for (const int levels : {250, 100000})
            EXPECT_NE(refusal(repeat(open, levels) + "n" + repeat(close, levels)).find("nested more than 200 levels"),
                      std::string::npos)
                << open;
    }
}

TEST(parse_limit, chains) {
    EXPECT_EQ(refusal("n" + repeat(" + n", 900)), "no error");
    for (const int length : {1100, 200000})
        EXPECT_NE(refusal("n" + repeat(" + n", length)).find("chains more than 1000 operations"), std::string::npos);
}

TEST(parse_limit, size) {
    EXPECT_EQ(refusal("n" + std::string((1 << 20) - 1, ' ')), "no error");
    EXPECT_NE(refusal("n" + std::string(1 << 20, ' ')).find("definitions of up to 1048576 bytes"), std::string::npos);
}

TEST(parse_limit, definitions) {
    const auto chain = [](int length) {
        std::string text = "x: f32[2]\nt0[n] = x[n]\n";
        for (int i = 1; i < length; ++i) text += "t" + std::to_string(i) + "[n] = t" + std::to_string(i - 1) + "[n]\n";
        return text;
    };
    EXPECT_EQ(parse_pipeline(chain(2000)).stages.size(), 2000u);
    try {
        parse_pipeline(chain(25000));
        ADD_FAILURE() << "25000 definitions are taken";
    } catch (const UserError& error) {
        EXPECT_NE(error.message().find("defines more than 8192 tensors"), std::string::npos) << error.message();
    }
}

TEST(parse_limit, integers) {
    EXPECT_EQ(refusal("n + 9223372036854775807"), "no error");
    EXPECT_EQ(refusal("-9223372036854775808"), "no error");
    EXPECT_NE(refusal("9223372036854775808").find("does not fit into 64 bits"), std::string::npos);
    EXPECT_NE(refusal("-9223372036854775809").find("does not fit into 64 bits"), std::string::npos);
}

}  // namespace
}  // namespace heddle
