// tests/runtime/npy_round_trip_test.cpp -- .npy files of each type and shape, in C and Fortran order, as NumPy writes
// them.
#include <gtest/gtest.h>

#include <cstring>

#include "runtime/npy.h"
#include "tests/support/print_values.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

using Shape = std::vector<std::int64_t>;

void expect_same(const Buffer& a, const Buffer& b) {
    ASSERT_EQ(a.type(), b.type());
    ASSERT_EQ(a.shape(), b.shape());
    for_each_index(a.shape(), [&](const Shape& i) { EXPECT_EQ(a.get(i), b.get(i)); });
}

class npy_round_trip : public testing::TestWithParam<ScalarType> {};

TEST_P(npy_round_trip, every_shape_and_stride) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "array.npy";
    for (const Shape& shape : {Shape{}, Shape{5}, Shape{2, 3}, Shape{2, 1, 4}, Shape{0}, Shape{3, 0, 2}}) {
        const Buffer buffer(GetParam(), shape);
        buffer.fill_random(3);
        write_npy(path, buffer);
        expect_same(read_npy(path), buffer);
    }
    const Buffer transposed = Buffer(GetParam(), {3, 4}).permuted({1, 0});
    transposed.fill_random(4);
    write_npy(path, transposed);
    expect_same(read_npy(path), transposed);
}

INSTANTIATE_TEST_SUITE_P(types, npy_round_trip,
                         testing::Values(f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean),
                         [](const auto& type) { return std::string(name_of(type.param)); });

TEST(npy_file, has_the_bytes_that_numpy_writes) {
    const test::TemporaryFolder folder;
    const Buffer buffer(i16, {2});
    buffer.set({0}, 1);
    buffer.set({1}, -2);
    write_npy(folder.path() / "a.npy", buffer);
    std::string expected =
        std::string("\x93NUMPY\x01\x00\x76\x00", 10) + "{'descr': '<i2', 'fortran_order': False, 'shape': (2,), }";
    expected += std::string(127 - expected.size(), ' ') + "\n" + std::string("\x01\x00\xfe\xff", 4);
    EXPECT_EQ(test::read_file(folder.path() / "a.npy"), expected);
    // Nothing else is left behind.
    const std::filesystem::directory_iterator files(folder.path());
    EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST(npy_file, fortran_order_becomes_row_major) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "f.npy";
    // [[1, 2, 3], [4, 5, 6]] by columns; version 2, a header in another order of keys, no padding.
    const std::string header = "{\"shape\":(2,3),'fortran_order':True, 'descr':'|u1'}\n";
    test::write_file(path, std::string("\x93NUMPY\x02\x00", 8) + static_cast<char>(header.size()) +
                               std::string(3, '\0') + header + "\x01\x04\x02\x05\x03\x06");
    const Buffer buffer = read_npy(path);
    EXPECT_EQ(buffer.shape(), (Shape{2, 3}));
    EXPECT_TRUE(buffer.contiguous());
    EXPECT_EQ(std::memcmp(buffer.data(), "\x01\x02\x03\x04\x05\x06", 6), 0);
}

TEST(npy_file, replaces_a_file_whole) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "a.npy";
    test::write_file(path, std::string(10000, 'x'));
    write_npy(path, Buffer(f32, {1}));
    EXPECT_EQ(read_npy(path).elements(), 1);
}

}  // namespace
}  // namespace heddle
