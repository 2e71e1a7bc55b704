// tests/codegen/stencil_tiles_test.cpp -- stencils that follow one another, computed in overlapped tiles of the last.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"
#include "tests/support/stencil_chains.h"

namespace heddle::test {
namespace {

class StencilTiles : public testing::TestWithParam<StencilTilesCase> {};

TEST_P(StencilTiles, GiveTheUnscheduledResult) {
    const StencilTilesCase& c = GetParam();
    const Compiled compiled(chain_text(c));
    EXPECT_EQ(compiled.difference(tiles_schedule(c, 16)), "");
    EXPECT_EQ(compiled.difference(tiles_schedule(c, 8), Target::parse("host:avx2,checks")), "");
}
INSTANTIATE_TEST_SUITE_P(All, StencilTiles, testing::ValuesIn(stencil_tiles_cases()),
                         [](const auto& info) { return name_of(info.param); });

std::string default_text(int rows, int columns, const std::string& last = "") {
    const StencilTilesCase chain{3, rows, columns, 0, 0, "replicate"};
    return print(default_schedule(parse_pipeline(chain_text(chain) + last), Target::parse("host:avx512,threads=2")));
}

TEST(StencilTiles, AreTheDefaultWhereIntermediatesLeaveTheCache) {
    const std::string text = default_text(1500, 1100);
    EXPECT_NE(text.find("u1.0: compute_at(u3.0, j.o)"), std::string::npos) << text;
    EXPECT_NE(text.find("u2.0: compute_at(u3.0, j.o)"), std::string::npos) << text;
    EXPECT_EQ(default_text(200, 300).find("compute_at"), std::string::npos);
    // An output is stored whole.
    EXPECT_EQ(default_text(1500, 1100, "output u2, u3\n").find("u2.0: compute_at"), std::string::npos);
}

TEST(StencilTiles, DefaultsGiveTheUnscheduledResult) {
    EXPECT_EQ(Compiled(chain_text({3, 1030, 1040, 0, 0, "replicate"})).difference(), "");
}

TEST(StencilTiles, AStageIsComputedWhereItIsNeeded) {
    const Pipeline pipeline = parse_pipeline(
        "x: f32[40,40]\na[i,j] = x[i,j] * 2.0\nb[i,j] = zero(a)[i-1,j] + a[i,j]\nc[i,j] = x[i,j] * 3.0\n"
        "d[i,j] = zero(b)[i,j+1] + c[i,j]\noutput d\n");
    const auto nest = [&](const char* text) {
        return scheduled_nest(pipeline, parse_schedule(text), Target::parse("host:avx2"));
    };
    nest("d: split(i, 8); b: compute_at(d.0, i.o); a: compute_at(d.0, i.o)");
    expect_refusal([&] { nest("c: split(i, 8); a: compute_at(c.0, i.o)"); }, "c.0 does not read a");
    expect_refusal([&] { nest("d: split(i, 8); a: compute_at(d.0, i.o)"); }, "a is read by b.0 too");
}

}  // namespace
}  // namespace heddle::test
