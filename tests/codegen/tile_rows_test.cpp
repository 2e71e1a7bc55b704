// tests/codegen/tile_rows_test.cpp -- operands of mma.sync are loaded by rows of 16 bytes, and gathered where tiles
// have none.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "codegen/make_plan.h"
#include "dsl/parse.h"

namespace heddle::test {
namespace {

std::string text_of(const std::string& definition, const std::string& directives) {
    const Pipeline pipeline = parse_pipeline(definition);
    const Schedule schedule = parse_schedule(directives);
    std::string text;
    for (const CudaSource& source :
         cuda_sources(make_plan(pipeline, schedule, Target::parse("cuda:sm_80"), {true, false}), schedule))
        text += source.text;
    return text;
}
bool gathers(const std::string& text) { return text.find("= pack_") != std::string::npos; }

TEST(TileRows, ArePaddedByWholeUnits) {
    const auto padded = [](const char* type, const char* atom, const char* pad) {
        const std::string operand = type;
        return text_of("x: " + operand + "[64,64]\nw: " + operand + "[64,64]\ny: " + (operand == "i8" ? "i32" : "f32") +
                           "[64,64]\ny[m,n] += x[m,k] * w[n,k]",
                       std::string("tile({m, n}, {64, 32}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) "
                                   "bind(m.o, block_y) bind(n.o, block_x) accumulate_in(registers, n.o) "
                                   "cache_in(x, shared, k.o, pad=") +
                           pad + ") cache_in(w, shared, k.o) tensorize(" + atom + ", A=x, B=w)");
    };
    EXPECT_FALSE(gathers(padded("f16", "mma_sync_m16n8k16", "8")));
    EXPECT_TRUE(gathers(padded("f16", "mma_sync_m16n8k16", "1")));
    EXPECT_NE(padded("f16", "mma_sync_m16n8k16", "2").find("= load_pair("), std::string::npos);
    EXPECT_TRUE(gathers(padded("i8", "mma_sync_m16n8k32", "1")));
}

TEST(TileRows, OfAShiftedFootprintRunAlongWhatIsNotShifted) {
    const auto convolved = [](const char* x, const char* read, const char* shape) {
        return text_of(
            std::string("x: f16") + x + "\nw: f16[32,3,16]\ny: f32[2,64,32]\ny[n,q,k] += x" + read + " * w[k,s,c]",
            std::string("split(q, 32) reorder(n, q.o, s, q.i, k, c) bind(n, block_y) bind(q.o, block_x) "
                        "accumulate_in(registers, q.o) cache_in(x, shared, ") +
                (std::string(shape) == "footprint" ? "q.o" : "s") + ", " + shape +
                ") cache_in(w, shared, s) tensorize(mma_sync_m16n8k16, A=x, B=w)");
    };
    EXPECT_FALSE(gathers(convolved("[2,66,16]", "[n,q+s,c]", "footprint")));
    EXPECT_TRUE(gathers(convolved("[2,16,66]", "[n,c,q+s]", "footprint")));
    EXPECT_FALSE(gathers(convolved("[2,16,66]", "[n,c,q+s]", "loop_coordinates")));
}

}  // namespace
}  // namespace heddle::test
