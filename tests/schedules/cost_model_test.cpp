// tests/schedules/cost_model_test.cpp -- what the analytical model must get right whatever its constants are.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "dsl/parse.h"
#include "schedules/cost_model.h"
#include "tests/support/operator_texts.h"

namespace heddle {
namespace {

double estimate(const std::string& text, const std::string& schedule, const char* target) {
    const Target where = Target::parse(target);
    return analytical_model(where)->seconds(parse_pipeline(text), parse_schedule(schedule));
}

constexpr const char* host = "host:avx512,threads=2";
constexpr const char* device = "cuda:sm_90";

std::string image(int size) {
    const std::string n = std::to_string(size);
    return "x: f32[" + n + "," + n + "]\ny[i,j] = x[i,j] * 2";
}
const std::string product = "x: f32[480,512]\nw: f32[512,512]\ny[m,n] += x[m,k] * w[k,n]";
std::string tile(int rows, int columns) {
    return "split(m, " + std::to_string(rows) + ") split(n, " + std::to_string(columns * 16) +
           ") split(n.i, 16) reorder(m.o, n.o, k, m.i, n.i.o, n.i.i) unroll(m.i) unroll(n.i.o) vectorize(n.i.i) "
           "accumulate_in(registers, n.o)";
}

TEST(CostModel, MoreBytesTakeLonger) {
    for (const int size : {256, 512, 1024})
        EXPECT_LT(estimate(image(size), "split(j, 16) vectorize(j.i)", host),
                  estimate(image(2 * size), "split(j, 16) vectorize(j.i)", host));
    const std::string bound = "fuse({i, j}, e) split(e, 256) bind(e.o, block_x) bind(e.i, thread_x)";
    for (const int size : {2048, 4096})
        EXPECT_LT(estimate(image(size), bound, device), estimate(image(2 * size), bound, device));
}

TEST(CostModel, ATileThatSpillsIsWorse) {
    EXPECT_LT(estimate(product, tile(6, 4), host), estimate(product, tile(12, 4), host));
    EXPECT_LT(estimate(product, tile(6, 4), host), estimate(product, tile(1, 1), host));
}

TEST(CostModel, VectorsAndThreadsHelp) {
    EXPECT_LT(estimate(image(1024), "split(j, 16) vectorize(j.i)", host), estimate(image(1024), "", host));
    EXPECT_LT(estimate(image(4096), "split(j, 16) vectorize(j.i) parallel(i)", host),
              estimate(image(4096), "split(j, 16) vectorize(j.i)", host));
}

TEST(CostModel, ScatteredTransactionsAreWorse) {
    const auto with = [](const char* order) {
        return estimate(image(4096),
                        std::string("fuse({") + order + "}, e) split(e, 256) bind(e.o, block_x) bind(e.i, thread_x)",
                        device);
    };
    EXPECT_LT(with("i, j"),
              estimate(image(4096),
                       "reorder(j, i) fuse({j, i}, e) split(e, 256) bind(e.o, block_x) bind(e.i, thread_x)", device));
}

TEST(CostModel, MoreWavesAreWorse) {
    // One block more than the multiprocessors take at once.
    const auto rows = [](int blocks) {
        const std::string text = "x: bf16[" + std::to_string(128 * blocks) + ",4096]\nw: bf16[128,4096]\ny: bf16[" +
                                 std::to_string(128 * blocks) + ",128]\ny[m,n] += x[m,k] * w[n,k]";
        const std::string schedule =
            "split(k, 64) split(m, 128) split(n, 128) reorder(m.o, n.o, k.o, m.i, n.i, k.i) work(grid, {m.o, n.o}) "
            "accumulate_in(registers, n.o) cache_in(x, shared, k.o, loop_coordinates, atom=cp_async, swizzle=128) "
            "cache_in(w, shared, k.o, loop_coordinates, atom=cp_async, swizzle=128) pipeline(k.o, 4) "
            "tensorize(mma_sync_m16n8k16, A=x, B=w, warps={2, 4})";
        return estimate(text, schedule, device);
    };
    EXPECT_TRUE(std::isfinite(rows(132)));
    EXPECT_NEAR(rows(100), rows(132), 0.1 * rows(132));
    EXPECT_GT(rows(133), 1.3 * rows(132));
}

TEST(CostModel, WhatCannotRunTakesForEver) {
    EXPECT_TRUE(std::isinf(estimate(product, "split(k, 0)", host)));
    EXPECT_TRUE(std::isinf(estimate(product, "bind(m, thread_x) bind(n, thread_y)", device)));
}

TEST(CostModel, EveryDefaultHasATime) {
    for (const test::OperatorText& op : test::operator_texts())
        for (const char* target : {host, "host:sse", device, "cuda:sm_80"}) {
            const Pipeline pipeline = parse_pipeline(op.text);
            const Target where = Target::parse(target);
            const double seconds = analytical_model(where)->seconds(pipeline, default_schedule(pipeline, where));
            EXPECT_TRUE(std::isfinite(seconds) && seconds > 0) << op.name << " " << target;
            EXPECT_LT(seconds, 1) << op.name << " " << target;
        }
}

}  // namespace
}  // namespace heddle
