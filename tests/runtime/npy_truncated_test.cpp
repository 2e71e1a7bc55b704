// tests/runtime/npy_truncated_test.cpp -- .npy files that are cut, are something else or promise more than they hold.
#include <gtest/gtest.h>

#include "tests/runtime/npy_refusal.h"

namespace heddle {
namespace {

using namespace std::string_literals;
using test::file_of_shape;
using test::refusal;

TEST(npy_truncated, truncated_anywhere) {
    const std::string whole = file_of_shape("(2, 3)", 24);
    ASSERT_EQ(refusal(whole), "no error");
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_NE(refusal(whole.substr(0, size)), "no error") << size;
    EXPECT_EQ(refusal(""), "ends within the magic number and version: 8 bytes are missing");
    EXPECT_EQ(refusal(whole.substr(0, 9)), "ends within the length of the header: 1 bytes are missing");
    EXPECT_EQ(refusal(whole.substr(0, 20)), "the header should have 57 bytes and the file has 10 more");
    EXPECT_EQ(refusal(whole.substr(0, whole.size() - 1)),
              "the header promises f32 of (2, 3), 24 bytes, and the file has 23 after it");
    EXPECT_EQ(refusal(whole + "x"), "the header promises f32 of (2, 3), 24 bytes, and the file has 25 after it");
}

TEST(npy_truncated, not_a_npy_file) {
    EXPECT_EQ(refusal("PK\x03\x04 something else"),
              "byte 0: expected the magic number \\x93NUMPY; this is no .npy file");
    EXPECT_EQ(refusal("\x93NUMPY\x04\x00\x00\x00"s), "byte 6: expected version 1.0, 2.0 or 3.0, not 4.0");
}

TEST(npy_truncated, sizes_that_promise_too_much) {
    EXPECT_EQ(refusal("\x93NUMPY\x02\x00\xff\xff\xff\xff"s),
              "the header should have 4294967295 bytes and the file has 0 more");
    EXPECT_EQ(refusal(file_of_shape("(4294967296, 4294967296)", 0)),
              "the header promises f32 of (4294967296, 4294967296), over 2^64 bytes, and the file has 0 after it");
    EXPECT_EQ(refusal(file_of_shape("(4611686018427387904,)", 0)),
              "the header promises f32 of (4611686018427387904,), over 2^64 bytes, and the file has 0 after it");
    EXPECT_EQ(refusal(file_of_shape("(9223372036854775808,)", 0)),
              "byte 61, in the header: expected an extent below 2^63");
    EXPECT_EQ(refusal(file_of_shape("(0, 9223372036854775807, 9223372036854775807)", 0)), "no error");
}

TEST(npy_truncated, paths) {
    const test::TemporaryFolder folder;
    const std::string base = folder.path().string();
    EXPECT_EQ(test::error_text([&] { read_npy(base + "/none.npy"); }),
              base + "/none.npy: cannot be read: No such file or directory");
    EXPECT_EQ(test::error_text([&] { read_npy(base); }), base + ": is not a regular file");
    EXPECT_EQ(test::error_text([&] { write_npy(base + "/x/a.npy", Buffer(f32, {1})); }),
              base + "/x/a.npy: cannot be written: folder " + base + "/x: No such file or directory");
    EXPECT_EQ(test::error_text([&] { write_npy(base + "/a.npy", Buffer(f32, {1}, nullptr)); }),
              base + "/a.npy: cannot be written: buffer f32 1 has no memory");
}

}  // namespace
}  // namespace heddle
