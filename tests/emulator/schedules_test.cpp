// tests/emulator/schedules_test.cpp -- scheduled definitions, their CUDA text executed, give what evaluate() gives.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/cuda_schedules.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

void expect_all_agree(const std::vector<ScheduledText>& subjects) {
    const Target target = Target::cuda(80);
    std::vector<std::string> texts;
    std::vector<int> first;
    for (const ScheduledText& subject : subjects) {
        SCOPED_TRACE(subject.name);
        first.push_back(static_cast<int>(texts.size()));
        for (std::string& text :
             emulation_texts(parse_pipeline(subject.text), parse_schedule(subject.schedule), target))
            texts.push_back(std::move(text));
    }
    const EmulatedProgram program(texts);
    for (std::size_t i = 0; i < subjects.size(); ++i) {
        SCOPED_TRACE(subjects[i].name);
        const Pipeline pipeline = parse_pipeline(subjects[i].text);
        const Compiled oracle(pipeline, whole_inputs(pipeline), subjects[i].tolerance);
        try {
            const NamedBuffers found =
                emulate(pipeline, parse_schedule(subjects[i].schedule), target, oracle.inputs(), &program, first[i]);
            for (const auto& [name, buffer] : oracle.expected())
                EXPECT_EQ(first_difference(name, found.at(name), buffer, subjects[i].tolerance), "");
        } catch (const EmulationError& error) {
            ADD_FAILURE() << error.what() << "\n" << texts[static_cast<std::size_t>(first[i])];
        }
    }
}

TEST(EmulatedSchedules, ReductionsAcrossThreads) { expect_all_agree(reduction_schedules()); }

}  // namespace
}  // namespace heddle::test
