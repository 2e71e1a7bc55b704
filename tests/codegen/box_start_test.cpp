// tests/codegen/box_start_test.cpp -- boxes start at multiples of 16 bytes along a row of the tensor, or are refused.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

std::string refusal(const std::string& definition) {
    const char* schedule =
        "split(j, 8) reorder(i, j.o, j.i, s) bind(i, block_y) bind(j.o, block_x) bind(j.i, thread_x) "
        "cache_in(x, shared, j.o, footprint, atom=tma_tile)";
    return error_of(
        [&] { make_plan(parse_pipeline(definition), parse_schedule(schedule), Target::parse("cuda:sm_90")); });
}

TEST(BoxStart, IsAMultipleOf16Bytes) {
    EXPECT_EQ(refusal("x: f32[8,76]\nw: f32[5]\ny: f32[8,72]\ny[i,j] += x[i,j+s] * w[s]"), "no error");
    EXPECT_EQ(refusal("x: f32[8,72]\nw: f32[9]\ny: f32[8,72]\ny[i,j] += zero(x)[i,j+s-4] * w[s]"), "no error");
    const std::string reason = refusal("x: f32[8,72]\nw: f32[5]\ny: f32[8,72]\ny[i,j] += zero(x)[i,j+s-2] * w[s]");
    EXPECT_NE(reason.find("atom=tma_tile of x: its rows are taken from"), std::string::npos) << reason;
    EXPECT_NE(reason.find("boxes start at multiples of 16 B (4 elements)"), std::string::npos) << reason;
}

}  // namespace
}  // namespace heddle::test
