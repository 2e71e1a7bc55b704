// tests/runtime/occupancy_test.cpp -- blocks of a multiprocessor, as CUDA's occupancy calculator counts them.
#include "runtime/occupancy.h"

#include <gtest/gtest.h>

namespace heddle::test {
namespace {

struct Case {
    int capability, threads, registers;
    std::int64_t shared_bytes;
    int blocks;
    const char* limit;
};
void PrintTo(const Case& c, std::ostream* out) {
    *out << "sm_" << c.capability << ", " << c.threads << " threads, " << c.registers << " registers, "
         << c.shared_bytes << " B";
}

class OccupancyOf : public testing::TestWithParam<Case> {};

TEST_P(OccupancyOf, IsTheSmallestOfTheLimits) {
    const auto& [capability, threads, registers, shared_bytes, blocks, limit] = GetParam();
    const auto found = occupancy(capability, threads, registers, shared_bytes);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->blocks, blocks);
    EXPECT_EQ(found->limit, limit);
    EXPECT_LE(found->of_threads, 1);
}
INSTANTIATE_TEST_SUITE_P(
    Kernels, OccupancyOf,
    testing::Values(Case{90, 256, 32, 0, 8, "threads"}, Case{90, 256, 33, 0, 6, "registers"},
                    Case{90, 32, 16, 0, 32, "blocks"}, Case{90, 384, 168, 0, 1, "registers"},
                    Case{90, 128, 255, 0, 2, "registers"}, Case{90, 128, 32, 232448, 1, "shared memory"},
                    Case{90, 128, 32, 115712, 2, "shared memory"}, Case{90, 128, 32, 115713, 1, "shared memory"},
                    Case{80, 128, 32, 166912, 1, "shared memory"}, Case{80, 128, 32, 166913, 0, "shared memory"},
                    Case{80, 1024, 64, 0, 1, "registers"}, Case{80, 1024, 32, 0, 2, "threads"},
                    Case{86, 256, 40, 0, 6, "threads"}, Case{75, 1024, 16, 65536, 1, "threads"},
                    Case{90, 33, 32, 0, 32, "blocks"}));

TEST(OccupancyOf, ADeviceThatIsNotInTheTable) {
    EXPECT_FALSE(occupancy(81, 256, 32, 0));
    EXPECT_FALSE(occupancy(90, 0, 32, 0));
}

}  // namespace
}  // namespace heddle::test
