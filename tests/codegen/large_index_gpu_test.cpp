// tests/codegen/large_index_gpu_test.cpp -- elements past 2^31 and 2^32 are read and written where they are.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

constexpr std::int64_t elements = (std::int64_t{1} << 32) + 1000;

class gpu_large_index : public testing::Test {
protected:
    void SetUp() override {
        if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
        if (current_cuda_device().memory_bytes < 3 * elements)
            GTEST_SKIP() << current_cuda_device().name << " has too little memory";
    }
    static Kernel compiled(const std::string& text) {
        return compile_here(parse_pipeline(text), {}, Target::cuda(current_cuda_device().compute_capability));
    }
    /// The first, the last, and those around 2^31 and 2^32.
    static std::vector<std::int64_t> places() {
        std::vector<std::int64_t> found = {0, elements - 1};
        for (const std::int64_t power : {std::int64_t{1} << 31, std::int64_t{1} << 32})
            for (const std::int64_t step : {-1, 0, 1}) found.push_back(power + step);
        return found;
    }
    static std::uint8_t* at(const Buffer& buffer, std::int64_t place) { return buffer.as<std::uint8_t>() + place; }
    static void set(const Buffer& buffer, std::int64_t place, std::uint8_t value) {
        copy_to_device(at(buffer, place), &value, 1);
        synchronize();
    }
    static int get(const Buffer& buffer, std::int64_t place) {
        std::uint8_t value = 0;
        copy_to_host(&value, at(buffer, place), 1);
        synchronize();
        return value;
    }
};

TEST_F(gpu_large_index, one_dimension) {
    const std::string count = std::to_string(elements);
    const Kernel reverse =
        compiled("x: u8[" + count + "]; y: u8[" + count + "]\ny[i] = x[" + std::to_string(elements - 1) + "-i]");
    const Buffer x = device_buffer(u8, {elements}), y = device_buffer(u8, {elements});
    fill_device_bytes(x.data(), 1, elements);
    fill_device_bytes(y.data(), 0xA5, elements);
    std::uint8_t value = 2;
    for (const std::int64_t place : places()) set(x, place, value++);
    reverse.run(std::vector{x, y});
    value = 2;
    for (const std::int64_t place : places()) EXPECT_EQ(get(y, elements - 1 - place), value++) << place;
    EXPECT_EQ(get(y, 12345), 1);
    EXPECT_EQ(get(y, elements / 2 + 7), 1);
}

TEST_F(gpu_large_index, rows_of_two_dimensions) {
    const Kernel shift = compiled("x: u8[5,1000000000]; y: u8[5,1000000000]\ny[i,j] = zero(x)[i-1,j+1]");
    constexpr std::int64_t row = 1000000000;
    const Buffer x = device_buffer(u8, {5, row}), y = device_buffer(u8, {5, row});
    fill_device_bytes(x.data(), 1, 5 * row);
    fill_device_bytes(y.data(), 0xA5, 5 * row);
    set(x, 2 * row + 147483649, 7);
    set(x, 3 * row + row - 1, 9);
    shift.run(std::vector{x, y});
    EXPECT_EQ(get(y, 3 * row + 147483648), 7);
    EXPECT_EQ(get(y, 4 * row + row - 2), 9);
    EXPECT_EQ(get(y, 4 * row + row - 1), 0);
    EXPECT_EQ(get(y, row - 1), 0);
    EXPECT_EQ(get(y, 4 * row), 1);
}

TEST_F(gpu_large_index, a_sum_over_all) {
    const std::string count = std::to_string(elements);
    const Kernel sum = compiled("x: u8[" + count + "]; y: i64[1]\ny[i] += i64(x[r]) | i<1");
    const Buffer x = device_buffer(u8, {elements}), y = device_buffer(i64, {1});
    fill_device_bytes(x.data(), 1, elements);
    set(x, elements - 1, 101);
    sum.run(std::vector{x, y});
    EXPECT_EQ(to_host(y).get({0}), static_cast<double>(elements + 100));
}

}  // namespace
}  // namespace heddle::test
