// tests/codegen/export_run_gpu_test.cpp -- a C program on exported CUDA code gives what evaluate() gives.
#include <gtest/gtest.h>

#include "codegen/export.h"
#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "runtime/nvrtc.h"
#include "tests/support/c_program.h"
#include "tests/support/compiled.h"
#include "tests/support/on_device.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

constexpr const char* program = R"(#include <stdio.h>
#include <stdlib.h>
int cuInit(unsigned); int cuDevicePrimaryCtxRetain(void**, int); int cuCtxSetCurrent(void*);
int cuMemAlloc_v2(unsigned long long*, size_t); int cuMemcpyHtoD_v2(unsigned long long, const void*, size_t);
int cuMemcpyDtoH_v2(void*, unsigned long long, size_t); int cuCtxSynchronize(void);
static void ok(int result) {
    if (result == 0) return;
    puts(op_error(result));
    exit(1);
}
static unsigned long long device(size_t bytes) {
    unsigned long long address;
    ok(cuMemAlloc_v2(&address, bytes + 1));
    return address;
}
int main(void) {
    static float x[37 * 21], y[37 * 21];
    void* context;
    op_kernels kernels;
    FILE* file = fopen("x.bin", "rb");
    if (!file || fread(x, 1, sizeof x, file) != sizeof x) return 2;
    fclose(file);
    ok(cuInit(0));
    ok(cuDevicePrimaryCtxRetain(&context, 0));
    ok(cuCtxSetCurrent(context));
    ok(op_load(&kernels));
    const unsigned long long dx = device(sizeof x), dy = device(sizeof y), work = device(op_workspace_bytes(37));
    ok(cuMemcpyHtoD_v2(dx, x, sizeof x));
    ok(op(&kernels, (const float*)dx, (float*)dy, 37, (void*)work, 0));
    ok(cuCtxSynchronize());
    ok(cuMemcpyDtoH_v2(y, dy, sizeof y));
    file = fopen("y.bin", "wb");
    if (!file || fwrite(y, 1, sizeof y, file) != sizeof y) return 2;
    fclose(file);
    ok(op_unload(&kernels));
    return 0;
}
)";

TEST(gpu_export, runs_in_a_program_of_c) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const TemporaryFolder folder;
    const Pipeline pipeline = parse_pipeline(
        "N in [1,64]\nx: f32[N,21]\nm[n] max= x[n,c]\ne[n,c] = exp(x[n,c] - m[n])\ns[n] += e[n,c]\n"
        "y[n,c] = e[n,c] / s[n]");
    const Target target = Target::cuda(current_cuda_device().compute_capability);
    const NamedBuffers inputs = whole_inputs(pipeline), expected = evaluate(pipeline, inputs);
    write_files(folder.path(), export_cuda(pipeline, {"op", default_schedule(pipeline, target), target}));
    write_inputs(folder.path(), inputs);
    write_file(folder.path() / "main.c", std::string("#include \"op.h\"\n") + program);
    const Ran built = run_in(folder.path(), "cc -w main.c op.c -o main -l:libcuda.so.1");
    ASSERT_EQ(built.status, 0) << built.output;
    const Ran ran = run_in(folder.path(), "./main");
    ASSERT_EQ(ran.status, 0) << ran.output;
    EXPECT_EQ(first_difference("y", read_outputs(folder.path(), expected).at("y"), expected.at("y"), 1e-5), "");
}

}  // namespace
}  // namespace heddle::test
