// tests/schedules/target_test.cpp -- targets from their texts and back, and what they say of registers and atoms.
#include "schedules/target.h"

#include <gtest/gtest.h>

#include "schedules/atom.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

class TargetText : public ::testing::TestWithParam<const char*> {};
TEST_P(TargetText, ReadsBackAsTheSameTarget) {
    const Target target = Target::parse(GetParam());
    EXPECT_EQ(target.text(), GetParam());
    EXPECT_EQ(Target::parse(target.text()), target);
}
INSTANTIATE_TEST_SUITE_P(Texts, TargetText,
                         ::testing::Values("host:sse", "host:avx2", "host:avx512", "host:avx512+avx512bf16+amx-tile",
                                           "host:avx2,threads=977", "host:avx2,checks", "cuda:sm_80",
                                           "cuda:sm_90,checks"));

TEST(TargetText, TheHostsOwnReadsBack) {
    const Target host = Target::host();
    EXPECT_EQ(Target::parse(host.text()), host);
    EXPECT_EQ(Target::parse("host"), host);
    EXPECT_EQ(Target::best(), host);
}

TEST(TargetText, ErrorsListWhatIsKnown) {
    expect_refusal([] { Target::parse("gpu"); }, "target 'gpu': unknown; known are host, host:sse");
    expect_refusal([] { Target::parse("host:avx3"); }, "'avx3' is not a set of vector features");
    expect_refusal([] { Target::parse("host:avx2+amx"); }, "'amx' is not a CPU feature");
    expect_refusal([] { Target::parse("cuda:sm_9x"); }, "not a compute capability");
    expect_refusal([] { Target::parse("host,fast"); }, "unknown option 'fast'");
    expect_refusal([] { Target::parse("host,threads=0"); }, "a number of at least 1");
}

TEST(TargetRegisters, FollowTheWidestVectors) {
    EXPECT_EQ(Target::parse("host:avx512").vector_lanes(), 16);
    EXPECT_EQ(Target::parse("host:avx512").vector_registers(), 32);
    EXPECT_EQ(Target::parse("host:avx2").vector_lanes(), 8);
    EXPECT_EQ(Target::parse("host:avx2").vector_registers(), 16);
    EXPECT_EQ(Target::parse("host:sse").vector_lanes(), 4);
}

TEST(Atoms, AreFoundByNameAndTarget) {
    EXPECT_EQ(find_atom("fma")->target, TargetKind::host);
    EXPECT_EQ(find_atom("fma", TargetKind::cuda)->target, TargetKind::cuda);
    const Atom* wgmma = find_atom("wgmma_m64n256k16_bf16");
    ASSERT_NE(wgmma, nullptr);
    EXPECT_EQ(wgmma->m * wgmma->n * wgmma->k, 64 * 256 * 16);
    EXPECT_EQ(wgmma->issuer, "warpgroup");
    EXPECT_EQ(find_atom("wgmma_m64n257k16_bf16"), nullptr);
}

TEST(Atoms, SayWhereTheyAreAvailable) {
    std::string reason;
    EXPECT_TRUE(available(*find_atom("cp_async"), Target::cuda(80), reason));
    EXPECT_FALSE(available(*find_atom("tma_tile"), Target::cuda(80), reason));
    EXPECT_EQ(reason, "atom tma_tile needs compute capability 90 or more, the target is cuda:sm_80");
    EXPECT_FALSE(available(*find_atom("avx512_bf16"), Target::parse("host:avx512"), reason));
    EXPECT_EQ(reason, "atom avx512_bf16 needs a CPU with avx512bf16, the target is host:avx512");
}

}  // namespace
}  // namespace heddle::test
