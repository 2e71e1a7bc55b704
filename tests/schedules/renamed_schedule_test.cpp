// tests/schedules/renamed_schedule_test.cpp -- a recorded schedule says what it says of a pipeline with other names.
#include "schedules/renamed_schedule.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

constexpr const char* product = "x: f32[32,64]\nw: f32[48,64]\ny[n,k] += x[n,c] * w[k,c]";
constexpr const char* other = "a: f32[32,64]\nb: f32[48,64]\nout[row,column] += a[row,t] * b[column,t]";

std::string renamed(const std::string& written, const std::string& here, const std::string& schedule) {
    return print(with_names_of(print(parse_pipeline(written)), print(parse_pipeline(here)), parse_schedule(schedule)));
}

TEST(RenamedSchedule, loops_of_splits_and_tensors_follow_their_places) {
    EXPECT_EQ(renamed(product, other,
                      "y.0: split(k, 16) split(k.o, 2) reorder(n, k.o.o, c, k.o.i, k.i) vectorize(k.i) "
                      "accumulate_in(registers, n) pack(w, {k.o.o, c, k.o.i, k.i}) cache_in(x, shared, at=n)"),
              print(parse_schedule(
                  "out.0: split(column, 16) split(column.o, 2) reorder(row, column.o.o, t, column.o.i, column.i) "
                  "vectorize(column.i) accumulate_in(registers, row) pack(b, {column.o.o, t, column.o.i, column.i}) "
                  "cache_in(a, shared, at=row)")));
}

TEST(RenamedSchedule, names_that_change_places_do_so_at_once) {
    EXPECT_EQ(renamed(product, "x: f32[32,64]\nw: f32[48,64]\ny[k,n] += x[k,c] * w[n,c]", "y: reorder(k, n, c)"),
              print(parse_schedule("y: reorder(n, k, c)")));
}

TEST(RenamedSchedule, a_fused_loop_keeps_its_name_unless_it_is_taken) {
    EXPECT_EQ(renamed(product, other, "y: fuse({n, k}, m) parallel(m)"),
              print(parse_schedule("out: fuse({row, column}, m) parallel(m)")));
    EXPECT_EQ(renamed(product, "x: f32[32,64]\nw: f32[48,64]\ny[n,k] += x[n,m] * w[k,m]",
                      "y: fuse({n, k}, m) split(m, 4) parallel(m.o) unroll(c, 2)"),
              print(parse_schedule("y: fuse({n, k}, m_fused) split(m_fused, 4) parallel(m_fused.o) unroll(m, 2)")));
}

TEST(RenamedSchedule, each_stage_has_names_of_its_own) {
    EXPECT_EQ(
        renamed("x: f32[8,4]\ns[n] += x[n,c]\ny[n,c] = x[n,c] - s[n]",
                "x: f32[8,4]\nm[i] += x[i,j]\ny[p,q] = x[p,q] - m[p]", "s: compute_at(y, n) unroll(c); y: parallel(n)"),
        print(parse_schedule("m: compute_at(y, p) unroll(j); y: parallel(p)")));
}

TEST(RenamedSchedule, keywords_stay_and_sizes_may_differ) {
    EXPECT_EQ(renamed("x: f32[32,64]\ny[guard,c] = x[guard,c]", "x: f32[8,640]\ny[n,c] = x[n,c]",
                      "y: split(guard, 4, guard) vectorize(c)"),
              print(parse_schedule("y: split(guard, 4, guard) vectorize(c)")));
    EXPECT_EQ(
        renamed(product, "x: f32[3,640]\nw: f32[4,640]\ny[i,j] += x[i,l] * w[j,l]", "y: parallel(n) unroll(c, 4)"),
        print(parse_schedule("y: parallel(i) unroll(l, 4)")));
}

TEST(RenamedSchedule, another_definition_changes_nothing) {
    EXPECT_EQ(renamed(product, "x: f32[32,64]\nw: f32[48,64]\ny[i,j] += x[i,l] + w[j,l]", "y: parallel(n)"),
              print(parse_schedule("y: parallel(n)")));
    EXPECT_EQ(print(with_names_of("", other, parse_schedule("y: parallel(n)"))), "y: parallel(n)");
}

}  // namespace
}  // namespace heddle
