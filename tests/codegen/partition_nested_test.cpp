// tests/codegen/partition_nested_test.cpp -- partitions of loops inside partitioned loops.
#include <gtest/gtest.h>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

class PartitionNested : public testing::TestWithParam<const char*> {};

TEST_P(PartitionNested, KeepsEveryTest) {
    const Compiled compiled(
        "x: f32[1,3,7,9]; w: f32[2,3,3,3]; y: f32[1,2,7,9]\n"
        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]");
    EXPECT_EQ(compiled.difference(std::string(GetParam())), "");
}
INSTANTIATE_TEST_SUITE_P(All, PartitionNested,
                         testing::Values("y.0: reorder(n, k, q, p, c, r, s) fuse({r, s}, m) partition(p) partition(m)",
                                         "y.0: reorder(n, k, p, q, r, s, c) partition(p) partition(q) partition(r)",
                                         "y.0: reorder(r, p, n, k, c, q, s) partition(r) partition(p) clip(s) "
                                         "accumulate_in(stack, root)",
                                         "y.0: fuse({p, q}, m) reorder(r, m, n, k, c, s) partition(m) clip(s) "
                                         "partition(r) accumulate_in(stack, root)"));

}  // namespace
}  // namespace heddle::test
