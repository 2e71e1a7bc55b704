// tests/schedules/schedule_text_test.cpp -- schedules as text, back from it, and as C++.
#include <gtest/gtest.h>

#include "schedules/schedule.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

class Text : public ::testing::TestWithParam<const char*> {};
TEST_P(Text, ReadsBackAsTheSameSchedule) {
    const Schedule schedule = parse_schedule(GetParam());
    EXPECT_EQ(print(schedule), GetParam());
    EXPECT_EQ(parse_schedule(print(schedule)), schedule);
}
INSTANTIATE_TEST_SUITE_P(
    RoundTrip, Text,
    ::testing::Values("", "split(q, 14)",
                      "y.1: split(q, 14, tail=peel) reorder(n, p, q.o) parallel(n); z: vectorize(k)",
                      "tile({p, q}, {8, 14})", "split(q, 2); y: split(q, 2); split(q, 2)",
                      "specialize_warps(producer=1, consumer=2x128, registers={40, 232})", "compute_inline()",
                      "pack(w, {k.o, r, s, c, k.i})", "nested({{}, {a, {b=-1}}})", "\"a tensor\": split(\"1\", -9)",
                      "label(\"quote \\\" slash \\\\ line \\x0a\")"));

TEST(FluentForm, IsWhatItsTextReadsBackAs) {
    const AnyTensor w("w", f32, std::vector<Extent>{8}), y("y", f32, std::vector<Extent>{8});
    Schedule fluent;
    fluent.stage("y.1").split("q", 14).split("p", 8, "peel").fuse({"n", "p.o"}, "m").reorder({"m", "q.o"});
    fluent.tile({"k", "c"}, {32, 8}).unroll("q.i").unroll("c.i", 4).vectorize("k.i").parallel("m").partition("q.o");
    fluent.clip("r").accumulate_in("registers", "q.o").cache_in(w, "stack", "m").cache_in(w, "stack", "m", "flat_span");
    fluent.pack(w, {"k.o", "k.i"}).tensorize("fma").stage(y).compute_at(w, "m").compute_inline().fuse_epilogue();
    EXPECT_EQ(
        print(fluent),
        "y.1: split(q, 14) split(p, 8, tail=peel) fuse({n, p.o}, m) reorder(m, q.o) tile({k, c}, {32, 8}) "
        "unroll(q.i) unroll(c.i, 4) vectorize(k.i) parallel(m) partition(q.o) clip(r) accumulate_in(registers, q.o) "
        "cache_in(w, stack, m) cache_in(w, stack, m, flat_span) pack(w, {k.o, k.i}) tensorize(fma); "
        "y: compute_at(w, m) compute_inline() fuse_epilogue()");
    EXPECT_EQ(parse_schedule(print(fluent)), fluent);
}

TEST(Cpp, PastesAsTheSameSchedule) {
    const Schedule schedule = parse_schedule(
        "y.1: split(q, 14, tail=peel) reorder(n, q.o) tile({p}, {8}) unroll(c, 4) bind(n, block_x); z: work(grid, {n, "
        "q.o}, "
        "swizzle=4)");
    EXPECT_EQ(print_cpp(schedule),
              R"(Schedule().stage("y.1").split("q", 14, "peel").reorder({"n", "q.o"}).tile({"p"}, {8}).unroll("c", 4))"
              R"(.add("bind", {{"", "n"}, {"", "block_x"}}).stage("z").add("work", {{"", "grid"}, )"
              R"({"", std::vector<Argument>{{"", "n"}, {"", "q.o"}}}, {"swizzle", 4}});)");
    const Schedule pasted =
        Schedule()
            .stage("y.1")
            .split("q", 14, "peel")
            .reorder({"n", "q.o"})
            .tile({"p"}, {8})
            .unroll("c", 4)
            .add("bind", {{"", "n"}, {"", "block_x"}})
            .stage("z")
            .add("work", {{"", "grid"}, {"", std::vector<Argument>{{"", "n"}, {"", "q.o"}}}, {"swizzle", 4}});
    EXPECT_EQ(pasted, schedule);
}

class Malformed : public ::testing::TestWithParam<std::pair<const char*, const char*>> {};
TEST_P(Malformed, PointsAtThePlace) {
    expect_refusal([] { parse_schedule(GetParam().first); }, GetParam().second);
}
using Pair = std::pair<const char*, const char*>;
INSTANTIATE_TEST_SUITE_P(
    Schedules, Malformed,
    ::testing::Values(Pair{"split(q 4)",
                           "line 1, column 9: expected ')' after the arguments of 'split', found '4'\n"
                           "  split(q 4)\n"
                           "          ^"},
                      Pair{"split", "expected '(' after the directive 'split', found the end of the text"},
                      Pair{"split(q, )", "expected an integer, a name or a list in braces, found ')'"},
                      Pair{"split(q, 99999999999999999999)", "99999999999999999999 does not fit 64 bits"},
                      Pair{"split(q, -x)", "expected an integer after '-', found 'x'"},
                      Pair{"split(q, 4", "expected ')' after the arguments of 'split', found the end of the text"},
                      Pair{"y.1: 4", "expected a directive, as in split(q, 14), or a stage, as in y.1:, found '4'"},
                      Pair{"a(\"\\x1\")", "expected two hexadecimal digits"}, Pair{"tile({p, q)", "expected '}'"}));

TEST(Malformed, ListsNestSoDeepAndNoDeeper) {
    const std::string deep = "a(" + std::string(50, '{') + std::string(50, '}') + ")";
    const std::string deeper = "a(" + std::string(200, '{') + std::string(200, '}') + ")";
    EXPECT_EQ(print(parse_schedule(deep)), deep);
    expect_refusal([&] { parse_schedule(deeper); }, "lists nest at most 50 deep");
}

}  // namespace
}  // namespace heddle::test
