// tests/codegen/fuzzed_partition_test.cpp -- partitioned loops whose tests do not go away are partitioned once.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

TEST(FuzzedPartition, OfAnImageThatIsReadInTwoWays) {
    const Pipeline pipeline = parse_pipeline(
        "y0: f32[2,3,1,1]\nw1: f32[1,2,1,1]\n"
        "y0[i,j,k,l] = (circular(w1)[0,j,0,0] + zero(w1)[0,j+i,0,0]) | i<2 j<3 k<1 l<1");
    EXPECT_EQ(Compiled(pipeline).difference(), "");
}

TEST(FuzzedPartition, OfASumOverADiagonal) {
    const Pipeline pipeline =
        parse_pipeline("y0: f32[1,1,1]\nw1: f32[1,2,1]\ny0[0,0,0] += replicate(w1)[l+j,j,0] | j<3 l<1");
    EXPECT_EQ(Compiled(pipeline).difference("y0.0: partition(j)"), "");
}

}  // namespace
}  // namespace heddle::test
