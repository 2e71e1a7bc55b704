// tests/emulator/atomic_fault_test.cpp -- an atomic update made a plain one is a race, and is found.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/cuda_emulator.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

TEST(AtomicFault, APlainAdditionRaces) {
    const Pipeline pipeline = parse_pipeline("x: f32[64]; u: f32[66]\nu[n+r] += x[n] | r<3");
    const Schedule schedule = parse_schedule("atomic() bind(n, thread_x)");
    const NamedBuffers inputs = whole_inputs(pipeline);
    EXPECT_NO_THROW(emulate(pipeline, schedule, Target::cuda(80), inputs));
    const auto plain = [](std::string text) {
        const std::string call = "    atomicAdd(to, value);";
        const std::size_t at = text.find(call);
        EXPECT_NE(at, std::string::npos);
        return text.replace(at, call.size(), "    *to = *to + value;");
    };
    EXPECT_THROW(emulate(pipeline, schedule, Target::cuda(80), inputs, plain), EmulationError);
}

}  // namespace
}  // namespace heddle::test
