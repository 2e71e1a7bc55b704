// tests/schedules/default_schedule_test.cpp -- every definition has a legal schedule without tuning, of its family.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "schedules/tuning_space.h"
#include "tests/support/operator_texts.h"
#include "tests/support/pipeline_texts.h"

namespace heddle {
namespace {

std::string default_of(const std::string& text, const std::string& target = "host:avx512,threads=2") {
    return print(default_schedule(parse_pipeline(text), Target::parse(target)));
}

std::string text_of(const std::string& name) {
    for (const test::OperatorText& op : test::operator_texts())
        if (op.name == name) return op.text;
    ADD_FAILURE() << "no operator " << name;
    return "";
}

class DefaultScheduleTest : public testing::TestWithParam<std::string> {};

TEST_P(DefaultScheduleTest, Applies) {
    std::vector<std::string> texts = test::pipeline_texts();
    for (const test::OperatorText& op : test::operator_texts()) texts.push_back(op.text);
    const Target target = Target::parse(GetParam());
    for (const std::string& text : texts) {
        const Pipeline pipeline = parse_pipeline(text);
        LoopNest nest;
        const auto refusal = apply(default_schedule(pipeline, target), pipeline, target, nest);
        EXPECT_FALSE(refusal) << text << "\n" << refusal->reason;
    }
}

INSTANTIATE_TEST_SUITE_P(Targets, DefaultScheduleTest,
                         testing::Values("host:avx512,threads=2", "host:avx512,threads=64", "host:avx2,threads=8",
                                         "host:sse", "cuda:sm_90"));

TEST(DefaultScheduleTest, ConvolutionInNhwc) {
    EXPECT_EQ(default_of(text_of("conv_nhwc_large")),
              "y.0: split(q, 6) split(k, 64) split(k.i, 16) reorder(n, p, k.o, q.o, r, s, c, q.i, k.i.o, k.i.i) "
              "fuse({n, p}, n_p) parallel(n_p) unroll(q.i) unroll(k.i.o) vectorize(k.i.i) unroll(c, 4) clip(r) "
              "partition(q.o) accumulate_in(registers, q.o) pack(w, {k.o, r, s, c, k.i.o, k.i.i}) tensorize(fma)");
}

TEST(DefaultScheduleTest, ConvolutionInNchwPacksTheFilter) {
    const std::string narrow = default_of(text_of("conv_nchw"));  // lanes along the image
    EXPECT_NE(narrow.find("pack(w, {k.o, c, r, s, k.i})"), std::string::npos) << narrow;
    const std::string wide = default_of(  // lanes along the filters
        "x: f32[8,64,56,56]\nw: f32[64,64,3,3]\ny: f32[8,64,56,56]\n"
        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]");
    EXPECT_NE(wide.find("pack(w, {k.o, c, r, s, k.i.o, k.i.i})"), std::string::npos) << wide;
}

TEST(DefaultScheduleTest, LongSumsReturnToMemoryBetweenBlocks) {
    const std::string schedule = default_of(text_of("weight_gradient_long"));
    EXPECT_NE(schedule.find("parallel(c.o)"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("n, p, r, s,"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("partition(p) clip(q)"), std::string::npos) << schedule;
}

TEST(DefaultScheduleTest, ShortLongSumsGoByBlocksToo) {
    const std::string schedule = default_of(
        "g: f32[8,14,14,256]\nx: f32[8,14,14,256]\nd: f32[256,3,3,256]\n"
        "d[k,r,s,c] += g[n,p,q,k] * zero(x)[n,p+r-1,q+s-1,c]");
    EXPECT_NE(schedule.find("split(p, 8)"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("n, p.o,"), std::string::npos) << schedule;
}

TEST(DefaultScheduleTest, ResidueClassesAreContractionsOfTheirOwn) {
    const std::string schedule = default_of(text_of("input_gradient_strided_nchw"));
    EXPECT_NE(schedule.find("split(i, 2) split(j, 2)"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("pack(w, {i.i, j.i, "), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("clip(a) clip(b)"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("tensorize(fma)"), std::string::npos) << schedule;
    const std::string stem = default_of(text_of("input_gradient_strided_stem"));
    EXPECT_NE(stem.find("vectorize(k.i)"), std::string::npos) << stem;
}

TEST(DefaultScheduleTest, TilesOfAStridedStencilHoldAllClasses) {
    const std::string text =
        "g: f32[2,28,28,32]\nw: f32[32,3,3]\nd: f32[2,56,56,32]\n"
        "d[n,i,j,c] += zero(g)[n,(i+1)/2-a,(j+1)/2-b,c] * zero(w)[c,2*a+(i+1)%2,2*b+(j+1)%2] | a<2 b<2";
    const std::string schedule = default_of(text);
    EXPECT_NE(schedule.find("split(i, 2) split(j, 2)"), std::string::npos) << schedule;
    EXPECT_NE(schedule.find("pack(w, {c.o, a, b, i.i, j.i, c.i})"), std::string::npos) << schedule;
    // Without classes of its own a tile is one row.
    const std::string dense = default_of(
        "g: f32[2,28,28,32]\nw: f32[32,3,3]\nd: f32[2,28,28,32]\nd[n,i,j,c] += zero(g)[n,i-a,j-b,c] * w[c,a,b]");
    EXPECT_EQ(dense.find("split(i"), std::string::npos) << dense;
}

TEST(DefaultScheduleTest, SumsToAWindowHoldItInRegisters) {
    const std::string nhwc = default_of(text_of("depthwise_weight_gradient"));
    EXPECT_NE(nhwc.find("unroll(r) unroll(s) unroll(c.i.o) vectorize(c.i.i)"), std::string::npos) << nhwc;
    const std::string nchw = default_of(text_of("depthwise_weight_gradient_nchw"));
    EXPECT_NE(nchw.find("unroll(r) unroll(s) vectorize(q.i)"), std::string::npos) << nchw;
    const std::string grouped = default_of(text_of("grouped_weight_gradient_nhwc"));
    EXPECT_NE(grouped.find("vectorize(j.i)"), std::string::npos) << grouped;
}

TEST(DefaultScheduleTest, SumsToManyWindowsGoByRows) {
    const std::string schedule = default_of(
        "g: f32[8,28,28,256]\nx: f32[8,30,30,256]\nd: f32[3,3,256]\nd[r,s,c] += g[n,p,q,c] * x[n,p+r,q+s,c]");
    EXPECT_NE(schedule.find("split(c, 128) split(c.i, 16) reorder(c.o, n, p, c.i.o, q, r, s, c.i.i)"),
              std::string::npos)
        << schedule;
    EXPECT_NE(schedule.find("accumulate_in(registers, c.i.o)"), std::string::npos) << schedule;
}

TEST(DefaultScheduleTest, FiltersThatNoCacheKeepsHaveNarrowTiles) {
    const std::string schedule = default_of(
        "x: f32[8,27,27,192]\nw: f32[64,5,5,192]\ny: f32[8,27,27,64]\n"
        "y[n,p,q,k] += zero(x)[n,p+r-2,q+s-2,c] * w[k,r,s,c]");
    EXPECT_NE(schedule.find("split(k, 32)"), std::string::npos) << schedule;
}

TEST(DefaultScheduleTest, TilesOfStencilsHaveRowsTogetherThatReadTheSame) {
    const auto chain = [](const std::string& before, const std::string& behind) {
        return default_of(
            "x: f32[2048,2048]\na: f32[2048,2048]\na[i,j] = replicate(x)[i,j-1] + replicate(x)[i,j+1]\n"
            "b: f32[2048,2048]\nb[i,j] = replicate(a)[" +
            before + "] + replicate(a)[" + behind + "]");
    };
    const std::string down = chain("i-1,j", "i+1,j"), across = chain("i,j-1", "i,j+1");
    EXPECT_NE(down.find("split(i.i, 4)"), std::string::npos) << down;
    EXPECT_NE(down.find("unroll(i.i.i)"), std::string::npos) << down;
    EXPECT_EQ(across.find("unroll"), std::string::npos) << across;
    EXPECT_NE(across.find("compute_at(b.0, j.o)"), std::string::npos) << across;
}

TEST(DefaultScheduleTest, FewerRegistersGiveASmallerTile) {
    const std::string schedule = default_of(text_of("conv_nhwc_large"), "host:avx2,threads=2");
    EXPECT_NE(schedule.find("split(q, 6) split(k, 16) split(k.i, 8)"), std::string::npos) << schedule;
}

TEST(DefaultScheduleTest, ActivationsAreEpiloguesAndRowsAreInlined) {
    EXPECT_NE(default_of(text_of("conv_bias_activation")).find("y.0: fuse_epilogue()"), std::string::npos);
    const std::string softmax =
        "x: f32[64,100]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - m[n])\ns[n] += e[n,c]\ny[n,c] = e[n,c] / s[n]";
    EXPECT_NE(default_of(softmax).find("e.0: compute_inline()"), std::string::npos);
}

// On a device all reductions of a row, also those that only an inlined value reads, run where the row is gone through.
TEST(DefaultScheduleTest, RowsOfARecomputedForwardAreReadOnce) {
    const std::string schedule = default_of(text_of("softmax_gradient_with_its_forward"), "cuda:sm_90");
    EXPECT_NE(schedule.find("y.0: compute_inline()"), std::string::npos) << schedule;
    for (const char* part : {"cache_in(x, registers", "cache_in(g, registers", "m.0: compute_at(d.0",
                             "s.0: compute_at(d.0", "t.0: compute_at(d.0"})
        EXPECT_NE(schedule.find(part), std::string::npos) << part << " in " << schedule;
}

// Rows of 1031 elements start anywhere between multiples of 16 bytes; rows of 1000 at them.
TEST(DefaultScheduleTest, LoopsOverOddRowsAreAligned) {
    EXPECT_NE(default_of(text_of("softmax_odd_rows"), "cuda:sm_90").find("align(c, x, 4)"), std::string::npos);
    EXPECT_EQ(default_of("x: f32[8,1000]\ny[n] += x[n,c]", "cuda:sm_90").find("align"), std::string::npos);
}

TEST(DefaultScheduleTest, SmallDomainsStaySerial) {
    EXPECT_EQ(default_of(text_of("tiny")).find("parallel"), std::string::npos);
    EXPECT_NE(default_of(text_of("linear")).find("parallel"), std::string::npos);
}

TEST(DefaultScheduleTest, IsThePreferredCandidate) {
    const Pipeline pipeline = parse_pipeline(text_of("max_pool_nhwc"));
    const Target target = Target::parse("host:avx512");
    const TuningSpace space = tuning_space(pipeline, target);
    EXPECT_EQ(space.schedule(space.preferred), default_schedule(pipeline, target));
    EXPECT_EQ(space.family, "stencil");
}

}  // namespace
}  // namespace heddle
