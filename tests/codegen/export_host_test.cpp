// tests/codegen/export_host_test.cpp -- C programs that link an exported object with libc and libm alone give what
// evaluate() gives.
#include <gtest/gtest.h>

#include "codegen/export.h"
#include "dsl/parse.h"
#include "tests/support/c_program.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"
#include "tests/support/on_device.h"
#include "tests/support/operator_texts.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

constexpr const char* strict_c = "cc -std=c99 -pedantic -Wall -Wextra -Werror ";

void export_to(const TemporaryFolder& folder, const Pipeline& pipeline, const Target& target = Target::host(),
               const std::string& name = "op") {
    write_files(folder.path(), export_host(pipeline, {name, default_schedule(pipeline, target), target}));
}

struct Case {
    std::string name, text, target = "host";
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

std::vector<Case> cases() {
    std::vector<Case> all;
    for (const OperatorText& op : operator_texts())
        if (op.name.find("_large") == std::string::npos && op.name.find("_long") == std::string::npos)
            all.push_back({op.name, op.text});
    all.push_back({"pipeline_of_run_time_size",
                   "N in [0,64]\nx: f32[N,21]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - m[n])\ns[n] += e[n,c]\n"
                   "y[n,c] = e[n,c] / s[n]"});
    all.push_back({"keywords_as_names", "int: f32[6]\nfor: f32[6]\nself: f32[6]\nself[i] = int[i] + for[i]"});
    all.push_back({"two_outputs", "x: f32[5,7]\na[i] += x[i,j]\nb[j] max= x[i,j]\noutput a, b"});
    all.push_back({"one_element", "x: f32[40]\ny[] += x[i]"});
    all.push_back({"checked", "t: i32[9]\nx: f32[64,3]\ny[i,c] = x[index(t[i],64),c]"});
    all.push_back({"avx2", operator_texts()[0].text, "host:avx2"});
    all.push_back({"sse", operator_texts()[0].text, "host:sse"});
    return all;
}

class ExportHost : public testing::TestWithParam<Case> {};

TEST_P(ExportHost, RunsInAProgramOfC) {
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const TemporaryFolder folder;
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const NamedBuffers inputs = whole_inputs(pipeline), expected = evaluate(pipeline, inputs);
    export_to(folder, pipeline, Target::parse(GetParam().target));
    write_inputs(folder.path(), inputs);
    write_file(folder.path() / "main.c", host_main("op", pipeline, inputs));
    const Ran built = run_in(folder.path(), std::string(strict_c) + "-nodefaultlibs main.c op.o -o main -lm -lc");
    ASSERT_EQ(built.status, 0) << built.output << read_file(folder.path() / "op.h");
    const Ran ran = run_in(folder.path(), "./main");
    ASSERT_EQ(ran.status, 0) << ran.output;
    const NamedBuffers found = read_outputs(folder.path(), expected);
    for (const auto& [name, buffer] : expected) EXPECT_EQ(first_difference(name, found.at(name), buffer, 1e-5), "");
}
INSTANTIATE_TEST_SUITE_P(Operators, ExportHost, testing::ValuesIn(cases()),
                         [](const auto& info) { return info.param.name; });

TEST(ExportHostErrors, AreNumbersWithTexts) {
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const TemporaryFolder folder;
    export_to(folder, parse_pipeline("N in [2,9]\nt: i32[N]; x: f32[4]\ny[i] = x[index(t[i],4)]"));
    write_file(folder.path() / "main.c",
               "#include <stdio.h>\n#include \"op.h\"\nint main(void) {\n"
               "    int32_t t[3] = {0, 3, 1};\n    float x[4] = {5, 6, 7, 8}, y[3];\n"
               "    puts(op_error(op(t, x, y, 3)));\n    printf(\"%g %g %g\\n\", y[0], y[1], y[2]);\n"
               "    puts(op_error(op(t, x, y, 1)));\n    t[1] = 4;\n"
               "    puts(op_error(op_parallel(t, x, y, 3, 0, 0)));\n    puts(op_error(77));\n    return 0;\n}\n");
    const Ran built = run_in(folder.path(), std::string(strict_c) + "main.c op.o -o main -lm");
    ASSERT_EQ(built.status, 0) << built.output;
    EXPECT_EQ(run_in(folder.path(), "./main").output,
              "no error\n5 8 6\na size is outside of its range: N in [2, 9]\n"
              "an index read from t[?] is ?, outside of [0, ?)\nno result of op\n");
}

TEST(ExportHostLinking, TwoOperatorsAndCxxGoTogether) {
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const TemporaryFolder folder;
    export_to(folder, parse_pipeline("x: f32[3]\ny[i] = 2.0 * x[i]"), Target::host(), "twice");
    export_to(folder, parse_pipeline("x: f32[3]\ny[i] = x[i] + 1.0"), Target::host(), "y_0_0");
    write_file(folder.path() / "main.cpp",
               "#include <cstdio>\n#include \"twice.h\"\n#include \"y_0_0.h\"\nint main() {\n"
               "    float x[3] = {1, 2, 3}, y[3], z[3];\n    if (twice(x, y) || y_0_0(y, z)) return 1;\n"
               "    std::printf(\"%g %g %g\\n\", z[0], z[1], z[2]);\n}\n");
    const Ran built = run_in(folder.path(), "c++ -Wall -Wextra -Werror main.cpp twice.o y_0_0.o -o main");
    ASSERT_EQ(built.status, 0) << built.output;
    EXPECT_EQ(run_in(folder.path(), "./main").output, "3 5 7\n");
}

TEST(ExportHostNames, AreThoseOfC) {
    const Pipeline pipeline = parse_pipeline("x: f32[3]\ny[i] = exp(x[i])");
    for (const char* name : {"", "2d", "a-b", "while", "class", "../y"})
        expect_refusal([&] { export_host(pipeline, {name, {}, Target::host()}); }, "cannot name a function of C");
    expect_refusal([&] { export_host(pipeline, {"expf", {}, Target::host()}); }, "is a function of the C library");
    EXPECT_EQ(export_host(pipeline, {"_2d", {}, Target::host()}).at(1).name, "_2d.h");
}

}  // namespace
}  // namespace heddle::test
