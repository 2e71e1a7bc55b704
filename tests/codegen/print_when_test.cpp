// tests/codegen/print_when_test.cpp -- print_when prints each point where its condition holds once, in vector loops
// too.
#include <gtest/gtest.h>

#include "codegen/compile.h"
#include "dsl/parse.h"

namespace heddle::test {
namespace {

class PrintWhen : public ::testing::TestWithParam<const char*> {};
TEST_P(PrintWhen, SaysEachPointOnce) {
    const Pipeline pipeline =
        parse_pipeline("x: f32[13]\ny: f32[13]\ny[n] = print_when(x[n] < 0.0, \"negative\", 2.0 * x[n], n, x[n])");
    CompileOptions options;
    options.schedule = parse_schedule(GetParam());
    options.use_cache = false;
    const Buffer x(f32, {13}), y(f32, {13});
    for (int n = 0; n < 13; ++n) x.set({n}, n == 3 || n == 12 ? -0.5 : n);
    testing::internal::CaptureStderr();
    compile(pipeline, Target::host(), options)({{"x", x}, {"y", y}});
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "negative: 3, -0.5\nnegative: 12, -0.5\n");
    EXPECT_EQ(y.get({12}), -1);
    EXPECT_EQ(y.get({11}), 22);
}
INSTANTIATE_TEST_SUITE_P(Schedules, PrintWhen,
                         ::testing::Values("y: unroll(n)", "split(n, 4)", "split(n, 4) vectorize(n.i)",
                                           "split(n, 4) vectorize(n.i) partition(n.o)"));

}  // namespace
}  // namespace heddle::test
