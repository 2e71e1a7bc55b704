// tests/codegen/export_cuda_launch_test.cpp -- launches in C: tensor maps, clusters, dependent launches, run-time
// grids.
#include "codegen/export_cuda_launch.h"

#include <gtest/gtest.h>

#include "codegen/c_text.h"
#include "tests/support/c_program.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

const Symbol size_n = Symbol::parameter("N", 0, 10000000000);

CudaKernel kernel_over(const AnyTensor& x) {
    CudaKernel kernel;
    kernel.name = "copy";
    for (int i = 0; i < 3; ++i) kernel.grid[i] = kernel.block[i] = Expr::integer(1);
    kernel.grid[0] = Expr(size_n) / Expr::integer(2);
    kernel.block[0] = Expr::integer(128);
    kernel.buffers = {x};
    kernel.sizes = {size_n};
    kernel.shared_bytes = 4096;
    return kernel;
}

TensorMapParameter tiled_map(const AnyTensor& x) {
    TensorMapRecipe recipe;
    recipe.type = ScalarType::bf16;
    recipe.rank = 2;
    recipe.sizes = {64, 0};
    recipe.byte_strides = {0, 128};
    recipe.box = {64, 32};
    recipe.swizzle_bytes = 128;
    recipe.byte_offset = 256;
    return {x, recipe, {Expr::integer(64), Expr(size_n)}, {}};
}

TensorMapParameter im2col_map(const AnyTensor& x) {
    TensorMapRecipe recipe;
    recipe.im2col = true;
    recipe.rank = 4;
    recipe.sizes = {64, 56, 57, 8};
    recipe.byte_strides = {0, 256, 14336, 817152};
    recipe.element_strides = {9, 2, 2, 1};
    recipe.lower = {-1, -2};
    recipe.upper = {-3, -4};
    recipe.channels_per_pixel = 32;
    recipe.pixels_per_column = 128;
    return {x, recipe, {}, {}};
}

// A driver that says what is asked of it, around one launch.
constexpr const char* before = R"(#include <stdint.h>
#include <stdio.h>
struct CUfunc_st;
struct CUstream_st;
typedef int CUresult;
struct op_kernels { struct CUfunc_st* functions[2]; };
)";
constexpr const char* after = R"(
static CUresult put(const struct op_kernels* kernels, const float* x, int64_t N, struct CUstream_st* stream) {
    CUresult result = 0;
LAUNCH    return result;
}
int main(void) {
    struct op_kernels kernels = {{(struct CUfunc_st*)1, (struct CUfunc_st*)2}};
    const int64_t sizes[] = {SIZES};
    for (unsigned i = 0; i < sizeof sizes / sizeof sizes[0]; ++i)
        printf("%d\n", put(&kernels, (const float*)4096, sizes[i], (struct CUstream_st*)7));
    return 0;
}
)";

std::string output_of(const CudaKernel& kernel, const AnyTensor& x, const std::string& sizes,
                      const std::string& driver) {
    std::string text = after;
    text.replace(text.find("SIZES"), 5, sizes);
    text.replace(text.find("LAUNCH"), 6, c_launch(kernel, 1, {{{x.node().get(), "x"}}, {{size_n, "N"}}}, -1));
    const std::string helpers = c_helpers(text);
    const TemporaryFolder folder;
    write_file(folder.path() / "main.c", before + c_launch_declarations({kernel}) + helpers + driver + text);
    const Ran built = run_in(folder.path(), "cc -std=c99 -Wall -Wextra -Werror main.c -o main");
    if (built.status != 0) return built.output;
    return run_in(folder.path(), "./main").output;
}

TEST(ExportCudaLaunchText, HasTheGridOfTheSizes) {
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const AnyTensor x("x", f32, std::vector<Extent>{64});
    EXPECT_EQ(output_of(kernel_over(x), x, "0, 10, 5000000010", R"(
CUresult cuLaunchKernel(struct CUfunc_st* f, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                        unsigned bz, unsigned shared, struct CUstream_st* s, void** p, void** e) {
    printf("%d %u %u %u %u %u %u %u %d %d %d %d: ", (int)(intptr_t)f, gx, gy, gz, bx, by, bz, shared,
           (int)(intptr_t)s, (int)*(intptr_t*)p[0], (int)*(int64_t*)p[1], e == 0);
    return 0;
}
)"),
              "0\n2 5 1 1 128 1 1 4096 7 4096 10 1: 0\n-1\n");
}

