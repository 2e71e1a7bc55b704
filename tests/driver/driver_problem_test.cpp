// tests/driver/driver_problem_test.cpp -- drivers and machines that cannot be used, each in a process of its own.
#include <gtest/gtest.h>

#include <iostream>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"
#include "tests/support/fake_driver/fake_driver.h"

namespace heddle::test {
namespace {

struct Machine {
    const char* name;
    void (*prepare)(FakeDriver&);
    const char* problem;
};

class driver_problem : public testing::TestWithParam<Machine> {};

TEST_P(driver_problem, is_said_in_one_line) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const Machine machine = GetParam();
    const auto run = [&] {
        machine.prepare(fake_driver());
        std::cerr << cuda_problem().value_or("none") << "\n" << error_of([] { device_buffer(f32, {4}); }) << "\n";
        std::_Exit(0);
    };
    const std::string problem = machine.problem;
    EXPECT_EXIT(run(), testing::ExitedWithCode(0),
                "^" + problem + "\n" + problem + "; kernels for the target host run without one\n$");
}

INSTANTIATE_TEST_SUITE_P(
    machines, driver_problem,
    testing::Values(
        Machine{"old_driver", [](FakeDriver& driver) { driver.version = 11030; },
                "the CUDA driver is too old: it supports CUDA 11.3, and Heddle needs 11.4 or later"},
        Machine{"no_device", [](FakeDriver& driver) { driver.devices = 0; },
                "no CUDA device: cuDeviceGetCount gives CUDA_ERROR_NO_DEVICE \\(100\\): as the test wants it"},
        Machine{"no_permission", [](FakeDriver& driver) { driver.init_result = 100; },
                "no CUDA device can be used: cuInit gives CUDA_ERROR_NO_DEVICE \\(100\\): as the test wants it"}),
    [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace heddle::test
