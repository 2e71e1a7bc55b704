// tests/codegen/tile_rows_test.cpp -- operands of mma.sync are loaded by rows of 16 bytes: where tiles have none, that
// is refused with a reason.
#include <gtest/gtest.h>

#include "codegen/make_plan.h"
#include "dsl/parse.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

std::string refusal(const std::string& definition, const std::string& directives) {
    return error_of(
        [&] { make_plan(parse_pipeline(definition), parse_schedule(directives), Target::parse("cuda:sm_80")); });
}

TEST(TileRows, ArePaddedByWholeUnits) {
    const auto padded = [](const char* type, const char* atom, const char* pad) {
        const std::string operand = type;
        return refusal("x: " + operand + "[64,64]\nw: " + operand + "[64,64]\ny: " + (operand == "i8" ? "i32" : "f32") +
                           "[64,64]\ny[m,n] += x[m,k] * w[n,k]",
                       std::string("tile({m, n}, {64, 32}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) "
                                   "bind(m.o, block_y) bind(n.o, block_x) accumulate_in(registers, n.o) "
                                   "cache_in(x, shared, k.o, pad=") +
                           pad + ") cache_in(w, shared, k.o) tensorize(" + atom + ", A=x, B=w)");
    };
    EXPECT_EQ(padded("f16", "mma_sync_m16n8k16", "8"), "no error");
    const std::string reason = padded("f16", "mma_sync_m16n8k16", "1");
    EXPECT_NE(reason.find("rows of x_tile in shared memory start at single elements"), std::string::npos) << reason;
    EXPECT_EQ(padded("i8", "mma_sync_m16n8k32", "1"), "no error");  // bytes are gathered one by one
}

TEST(TileRows, OfAShiftedFootprintRunAlongWhatIsNotShifted) {
    const auto convolved = [](const char* x, const char* read, const char* shape) {
        return refusal(
            std::string("x: f16") + x + "\nw: f16[32,3,16]\ny: f32[2,64,32]\ny[n,q,k] += x" + read + " * w[k,s,c]",
            std::string("split(q, 32) reorder(n, q.o, s, q.i, k, c) bind(n, block_y) bind(q.o, block_x) "
                        "accumulate_in(registers, q.o) cache_in(x, shared, ") +
                (std::string(shape) == "footprint" ? "q.o" : "s") + ", " + shape +
                ") cache_in(w, shared, s) tensorize(mma_sync_m16n8k16, A=x, B=w)");
    };
    EXPECT_EQ(convolved("[2,66,16]", "[n,q+s,c]", "footprint"), "no error");
    EXPECT_NE(convolved("[2,16,66]", "[n,c,q+s]", "footprint").find("rows of x_tile"), std::string::npos);
    EXPECT_EQ(convolved("[2,16,66]", "[n,c,q+s]", "loop_coordinates"), "no error");
}

}  // namespace
}  // namespace heddle::test