TEST(ExportCudaLaunchText, EncodesMapsAndSetsAttributes) {
    if (const auto problem = no_c_compiler()) GTEST_SKIP() << *problem;
    const AnyTensor x("x", f32, std::vector<Extent>{64});
    CudaKernel kernel = kernel_over(x);
    kernel.tensor_maps = {tiled_map(x), im2col_map(x)};
    kernel.cluster = {2, 1, 1};
    kernel.dependent = true;
    kernel.grid[0] = Expr::integer(6);
    const std::string found = output_of(kernel, x, "10", R"(
CUresult cuTensorMapEncodeTiled(struct tensor_map* map, int type, unsigned rank, void* a, const uint64_t* sizes,
                                const uint64_t* strides, const unsigned* box, const unsigned* steps, int i, int s,
                                int p, int f) {
    printf("tiled %d %d %d %d sizes %d %d strides %d box %u %u steps %u %u; %d %d %d %d\n", (int)((intptr_t)map % 64),
           type, rank, (int)(intptr_t)a, (int)sizes[0], (int)sizes[1], (int)strides[0], box[0], box[1], steps[0],
           steps[1], i, s, p, f);
    map->words[0] = 5;
    return 0;
}
CUresult cuTensorMapEncodeIm2col(struct tensor_map* map, int type, unsigned rank, void* a, const uint64_t* sizes,
                                 const uint64_t* strides, const int* lower, const int* upper, unsigned c, unsigned n,
                                 const unsigned* steps, int i, int s, int p, int f) {
    printf("im2col %d %d %d sizes %d %d strides %d %d corners %d %d %d %d of %u %u steps %u %u; %d %d %d %d\n", type,
           rank, (int)(intptr_t)a, (int)sizes[2], (int)sizes[3], (int)strides[0], (int)strides[2], lower[0], lower[1],
           upper[0], upper[1], c, n, steps[0], steps[1], i, s, p, f);
    map->words[0] = 6;
    return 0;
}
CUresult cuLaunchKernelEx(const struct launch_config* c, struct CUfunc_st* f, void** p, void** e) {
    printf("launch %d %u %u %u B on %d, %d and %d:", (int)(intptr_t)f, c->grid[0], c->block[0], c->shared_bytes,
           (int)(intptr_t)c->stream, (int)((struct tensor_map*)p[0])->words[0],
           (int)((struct tensor_map*)p[1])->words[0]);
    for (unsigned i = 0; i < c->attribute_count; ++i)
        printf(" %d=%d,%d,%d", c->attributes[i].id, c->attributes[i].value.words[0], c->attributes[i].value.words[1],
               c->attributes[i].value.words[2]);
    printf("\n%d bytes an attribute ", (int)sizeof(struct launch_attribute));
    return e != 0;
}
)");
    EXPECT_EQ(found,
              "tiled 0 9 2 4352 sizes 64 10 strides 128 box 64 32 steps 1 1; 0 3 3 0\n"
              "im2col 7 4 4096 sizes 57 8 strides 256 817152 corners -1 -2 -3 -4 of 32 128 steps 1 2; 0 0 3 0\n"
              "launch 2 6 128 4096 B on 7, 5 and 6: 6=1,0,0 4=2,1,1\n72 bytes an attribute 0\n");
}

TEST(ExportCudaLaunchText, IsEmptyForAGridWithoutBlocks) {
    const AnyTensor x("x", f32, std::vector<Extent>{64});
    CudaKernel kernel = kernel_over(x);
    kernel.grid[1] = Expr::integer(0);
    EXPECT_EQ(c_launch(kernel, 0, {{{x.node().get(), "x"}}, {{size_n, "N"}}}, -1), "");
}

}  // namespace
}  // namespace heddle::test
