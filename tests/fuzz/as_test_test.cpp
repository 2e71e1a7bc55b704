// tests/fuzz/as_test_test.cpp -- a case printed as a test makes the call that found it.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/fuzz/examine.h"
#include "tests/support/gradient_difference.h"

namespace heddle::fuzz {
namespace {

/// y[i] += x[i] * w[i] over 4 elements.
Draft product() {
    Draft draft;
    draft.tensors = {{"x", f64, {4}, true}, {"w", f64, {4}, true}, {"y", f64, {4}, false}};
    Node x, w, both;
    x.tensor = 0;
    w.tensor = 1;
    x.indices = w.indices = {{{{0, 1}}}};
    both.call = "*";
    both.children = {x, w};
    draft.stages = {{2, "+=", false, {}, {{"i", 4}}, both}};
    return draft;
}

TEST(AsTest, CallsWhatTheCheckCalls) {
    const std::string begin =
        "TEST(Fuzzed, name) {\n    const Pipeline pipeline = parse_pipeline(R\"(\nx: f64[4]\nw: f64[4]\ny: f64[4]\n"
        "y[i] += (x[i] * w[i]) | i<4\n)\");\n    EXPECT_EQ(";
    const Schedule unrolled = parse_schedule("y.0: unroll(i)");
    EXPECT_EQ(as_test({product(), Check::host, "host", unrolled}, "name"),
              begin +
                  "Compiled(pipeline).difference(parse_schedule(\"y.0: unroll(i)\"), Target::parse(\"host\")), \"\");\n"
                  "}\n");
    EXPECT_EQ(as_test({product(), Check::cuda, "cuda:sm_80", {}}, "name"),
              begin + "emulated_difference(Compiled(pipeline), {}, Target::parse(\"cuda:sm_80\")), \"\");\n}\n");
    EXPECT_EQ(as_test({product(), Check::device, "cuda", {}}, "name"),
              begin + "difference_on_device(Compiled(pipeline), {}, 0), \"\");\n}\n");
    EXPECT_EQ(as_test({product(), Check::gradient, "host:avx2", {}}, "name"),
              begin + "gradient_difference(pipeline, {\"x\", \"w\"}, Target::parse(\"host:avx2\")), \"\");\n}\n");
}

TEST(GradientDifference, FindsWhatIsWrong) {
    EXPECT_EQ(test::gradient_difference(parse_pipeline(text_of(product())), {"x", "w"}), "");
    const Pipeline square = parse_pipeline("x: f64[40]; y: f64[40]\ny[i] = x[i] * x[i]");
    EXPECT_EQ(test::gradient_difference(square, {}), "");
    const std::string claimed = test::gradient_difference(square, {"x"});  // it is not linear
    EXPECT_EQ(claimed.find("dx gives "), 0u) << claimed;
    EXPECT_NE(claimed.find("y[i] = x[i] * x[i]"), std::string::npos) << claimed;
}

}  // namespace
}  // namespace heddle::fuzz
