// tests/codegen/export_cuda_test.cpp -- exported CUDA code: C without warnings, over libcuda alone, launching in order.
#include <gtest/gtest.h>

#include <sstream>

#include "codegen/export.h"
#include "dsl/parse.h"
#include "runtime/nvrtc.h"
#include "tests/support/c_program.h"
#include "tests/support/error_text.h"
#include "tests/support/operator_texts.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

constexpr const char* checked =
    "N in [1,5000]\nx: f32[N,64]\nt: i32[N]\nu[n] += x[n,c]\ny[n] = u[index(t[n],N)]\noutput y";

ExportOptions options_for(const Pipeline& pipeline, int capability = 90) {
    const Target target = Target::cuda(capability);
    return {"op", default_schedule(pipeline, target), target};
}

void export_to(const TemporaryFolder& folder, const Pipeline& pipeline) {
    write_files(folder.path(), export_cuda(pipeline, options_for(pipeline)));
}

std::vector<OperatorText> small_texts() {
    std::vector<OperatorText> texts;
    for (const OperatorText& op : operator_texts())
        if (texts.size() < 6 || op.name.find("scatter") != std::string::npos) texts.push_back(op);
    texts.push_back({"checked", checked});
    return texts;
}

class ExportCuda : public testing::TestWithParam<OperatorText> {};

TEST_P(ExportCuda, IsCOverTheDriverAlone) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    for (const ExportedFile& file : export_cuda_source(pipeline, options_for(pipeline))) {
        EXPECT_NE(file.content.find("__global__"), std::string::npos);
        EXPECT_TRUE(file.name.ends_with(".cu")) << file.name;
    }
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const TemporaryFolder folder;
    export_to(folder, pipeline);
    const Ran built = run_in(folder.path(), "cc -std=c99 -pedantic -Wall -Wextra -Werror -c op.c && nm -u op.o");
    ASSERT_EQ(built.status, 0) << built.output;
    std::istringstream symbols(built.output);
    for (std::string kind, name; symbols >> kind >> name;) EXPECT_TRUE(name.starts_with("cu")) << name;
}
INSTANTIATE_TEST_SUITE_P(Operators, ExportCuda, testing::ValuesIn(small_texts()),
                         [](const auto& info) { return info.param.name; });

// A driver that says what is asked of it.
constexpr const char* driver = R"(#include <stdio.h>
#include <stddef.h>
struct mod; struct fun; struct stream;
static long long reported = -1;
int cuModuleLoadData(struct mod** m, const char* image) {
    printf("load %.3s\n", image + 1);
    *m = (struct mod*)image;
    return 0;
}
int cuModuleUnload(struct mod* m) { return printf("unload %.3s\n", (const char*)m + 1) > 0 ? 0 : 1; }
int cuModuleGetFunction(struct fun** f, struct mod* m, const char* name) {
    printf("get %s of %.3s\n", name, (const char*)m + 1);
    *f = (struct fun*)name;
    return 0;
}
int cuLaunchKernel(struct fun* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, struct stream* s, void** parameters, void** extra) {
    printf("launch %s %u,%u,%u %u,%u,%u %u B on %d, first %lld\n", (const char*)f, gx, gy, gz, bx, by, bz, shared,
           s != 0, *(long long*)parameters[0]);
    return extra != 0;
}
int cuMemsetD8Async(unsigned long long a, unsigned char v, size_t n, struct stream* s) {
    return printf("set %llu to %d, %d B on %d\n", a, v, (int)n, s != 0) > 0 ? 0 : 1;
}
int cuMemcpyDtoHAsync_v2(void* to, unsigned long long a, size_t n, struct stream* s) {
    printf("copy %llu, %d B on %d\n", a, (int)n, s != 0);
    *(long long*)to = reported;
    reported = 0;
    return 0;
}
int cuStreamSynchronize(struct stream* s) { return printf("wait on %d\n", s != 0) > 0 ? 0 : 1; }
int cuGetErrorString(int result, const char** text) {
    *text = "driver's words";
    return result != 700;
}
)";

TEST(ExportCudaLaunch, PutsTheKernelsOnTheStreamInOrder) {
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const TemporaryFolder folder;
    ExportOptions options = options_for(parse_pipeline(checked));
    options.schedule = parse_schedule(
        "u.0: split(n, 256) bind(n.o, block_x) bind(n.i, thread_x); y.0: split(n, 256) bind(n.o, block_x) "
        "bind(n.i, thread_x)");
    write_files(folder.path(), export_cuda(parse_pipeline(checked), options));
    write_file(folder.path() / "driver.c", driver);
    write_file(folder.path() / "main.c", std::string("#include \"op.h\"\n") + R"(#include <stdio.h>
int main(void) {
    op_kernels kernels;
    struct CUstream_st* stream = (struct CUstream_st*)4096;
    void* workspace = (void*)65536;
    int failed = op_load(&kernels);
    printf("%d bytes for 1000\n", (int)op_workspace_bytes(1000));
    failed |= op(&kernels, (void*)1, (void*)2, (void*)3, 1000, workspace, stream);
    failed |= op_checks(workspace, stream);
    printf("%s\n", op_error(failed));
    printf("%s\n", op_error(op_checks(workspace, 0)));
    printf("%s\n", op_error(op(&kernels, (void*)1, (void*)2, (void*)3, 0, workspace, stream)));
    printf("%s\n", op_error(op(&kernels, (void*)1, (void*)2, (void*)3, 7, 0, stream)));
    printf("%s\n%s\n", op_error(700), op_error(701));
    return op_unload(&kernels);
}
)");
    const Ran built = run_in(folder.path(),
                             "cc -std=c99 -Wall -Wextra -Werror -c main.c op.c && cc -w -c driver.c && "
                             "cc main.o op.o driver.o -o main");
    ASSERT_EQ(built.status, 0) << built.output;
    const Ran ran = run_in(folder.path(), "./main");
    EXPECT_EQ(ran.status, 0);
    EXPECT_EQ(ran.output,
              "load ELF\nload ELF\nget u_0_0 of ELF\nget y_0_1 of ELF\n"
              "4352 bytes for 1000\n"
              "set 65536 to 255, 72 B on 1\n"
              "launch u_0_0 4,1,1 256,1,1 0 B on 1, first 2\n"
              "launch y_0_1 4,1,1 256,1,1 0 B on 1, first 1\n"
              "copy 65536, 8 B on 1\nwait on 1\nno error\n"
              "copy 65536, 8 B on 0\nwait on 0\nan index read from t[?] is ?, outside of [0, ?)\n"
              "a size is outside of its range: N in [1, 5000]; or a grid passes 2147483647 blocks\n"
              "the workspace is missing\ndriver's words\nunknown result\n"
              "unload ELF\nunload ELF\n");
}

TEST(ExportCudaNames, AreThoseOfC) {
    const Pipeline pipeline = parse_pipeline("x: f32[3]\ny[i] = x[i]");
    ExportOptions options = options_for(pipeline);
    options.name = "double";
    expect_refusal([&] { export_cuda_source(pipeline, options); }, "'double' cannot name a function of C");
}

}  // namespace
}  // namespace heddle::test
