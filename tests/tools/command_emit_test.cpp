// tests/tools/command_emit_test.cpp -- heddle emit: files that a C compiler takes, and what it refuses.
#include "tests/support/c_program.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

using CommandEmit = CommandFixture;
const std::string rows = "emit -e 'y[n] += x[n,c]' x=f32:2x3 ";

TEST_F(CommandEmit, writes_an_object_that_c_links) {
    const CommandResult result = heddle(rows + "-o made/here --name sums");
    ASSERT_EQ(result.status, 0) << result.errors;
    expect_contains(result.output, "made/here/sums.o");
    expect_contains(read_file(folder() / "made/here/sums.h"), "int sums(const float* x, float* y);");
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    write_file(folder() / "main.c",
               "#include \"made/here/sums.h\"\nint main(void) {\n    float x[6] = {1, 2, 3, 4, 5, 6}, y[2];\n"
               "    return sums(x, y) || y[0] != 6 || y[1] != 15;\n}\n");
    const Ran ran = run_in(folder(), "cc main.c made/here/sums.o -o main -lm && ./main");
    EXPECT_EQ(ran.status, 0) << ran.output;
}

TEST_F(CommandEmit, is_named_after_the_operator) {
    ASSERT_EQ(heddle(rows).status, 0);
    EXPECT_TRUE(std::filesystem::exists(folder() / "y.o"));
    ASSERT_EQ(heddle("emit conv2d x=f32:1x2x6x6 w=f32:3x2x3x3").status, 0);
    EXPECT_TRUE(std::filesystem::exists(folder() / "conv2d.h"));
}

TEST_F(CommandEmit, replaces_files_only_where_asked) {
    write_file(folder() / "y.h", "mine");
    expect_contains(heddle(rows).errors, "y.h is there already: --force");
    EXPECT_EQ(heddle(rows).status, 2);
    EXPECT_EQ(read_file(folder() / "y.h"), "mine");
    EXPECT_EQ(heddle(rows + "--force").status, 0);
    expect_contains(read_file(folder() / "y.h"), "int y(");
}

TEST_F(CommandEmit, says_what_is_wrong) {
    expect_refusal(rows + "--name 2rows", "'2rows' cannot name a function of C");
    expect_refusal(rows + "--source", "--source is for CUDA, the target is host");
    expect_refusal(rows + "--schedule 'y: split(m, 3)'", "there is no loop 'm'");
    expect_refusal(rows + "-o", "-o needs a value: -o FOLDER");
    expect_contains(heddle(rows + "-o /proc").errors, "/proc/y.o is not written: cannot create a file there");
    write_file(folder() / "file", "");
    expect_contains(heddle(rows + "-o file/deeper").errors, "the folder file/deeper cannot be made");
}

}  // namespace
}  // namespace heddle::test
