// tests/schedules/nest_index_test.cpp -- after any loop directives, a nest visits each point of the domain once.
#include <gtest/gtest.h>

#include <map>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

const char* const small = "x: f32[7,6,5]\ny[a,b,c] = x[a,b,c]\n";

std::int64_t value_of(const Expr& e, const Substitution& values) {
    const auto* value = simplify(substitute(e, values)).as<IntImm>();
    EXPECT_NE(value, nullptr);
    return value ? value->value : -1;
}

// How often each point of the domain is visited where all guards hold.
std::map<std::vector<std::int64_t>, int> visits(const StageNest& stage) {
    std::map<std::vector<std::int64_t>, int> counts;
    std::vector<std::int64_t> at(stage.loops.size(), 0);
    while (true) {
        Substitution values;
        for (std::size_t i = 0; i < at.size(); ++i) values[stage.loops[i].var] = Expr::integer(at[i]);
        bool real = true;
        for (const Guard& guard : stage.guards) real = real && value_of(guard.condition, values) != 0;
        if (real) {
            std::vector<std::int64_t> point;
            for (const DomainVar& v : stage.stage.definition->domain)
                point.push_back(value_of(stage.index.at(v.symbol), values));
            ++counts[point];
        }
        std::size_t i = at.size();
        while (i-- > 0) {
            if (++at[i] < stage.loops[i].extent.as<IntImm>()->value) break;
            at[i] = 0;
        }
        if (i == static_cast<std::size_t>(-1)) return counts;
    }
}

class NestIndex : public ::testing::TestWithParam<const char*> {};
TEST_P(NestIndex, VisitsEachPointOnce) {
    const LoopNest nest = nest_of(small, GetParam());
    const auto counts = visits(nest.stages[0]);
    EXPECT_EQ(counts.size(), 7u * 6u * 5u);
    for (const auto& [point, count] : counts) {
        EXPECT_EQ(count, 1) << point[0] << "," << point[1] << "," << point[2];
        EXPECT_TRUE(point[0] < 7 && point[1] < 6 && point[2] < 5);
    }
}
INSTANTIATE_TEST_SUITE_P(Directives, NestIndex,
                         ::testing::Values("", "reorder(c, a)", "split(a, 2)", "split(a, 3, tail=peel)", "split(b, 3)",
                                           "split(c, 8)", "split(a, 4) split(a.i, 3) split(a.o, 2)", "fuse({a, b}, f)",
                                           "fuse({a, b, c}, f)", "fuse({b, c}, f) split(f, 7)",
                                           "split(a, 4) fuse({a.i, b}, f) split(f, 5) reorder(c, f.i, a.o)",
                                           "tile({a, b}, {2, 4})",
                                           "tile({a, b, c}, {3, 3, 3}) fuse({a.o, b.o, c.o}, f)",
                                           "fuse({a, b}, f) split(f, 4) fuse({f.i, c}, g) split(g, 3)"));

TEST(NestIndexShrink, VisitsTheLastPointsTwiceAndNoneOutside) {
    const LoopNest nest = nest_of(small, "split(a, 3, tail=shrink)");
    const auto counts = visits(nest.stages[0]);
    EXPECT_EQ(counts.size(), 7u * 6u * 5u);
    for (const auto& [point, count] : counts) EXPECT_EQ(count, point[0] == 4 || point[0] == 5 ? 2 : 1) << point[0];
    EXPECT_TRUE(nest.stages[0].guards.empty());
}

}  // namespace
}  // namespace heddle::test
