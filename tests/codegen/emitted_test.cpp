// tests/codegen/emitted_test.cpp -- schedules that print but have no emission are refused by name; others compile.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

constexpr const char* product = "x: f32[128,64]\nw: f32[64,64]\ny[n,k] += x[n,c] * w[k,c]";

std::string refusal(const std::string& schedule, const std::string& target) {
    return error_of([&] { make_plan(parse_pipeline(product), parse_schedule(schedule), Target::parse(target)); });
}

TEST(Emitted, WhatHasNoEmissionIsRefusedByName) {
    EXPECT_EQ(refusal("split(n, 4) bind(n.o, block_x) bind(n.i, warp)", "cuda:sm_90"),
              "y.0: bind(n.i, warp) is not emitted for cuda:sm_90 by this version: the nest can be shown, not "
              "compiled; the default schedule can");
}

TEST(Emitted, PlainNestsAreNot) {
    EXPECT_EQ(refusal("bind(n, block_x) bind(k, thread_x)", "cuda:sm_80"), "no error");
    EXPECT_EQ(refusal("split(c, 32) bind(n, block_x) bind(c.i, thread_x) reduce_across(threads)", "cuda:sm_80"),
              "no error");
    EXPECT_EQ(refusal("split_reduction(4)", "cuda:sm_80"), "no error");
    EXPECT_EQ(refusal("split(c, 16) bind(n, block_x) cache_in(x, shared, c.o)", "cuda:sm_80"), "no error");
    EXPECT_EQ(refusal("bind(n, block_x) cache_in(w, shared, n, flat_span)", "cuda:sm_80"), "no error");
    EXPECT_EQ(refusal("bind(n, block_x) split(c, 8) bind(c.o, cluster) reduce_across(cluster)", "cuda:sm_90"),
              "no error");
    EXPECT_EQ(refusal("parallel(n)", "host"), "no error");
}

}  // namespace
}  // namespace heddle::test
