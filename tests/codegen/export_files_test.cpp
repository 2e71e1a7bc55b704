// tests/codegen/export_files_test.cpp -- exported files: none over another by accident, none half written.
#include <gtest/gtest.h>

#include "codegen/export.h"
#include "tests/support/error_text.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

const std::vector<ExportedFile> files = {{"a.h", "one"}, {"a.o", std::string("\0two", 4)}};

TEST(ExportFiles, MakeTheirFolder) {
    const TemporaryFolder folder;
    write_files(folder.path() / "deep" / "er", files);
    EXPECT_EQ(read_file(folder.path() / "deep/er/a.h"), "one");
    EXPECT_EQ(read_file(folder.path() / "deep/er/a.o"), std::string("\0two", 4));
}

TEST(ExportFiles, ReplaceOthersOnlyWhereAsked) {
    const TemporaryFolder folder;
    write_file(folder.path() / "a.o", "mine");
    expect_refusal([&] { write_files(folder.path(), files); }, "a.o is there already: --force");
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "a.h"));
    write_files(folder.path(), files, true);
    EXPECT_EQ(read_file(folder.path() / "a.o"), std::string("\0two", 4));
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 2);
}

TEST(ExportFiles, NeedAFolder) {
    const TemporaryFolder folder;
    write_file(folder.path() / "file", "");
    expect_refusal([&] { write_files(folder.path() / "file", files); }, "file cannot be");
    expect_refusal([&] { write_files(folder.path() / "file" / "deeper", files); }, "cannot be made");
    expect_refusal([&] { write_files("/proc", files); }, "/proc/a.h is not written: cannot create a file there");
}

}  // namespace
}  // namespace heddle::test
