// tests/runtime/npy_header_error_test.cpp -- malformed headers of .npy files, each refused at its place.
#include <gtest/gtest.h>

#include "tests/runtime/npy_refusal.h"

namespace heddle {
namespace {

using namespace std::string_literals;
using test::file_of_shape;
using test::file_with;
using test::refusal;

TEST(npy_header_error, malformed_headers) {
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

TEST(npy_header_error, types_that_are_not_read) {
    const std::string legal =
        "byte 20, in the header: expected an element type among <f2, <V2, <f4, <f8, |i1, |u1, <i2, <u2, <i4, <i8, |b1 "
        "(little-endian), not '";
    for (const char* type : {">f4", "<c8", "<U3", "|O", "|f4", "f4", "", "<u4"})
        EXPECT_EQ(refusal(file_with("{'descr': '" + std::string(type) + "'}", 0)), legal + type + "'");
    EXPECT_EQ(refusal(file_with("{'descr': [('a', '<f4')]}", 0)),
              "byte 20, in the header: expected an element type in quotes (structured types are not read)");
    EXPECT_EQ(refusal(file_with("{'descr': '|V2', 'fortran_order': False, 'shape': ()}", 2)), "no error");
}

}  // namespace
}  // namespace heddle
