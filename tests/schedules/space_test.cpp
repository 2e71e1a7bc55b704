// tests/schedules/space_test.cpp -- candidates of the tuning spaces apply, print and read back.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "schedules/loop_nest.h"
#include "schedules/tuning_space.h"
#include "tests/support/error_text.h"
#include "tests/support/operator_texts.h"

namespace heddle {
namespace {

using test::OperatorText;

class SpaceTest : public testing::TestWithParam<std::tuple<OperatorText, std::string>> {};

TEST_P(SpaceTest, SampledCandidatesApply) {
    const auto& [op, target_text] = GetParam();
    const Pipeline pipeline = parse_pipeline(op.text);
    const Target target = Target::parse(target_text);
    const TuningSpace space = tuning_space(pipeline, target);
    ASSERT_EQ(space.preferred.size(), space.knobs.size());
    EXPECT_TRUE(space.legal(space.preferred));
    EXPECT_EQ(print(space.schedule(space.preferred)), print(default_schedule(pipeline, target)));

    constexpr int samples = 40;
    std::uint64_t state = 7;
    int refused = 0;
    std::string reason;
    for (int i = 0; i < samples; ++i) {
        const Schedule schedule = space.schedule(space.sample(state));
        EXPECT_EQ(parse_schedule(print(schedule)), schedule);
        LoopNest nest;
        if (const auto refusal = apply(schedule, pipeline, target, nest)) {
            ++refused;
            reason = refusal->reason;
        }
    }
    EXPECT_LE(refused * 20, samples) << refused << " refused, the last: " << reason;
}

INSTANTIATE_TEST_SUITE_P(Operators, SpaceTest,
                         testing::Combine(testing::ValuesIn(test::operator_texts()),
                                          testing::Values("host:avx512,threads=2", "host:avx2,threads=16", "host:sse",
                                                          "cuda:sm_80", "cuda:sm_90")),
                         [](const auto& test) {
                             return std::get<0>(test.param).name + "_" + std::to_string(test.index % 5);
                         });

TEST(SpaceTest, SamplingRepeatsWithTheSameState) {
    const TuningSpace space =
        tuning_space(parse_pipeline(test::operator_texts()[0].text), Target::parse("host:avx512"));
    std::uint64_t a = 3, b = 3;
    for (int i = 0; i < 20; ++i) EXPECT_EQ(space.sample(a), space.sample(b));
    EXPECT_EQ(a, b);
    EXPECT_GT(space.size(), 1000);
}

TEST(SpaceTest, NeighboursAreLegalAndShareMostChoices) {
    const std::string product = "x: bf16[2048,512]\nw: bf16[512,512]\ny[m,n] += x[m,k] * w[n,k]";
    const TuningSpace space = tuning_space(parse_pipeline(product), Target::cuda(90));
    ASSERT_TRUE(space.neighbour);
    EXPECT_GT(space.legal_count, 1000);
    std::uint64_t state = 2;
    Candidate here = space.preferred;
    double differing = 0;
    for (int step = 0; step < 200; ++step) {
        const Candidate next = space.neighbour(here, state);
        ASSERT_TRUE(space.legal(next));
        EXPECT_NE(next, here);
        for (std::size_t i = 0; i < here.size(); ++i) differing += next[i] != here[i];
        here = next;
    }
    EXPECT_LT(differing / 200, 0.5 * static_cast<double>(here.size()));
    // A mixture of two that is none itself.
    Candidate mixture = space.sample(state);
    for (std::size_t i = 0; i < mixture.size(); i += 2) mixture[i] = space.preferred[i];
    EXPECT_TRUE(space.legal(space.neighbour(mixture, state)));
}

TEST(SpaceTest, SaysWhenNothingIsLegal) {
    TuningSpace space = tuning_space(parse_pipeline(test::operator_texts()[0].text), Target::parse("host:avx512"));
    space.legal = [](const Candidate&) { return false; };
    std::uint64_t state = 1;
    test::expect_refusal([&] { space.sample(state); }, "none of 10000 candidates");
}

}  // namespace
}  // namespace heddle
