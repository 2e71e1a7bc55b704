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

TEST(SpaceTest, SaysWhenNothingIsLegal) {
    TuningSpace space = tuning_space(parse_pipeline(test::operator_texts()[0].text), Target::parse("host:avx512"));
    space.legal = [](const Candidate&) { return false; };
    std::uint64_t state = 1;
    test::expect_refusal([&] { space.sample(state); }, "none of 10000 candidates");
}

}  // namespace
}  // namespace heddle
