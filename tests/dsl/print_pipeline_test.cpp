// tests/dsl/print_pipeline_test.cpp -- what print writes, parse reads back, and it prints the same again.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/equivalent.h"
#include "tests/support/pipeline_texts.h"

namespace heddle {
namespace {

class PrintPipeline : public testing::TestWithParam<std::string> {};

TEST_P(PrintPipeline, reads_back) {
    const Pipeline pipeline = parse_pipeline(GetParam());
    EXPECT_EQ(print(pipeline), GetParam());
    const Pipeline again = parse_pipeline(print(pipeline));
    EXPECT_TRUE(test::equivalent(again, pipeline)) << canonical_text(again) << canonical_text(pipeline);
}

TEST_P(PrintPipeline, canonical_text_reads_back) {
    const std::string canonical = canonical_text(parse_pipeline(GetParam()));
    EXPECT_EQ(canonical_text(parse_pipeline(canonical)), canonical);
}

TEST_P(PrintPipeline, keeps_the_domain) {
    const Pipeline pipeline = parse_pipeline(GetParam()), again = parse_pipeline(print(pipeline));
    ASSERT_EQ(again.stages.size(), pipeline.stages.size());
    for (std::size_t i = 0; i < pipeline.stages.size(); ++i)
        EXPECT_EQ(print_with_domain(*again.stages[i].definition), print_with_domain(*pipeline.stages[i].definition));
}

INSTANTIATE_TEST_SUITE_P(Texts, PrintPipeline, testing::ValuesIn(test::pipeline_texts()));

}  // namespace
}  // namespace heddle
