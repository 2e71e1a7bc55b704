// tests/tools/fashion_mnist_test.cpp -- idx files: whole ones are read, others are refused by name.
#include "support/fashion_mnist.h"

#include <gtest/gtest.h>

#include "tests/support/error_text.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

std::string idx(const std::string& head, const std::string& data) { return std::string("\0\0\x08", 3) + head + data; }
const std::string two_by_three = idx(std::string("\x02\0\0\0\x02\0\0\0\x03", 9), "abcdef");

TEST(FashionMnist, reads_an_idx_file) {
    const TemporaryFolder folder;
    write_file(folder.path() / "whole", two_by_three);
    const Buffer buffer = support::read_idx(folder.path() / "whole");
    EXPECT_EQ(describe(buffer), "u8 2x3");
    EXPECT_EQ(buffer.get({1, 2}), 'f');
}

TEST(FashionMnist, refuses_damaged_files) {
    const TemporaryFolder folder;
    const auto refuse = [&](const std::string& content, const std::string& part) {
        write_file(folder.path() / "bad", content);
        expect_refusal([&] { support::read_idx(folder.path() / "bad"); }, part);
    };
    refuse(two_by_three.substr(0, two_by_three.size() - 1), "ends early: 6 bytes were expected, 5 are there");
    refuse("", "ends early");
    refuse("PNG and so on", "is not an idx file of unsigned bytes");
    refuse(idx(std::string("\x02\x7f\xff\xff\xff\x7f\xff\xff\xff", 9), ""), "more than 64000000 elements");
    expect_refusal([&] { support::read_idx(folder.path() / "absent"); }, "cannot be opened");
    expect_refusal([&] { support::one_of_each_class(folder.path()); }, "apt-get install dataset-fashion-mnist");
}

}  // namespace
}  // namespace heddle::test
