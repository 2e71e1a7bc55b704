// tests/codegen/vector_access_test.cpp -- which accesses of emitted CUDA move several elements at once.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"

namespace heddle::test {
namespace {

std::string text_of(const std::string& definition, const std::string& directives, bool aligned = true,
                    const std::vector<std::int64_t>& strides_of_x = {}) {
    const Pipeline pipeline = parse_pipeline(definition);
    const Schedule schedule = parse_schedule(directives);
    std::map<const TensorNode*, std::vector<std::int64_t>> strides;
    if (!strides_of_x.empty()) strides[pipeline.find("x").node().get()] = strides_of_x;
    const LoweredPlan plan = make_plan(pipeline, schedule, Target::cuda(80), {true, false});
    std::string text;
    for (const CudaSource& source : cuda_sources(plan, schedule, strides, aligned)) text += source.text;
    return text;
}

int count(const std::string& text, const std::string& part) {
    int times = 0;
    for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++times;
    return times;
}

TEST(VectorAccess, NeighboursMoveTogether) {
    const char* copy = "x: f32[8,64]\ny[i,j] = max(x[i,j], 0.0)";
    const std::string text = text_of(copy, "bind(i, block_x) split(j, 4) bind(j.o, thread_x) vectorize(j.i)");
    EXPECT_EQ(count(text, "load_pack<4>(x + "), 1);
    EXPECT_EQ(count(text, "store_pack(y + "), 1);
    EXPECT_EQ(count(text_of("x: f16[8,64]\ny: f16[8,64]\ny[i,j] = x[i,j]", "split(j, 8) vectorize(j.i)"),
                    "load_pack<8>(x + "),
              1);
}

TEST(VectorAccess, UnalignedOnesStayApart) {
    const char* copy = "x: f32[8,64]\ny[i,j] = max(x[i,j], 0.0)";
    const char* schedule = "bind(i, block_x) split(j, 4) bind(j.o, thread_x) vectorize(j.i)";
    EXPECT_EQ(count(text_of(copy, schedule, false), "_pack"), 0);
    EXPECT_EQ(count(text_of("x: f32[8,63]\ny[i,j] = max(x[i,j], 0.0)", schedule), "_pack"), 0);
    // Rows of x lie 65 elements apart, those of y do not.
    const std::string strided = text_of(copy, schedule, true, {65, 1});
    EXPECT_EQ(count(strided, "load_pack<"), 0);
    EXPECT_EQ(count(strided, "store_pack(y"), 1);
    EXPECT_EQ(count(text_of(copy, schedule, true, {64, 1}), "load_pack<4>(x + "), 1);
    EXPECT_EQ(count(text_of("x: f32[8,64]\ny[i,j] = x[i,63-j] | j<64", schedule), "load_pack<4>(x"), 0);
}

TEST(VectorAccess, EdgesArePeeled) {
    const std::string text =
        text_of("x: f32[8,64]\ny[i,j] += zero(x)[i,j+s-1] | j<64 s<3",
                "split(j, 4) reorder(i, j.o, s, j.i) bind(i, block_x) bind(j.o, thread_x) cache_in(x, registers, j.o) "
                "unroll(s) vectorize(j.i)");
    EXPECT_EQ(count(text, "load_pack<4>(x + "), 1);
    EXPECT_EQ(count(text, "x_tile[0][0] = "), 1);
    EXPECT_EQ(count(text, "x_tile[0][5] = "), 1);
}

TEST(VectorAccess, AlignedRowsMoveTogetherBetweenTheirEnds) {
    const char* rows = "x: f16[9,103]\ny: f16[9,103]\ny[i,j] = x[i,j] * 2.0";
    const std::string bound = "split(j, 8) bind(i, block_x) bind(j.o, thread_x) vectorize(j.i)";
    const std::string text = text_of(rows, "align(j, x, 8) " + bound);
    EXPECT_EQ(count(text, "load_pack<8>(x + "), 1) << text;
    EXPECT_EQ(count(text, "store_pack(y + "), 1) << text;
    EXPECT_EQ(count(text_of(rows, bound), "_pack"), 0);
}

// Of halves a conversion would wait for each load inside of its test.
TEST(VectorAccess, ATestOfAllLanesStandsAroundTheLoadAlone) {
    const std::string text =
        text_of("x: f16[8,64,32]\nw: f16[3,32]\ny: f16[8,64,32]\ny[i,j,c] += zero(x)[i,j+s-1,c] * w[s,c]",
                "split(c, 8) reorder(i, j, c.o, s, c.i) bind(i, block_x) bind(j, block_y) bind(c.o, thread_x) "
                "cache_in(x, registers, c.o) unroll(s) vectorize(c.i)");
    EXPECT_EQ(count(text, "x_pack = load_pack_where<8>("), 1) << text;
}

TEST(VectorAccess, ReadsInsideOfTheirTensorAreLoadedWhateverTheDataChoose) {
    const std::string schedule = "bind(i, block_x) split(j, 4) bind(j.o, thread_x) vectorize(j.i)";
    EXPECT_EQ(count(text_of("g: f32[8,64]\nx: f32[8,64]\ny[i,j] = select(g[i,j] > 0.0, x[i,j], 0.0)", schedule),
                    "load_pack<4>("),
              2);
}

// Of a gradient with stride 2 a thread has two outputs each way, and knows which taps each of them has.
TEST(VectorAccess, OutputsOfAStrideReadTheirSourcesInPacks) {
    const std::string gradient =
        "o: u8[4,8,8,16]\ng: f32[4,8,8,16]\nd: f32[4,16,16,16]\n"
        "d[n,h,v,c] += select(zero(o)[n,(h+1)/2-r,(v+1)/2-s,c] == ((h+1)%2+r*2)*3+(v+1)%2+s*2, "
        "zero(g)[n,(h+1)/2-r,(v+1)/2-s,c], 0.0f32) | r<2 s<2";
    const Schedule schedule = default_schedule(parse_pipeline(gradient), Target::cuda(80));
    const std::string text = text_of(gradient, print(schedule));
    EXPECT_NE(print(schedule).find("split(h, 2) split(v, 2) split(c, 4)"), std::string::npos) << print(schedule);
    EXPECT_EQ(count(text, "g_pack = load_pack_where<4>("), 1) << text;
    EXPECT_EQ(count(text, "o_pack = load_pack_where<4>("), 1) << text;
}

TEST(VectorAccess, TilesGoToMemoryInPacks) {
    const auto result = [](const std::string& type, const std::string& columns, const std::string& options,
                           bool aligned = true) {
        return text_of("x: f16[100,64]\nw: f16[" + columns + ",64]\ny: " + type + "[100," + columns +
                           "]\ny[m,n] += x[m,k] * w[n,k]",
                       "tile({m, n}, {64, 64}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) bind(m.o, block_y) "
                       "bind(n.o, block_x) accumulate_in(registers, n.o) cache_in(x, shared, k.o) "
                       "cache_in(w, shared, k.o) tensorize(mma_sync_m16n8k16, A=x, B=w) cache_out(y, shared, n.o" +
                           options + ")",
                       aligned);
    };
    for (const char* options : {"", ", pad=8", ", swizzle=128"}) {
        const std::string text = result("f16", "72", options);
        EXPECT_EQ(count(text, "store_pack(y + "), 1) << text;
        EXPECT_EQ(count(text, "load_pack<8>("), 1) << text;
        EXPECT_EQ(count(result("f32", "72", options), "load_pack<4>("), 1);
    }
    EXPECT_EQ(count(result("f16", "70", ""), "load_pack<2>("), 1);  // rows start at multiples of 4 bytes only
    EXPECT_EQ(count(result("f16", "71", ""), "_pack"), 0);
    EXPECT_EQ(count(result("f16", "72", "", false), "_pack"), 0);
}

}  // namespace
}  // namespace heddle::test
