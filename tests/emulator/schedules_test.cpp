// tests/emulator/schedules_test.cpp -- scheduled definitions, their CUDA text executed, give what evaluate() gives.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

void expect_all_agree(const std::vector<ScheduledText>& subjects) {
    std::vector<EmulationCase> cases;
    for (const ScheduledText& subject : subjects) {
        const Pipeline pipeline = parse_pipeline(subject.text);
        cases.push_back(
            {subject.name, pipeline, whole_inputs(pipeline), parse_schedule(subject.schedule), subject.tolerance});
    }
    EXPECT_EQ(emulated_differences(cases, Target::cuda(80)), std::vector<std::string>());
}

TEST(EmulatedSchedules, ReductionsAcrossThreads) { expect_all_agree(reduction_schedules()); }

}  // namespace
}  // namespace heddle::test
