// tests/runtime/npy_error_test.cpp -- truncated and hostile .npy files, and the words in which each is refused.
#include <gtest/gtest.h>

#include "runtime/npy.h"
#include "tests/runtime/error_text.h"
#include "tests/runtime/temporary_folder.h"

namespace heddle {
namespace {

using namespace std::string_literals;

/// What reading a file with this content says, without the path; "no error" when it is read.
std::string refusal(const std::string& content) {
    const test::TemporaryFolder folder;
    const auto path = folder.path() / "a.npy";
    test::write_file(path, content);
    const std::string text = test::error_text([&] { read_npy(path); });
    const std::string prefix = path.string() + ": ";
    return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
}

/// A file of version 1 with this dictionary and so many bytes of data.
std::string file_with(const std::string& dictionary, std::size_t data_bytes) {
    return "\x93NUMPY\x01\x00"s + static_cast<char>(dictionary.size()) + '\0' + dictionary +
           std::string(data_bytes, '\0');
}

std::string file_of_shape(const std::string& shape, std::size_t data_bytes) {
    return file_with("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", data_bytes);
}

TEST(npy_error, truncated_anywhere) {
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

TEST(npy_error, not_a_npy_file) {
    EXPECT_EQ(refusal("PK\x03\x04 something else"),
              "byte 0: expected the magic number \\x93NUMPY; this is no .npy file");
    EXPECT_EQ(refusal("\x93NUMPY\x04\x00\x00\x00"s), "byte 6: expected version 1.0, 2.0 or 3.0, not 4.0");
}

TEST(npy_error, sizes_that_promise_too_much) {
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

TEST(npy_error, malformed_headers) {
    EXPECT_EQ(refusal(file_with("", 0)), "byte 10, in the header: expected '{'");
    EXPECT_EQ(refusal(file_with("{'descr': '<f4'", 0)), "byte 25, in the header: expected ',' or '}'");
    EXPECT_EQ(refusal(file_with("{'descr", 0)), "byte 11, in the header: expected a closing quote");
    EXPECT_EQ(refusal(file_with("{}", 0)), "the header has no 'descr'");
    EXPECT_EQ(refusal(file_with("{'descr': '<f4', 'shape': ()}", 4)), "the header has no 'fortran_order'");
    EXPECT_EQ(refusal(file_with("{'descr': '<f4', 'descr': '<f4'}", 4)),
              "byte 27, in the header: expected 'descr', 'fortran_order' and 'shape', once each, not 'descr'");
    EXPECT_EQ(refusal(file_with("{'fortran_order': 1}", 4)), "byte 28, in the header: expected True or False");
    EXPECT_EQ(refusal(file_of_shape("(-1,)", 0)), "byte 61, in the header: expected an extent of 0 or more, or ')'");
    EXPECT_EQ(refusal(file_of_shape("(1 2)", 0)), "byte 63, in the header: expected ',' or ')'");
    EXPECT_EQ(refusal(file_of_shape("()} x", 4)), "byte 64, in the header: expected nothing but spaces after '}'");
    std::string many = "(";
    for (int i = 0; i < 65; ++i) many += "1,";
    const std::string text = refusal("\x93NUMPY\x01\x00\xbb\x00"s + file_of_shape(many + ")", 4).substr(10));
    EXPECT_EQ(text, "byte 189, in the header: expected at most 64 dimensions");
}

TEST(npy_error, types_that_are_not_read) {
    const std::string legal =
        "byte 20, in the header: expected an element type among <f2, <V2, <f4, <f8, |i1, |u1, <i2, <u2, <i4, <i8, |b1 "
        "(little-endian), not '";
    for (const char* type : {">f4", "<c8", "<U3", "|O", "|f4", "f4", "", "<u4"})
        EXPECT_EQ(refusal(file_with("{'descr': '" + std::string(type) + "'}", 0)), legal + type + "'");
    EXPECT_EQ(refusal(file_with("{'descr': [('a', '<f4')]}", 0)),
              "byte 20, in the header: expected an element type in quotes (structured types are not read)");
    EXPECT_EQ(refusal(file_with("{'descr': '|V2', 'fortran_order': False, 'shape': ()}", 2)), "no error");
}

TEST(npy_error, paths) {
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
