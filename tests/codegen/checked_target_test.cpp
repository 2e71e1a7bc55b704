// tests/codegen/checked_target_test.cpp -- a checked target names the user's tensors and the first bad index.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

// round_up promises storage past the tensors, which these buffers have not.
NamedBuffers run_rounded_up(const std::string& schedule, const Target& target) {
    const Pipeline pipeline = parse_pipeline("image: f32[2,13]; out: f32[2,13]\nout[i,j] = image[i,j] + 1.0");
    CompileOptions options;
    options.schedule = parse_schedule(schedule);
    options.use_cache = options.use_database = false;
    return run_kernel(compile(pipeline, target, options), random_inputs(pipeline));
}

TEST(CheckedTarget, ReportsAReadOutside) {
    const Target checked = Target::host().checked();
    expect_refusal([&] { run_rounded_up("out.0: split(j, 4, tail=round_up)", checked); },
                   "image is read at [0, 13], outside of its shape [2, 13]");
    expect_refusal([&] { run_rounded_up("out.0: split(j, 8, tail=round_up) vectorize(j.i)", checked); },
                   "image is read at [0, 13], outside of its shape [2, 13]");
    EXPECT_NO_THROW(run_rounded_up("out.0: split(j, 4)", checked));
}

TEST(CheckedTarget, ReportsAWriteOutside) {
    const Pipeline pipeline = parse_pipeline("out: f32[13]\nout[j] = 1.0");
    CompileOptions options;
    options.schedule = parse_schedule("out.0: split(j, 4, tail=round_up)");
    options.use_cache = options.use_database = false;
    const Kernel kernel = compile(pipeline, Target::host().checked(), options);
    expect_refusal([&] { run_kernel(kernel, {}); }, "out is written at [13], outside of its shape [13]");
}

TEST(CheckedTarget, TakesANaNResultForWhatItIs) {
    const Compiled compiled(parse_pipeline("x: f32[4]; y: f32[4]\ny[i] = sqrt(x[i]) / (x[i] - x[i])"),
                            {{"x", buffer_of(f32, {4}, {-1, 0, 4, -0.0})}});
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}

TEST(CheckedTarget, GivesTheSameResults) {
    const Compiled compiled(
        "x: f32[2,7,9,5]; w: f32[6,3,3,5]; b: f32[6]; y: f32[2,7,9,6]\ny[n,p,q,k] = b[k]\n"
        "y[n,p,q,k] += reflect(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\nz[n,p,q,k] = max(y[n,p,q,k], 0.0)");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
    EXPECT_EQ(compiled.difference(Schedule(), Target::host().checked()), "");
}

// Points that a skip read leaves out of an `=` leave 0 behind.
TEST(CheckedTarget, FindsEveryElementWritten) {
    const Compiled compiled("x: f32[9]; y: f32[11]\ny[n] = skip(x)[n-1]");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
    EXPECT_EQ(compiled.difference("y.0: vectorize(n)"), "");
}

}  // namespace
}  // namespace heddle::test
