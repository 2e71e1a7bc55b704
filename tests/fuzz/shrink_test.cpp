// tests/fuzz/shrink_test.cpp -- a failing case gets as small as it can, and goes on failing.
#include "tests/fuzz/shrink.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"

namespace heddle::fuzz {
namespace {

bool is_read(const std::string& text) {
    try {
        parse_pipeline(text);
        return true;
    } catch (const UserError&) {
        return false;
    }
}

/// Fails where the text has a part in it, and means something.
Case shrunk(Case subject, const std::string& part, int tries = 2000) {
    return shrink(
        std::move(subject),
        [&](const Case& one) {
            const std::string text = text_of(one.draft);
            return text.find(part) != std::string::npos && is_read(text);
        },
        tries);
}

/// The first cases of a check whose text has a part in it.
std::vector<Case> cases_with(const std::string& part, std::size_t count, Check check = Check::host) {
    std::vector<Case> found;
    std::string why;
    for (std::uint64_t seed = 1; found.size() < count && seed < 2000; ++seed)
        if (auto one = draw(seed, check, why); one && text_of(one->draft).find(part) != std::string::npos)
            found.push_back(std::move(*one));
    return found;
}

class Shrink : public testing::TestWithParam<const char*> {};

TEST_P(Shrink, LeavesOneStageOfOnePoint) {
    const std::vector<Case> cases = cases_with(GetParam(), 4);
    ASSERT_EQ(cases.size(), 4u);
    for (const Case& subject : cases) {
        const Case small = shrunk(subject, GetParam());
        const std::string text = text_of(small.draft);
        EXPECT_NE(text.find(GetParam()), std::string::npos) << text;
        EXPECT_EQ(small.draft.stages.size(), 1u) << text;
        EXPECT_LE(small.draft.tensors.size(), 3u) << text;
        EXPECT_TRUE(small.schedule.empty());
        for (const DraftTensor& tensor : small.draft.tensors)
            for (const std::int64_t extent : tensor.shape) EXPECT_LE(extent, 2) << text;
    }
}
INSTANTIATE_TEST_SUITE_P(Parts, Shrink, testing::Values("skip(", "max=", "abs(", "index_clamped("));

TEST(ShrinkSteps, ReachTheIndicesOfAScatter) {
    std::string why;
    int scatters = 0;
    for (std::uint64_t seed = 1; scatters < 5; ++seed) {
        const auto subject = draw(seed, Check::host, why);
        if (!subject || !subject->draft.stages[0].scatters) continue;
        ++scatters;
        const Case small = shrunk(*subject, "y0[");
        for (const Index& index : small.draft.stages[0].left) {
            EXPECT_LE(index.terms.size(), 1u) << text_of(small.draft);
            EXPECT_EQ(index.constant, 0) << text_of(small.draft);
        }
    }
}

TEST(ShrinkSteps, EndWhenTriesAreSpent) {
    const std::vector<Case> cases = cases_with("max=", 1);
    ASSERT_EQ(cases.size(), 1u);
    EXPECT_EQ(text_of(shrunk(cases[0], "max=", 0).draft), text_of(cases[0].draft));
}

TEST(ShrinkSteps, AreTakenOnlyToCasesThatFail) {
    const std::vector<Case> cases = cases_with("max=", 1);
    ASSERT_EQ(cases.size(), 1u);
    const Case same = shrink(cases[0], [](const Case&) { return false; });
    EXPECT_EQ(text_of(same.draft), text_of(cases[0].draft));
    EXPECT_EQ(same.schedule, cases[0].schedule);
}

}  // namespace
}  // namespace heddle::fuzz
