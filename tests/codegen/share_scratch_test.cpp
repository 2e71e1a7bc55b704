// tests/codegen/share_scratch_test.cpp -- intermediates that are never needed at once lie in the same memory.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

/// Steps of a stencil over an image, each read by the next, and `end` after them.
std::string iterated(int steps, const std::string& end = "") {
    std::string text = "u0: f32[20,36]\n";
    for (int step = 1; step <= steps; ++step) {
        const std::string from = "u" + std::to_string(step - 1);
        text += "u" + std::to_string(step) + "[i,j] = " + from + "[i,j] + zero(" + from + ")[i-1,j] + zero(" + from +
                ")[i,j+1]\n";
    }
    return text + end;
}

/// Every stage a nest of its own.
std::string at_root(const Pipeline& pipeline) {
    std::string text;
    for (const PipelineStage& stage : pipeline.stages) text += stage.name() + ": parallel(j); ";
    return text;
}

struct Case {
    const char* name;
    std::string text;
    std::size_t buffers;  ///< of intermediates
};
std::ostream& operator<<(std::ostream& stream, const Case& c) { return stream << c.name; }

const Case cases[] = {
    {"one_needs_its_own", iterated(2), 1},
    {"two_take_turns", iterated(8), 2},
    {"what_is_read_late_keeps_its_memory", iterated(6, "y[i,j] = u6[i,j] * u1[i,j]\n"), 3},
    {"other_shapes_stay_apart", iterated(3, "v[i,j] = u3[i,j+4] | j<32\nw[i,j] = v[i,j] * 2\ny[i,j] = w[i,j] + 1\n"),
     4},
    {"other_types_stay_apart", iterated(3, "h: f64[20,36]; h[i,j] = u3[i,j]\ny[i,j] = h[i,j] + 1\n"), 3},
    {"updates_in_memory",
     "x: f32[9,40]\nt: i32[9]\na[i,j] = x[i,j] + 1\nb[i,j] = a[i,j] * 2\nc: f32[9,40]\n"
     "c[index_clamped(t[i],9),j] += b[i,j]\ny[i,j] = c[i,j] * 3\n",
     2},
};

class ShareScratch : public testing::TestWithParam<Case> {};

TEST_P(ShareScratch, WhereLifetimesDoNotMeet) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    for (const char* target : {"host:avx512", "host:avx2"}) {
        const Schedule schedule = parse_schedule(at_root(pipeline));
        const LoweredPlan plan = make_plan(pipeline, schedule, Target::parse(target), {.verify = true});
        EXPECT_EQ(plan.plan.scratch.size(), GetParam().buffers) << target;
        EXPECT_EQ(Compiled(GetParam().text).difference(schedule, Target::parse(target)), "") << target;
    }
}

INSTANTIATE_TEST_SUITE_P(Pipelines, ShareScratch, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(ShareScratch, TakesNoMoreMemoryThanTwoImages) {
    const Pipeline pipeline = parse_pipeline(iterated(8));
    const Kernel kernel = compile_here(pipeline, parse_schedule(at_root(pipeline)));
    EXPECT_EQ(kernel.workspace_bytes(), 2 * (20 * 36 * 4 + 255) / 256 * 256);
}

}  // namespace
}  // namespace heddle::test
