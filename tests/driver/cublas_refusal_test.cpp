// tests/driver/cublas_refusal_test.cpp -- products that cuBLAS is not asked for, and a cuBLAS that is not there.
#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "runtime/cublas.h"
#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

TEST(cublas, that_is_not_there_is_one_line) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto run = [] {
        setenv("HEDDLE_CUBLAS", "/nowhere/libcublas.so", 1);
        std::cerr << error_of([] { Cublas(); }) << "\n";
        std::_Exit(0);
    };
    EXPECT_EXIT(run(), testing::ExitedWithCode(0),
                "^no cuBLAS: /nowhere/libcublas.so: cannot open shared object file.*; HEDDLE_CUBLAS can name the "
                "library\n$");
}

}  // namespace
}  // namespace heddle::test
