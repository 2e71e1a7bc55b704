// tests/tools/tolerance_test.cpp -- how far a result may lie from the definition's: by types, and by the schedule's
// atoms.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/compare.h"
#include "schedules/target.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

std::string product(const std::string& operands, const std::string& result) {
    return "x: " + operands + "[64,64]\nw: " + operands + "[64,64]\ny: " + result +
           "[64,64]\ny[m,n] += x[m,k] * w[n,k]";
}

TEST(Tolerance, IsOfTheLoosestTypeThatTakesPart) {
    const auto of = [](const std::string& text, ScalarType output) {
        return tolerance_of(parse_pipeline(text), output);
    };
    EXPECT_EQ(of(product("f64", "f64"), f64), 1e-12);
    EXPECT_EQ(of(product("f32", "f32"), f32), 1e-5);
    EXPECT_EQ(of(product("bf16", "f32"), f32), 1e-2);
    EXPECT_EQ(of(product("f32", "f16"), f16), 1e-2);
    EXPECT_EQ(of(product("i32", "i32"), i32), 0);
    EXPECT_EQ(of("x: f64[8]\nt: f32[8]\ny: f64[8]\nt[m] = x[m]\ny[m] = t[m] + x[m]", f64), 1e-5);
}

TEST(Tolerance, IsOfTheAtomWhereThatIsLooser) {
    const std::string tiles =
        "tile({m, n}, {64, 32}) split(k, 32) reorder(m.o, n.o, k.o, m.i, n.i, k.i) bind(m.o, block_y) "
        "bind(n.o, block_x) accumulate_in(registers, n.o) cache_in(x, shared, k.o) cache_in(w, shared, k.o) ";
    const auto of = [&](const std::string& type, const std::string& directives) {
        return tolerance_of(parse_pipeline(product(type, "f32")), parse_schedule(tiles + directives),
                            Target::parse("cuda:sm_80"), f32);
    };
    EXPECT_EQ(of("f32", ""), 1e-5);
    EXPECT_EQ(of("f32", "precision(tf32) tensorize(mma_sync_m16n8k8)"), 1e-3);
    EXPECT_EQ(of("f32", "precision(f32, pieces=2) tensorize(mma_sync_m16n8k8)"), 1e-5);
    EXPECT_EQ(of("bf16", "tensorize(mma_sync_m16n8k16)"), 1e-2);
    EXPECT_NE(error_of([&] { of("f32", "tensorize(mma_sync_m16n8k8)"); }), "no error");
}

}  // namespace
}  // namespace heddle::test
