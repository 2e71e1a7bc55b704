// tests/emulator/warpgroup_test.cpp -- products of a warpgroup, with operands in each layout, against plain loops.
#include <random>

#include "runtime/type.h"
#include "tests/emulator/kernel_texts.h"

namespace heddle::test {
namespace {

// What differs between the kernels. A is 64 x 64 by rows, then B is n x 64: its columns. `place_a`, `place_b`: the byte
// of element (row, k) before the swizzle; `step_a`, `step_b`: units of 16 bytes from one product to the next in k; 0:
// in tiles of two products that lie 4096 bytes apart.
struct Layouts {
    std::string name;
    std::string element;  ///< bf16, f16, tf32
    int n;
    int swizzle;
    std::string place_a, place_b;
    std::string descriptor_a, descriptor_b;  ///< leading and stride bytes
    int step_a, step_b;
    int transposed_a = 0, transposed_b = 0;
    int shift_b = 0;  ///< B starts so many bytes after a multiple of 1024
};

void PrintTo(const Layouts& layouts, std::ostream* out) { *out << layouts.name; }

std::string step(int units) { return units ? "k * " + std::to_string(units) : "(k / 2 * 256 + k % 2 * 2)"; }

KernelText kernel_of(const Layouts& l) {
    const bool tf32 = l.element == "tf32";
    const std::string type = tf32 ? "float" : "unsigned short", n = std::to_string(l.n);
    const std::string product = "wgmma_m64n" + n + (tf32 ? "k8_" : "k16_") + l.element;
    const std::string transposes =
        tf32 ? "" : "<" + std::to_string(l.transposed_a) + ", " + std::to_string(l.transposed_b) + ">";
    const std::string flips = l.swizzle == 128 ? "7" : l.swizzle == 64 ? "3" : l.swizzle == 32 ? "1" : "0";
    const auto fill = [&](const std::string& tile, const std::string& rows, const std::string& place,
                          const std::string& from) {
        return "for (int i = threadIdx.x; i < " + rows +
               " * 64; i += 128) {\n    const int row = i / 64, k = i % 64;\n" + "    const int byte = " + tile +
               " + " + place + ";\n    *reinterpret_cast<" + type + "*>(s + (byte ^ (byte >> 7 & " + flips +
               ") << 4)) = in[" + from + "i];\n}\n";
    };
    const std::string b_start = "32768 + " + std::to_string(l.shift_b),
                      swizzle = ", " + std::to_string(l.swizzle) + ")";
    return {"extern __shared__ __align__(1024) unsigned char s[];\n" + fill("0", "64", l.place_a, "") +
                fill(b_start, n, l.place_b, "4096 + ") + "async_proxy_fence();\n__syncthreads();\n" +
                "const unsigned long long a = matrix_descriptor(s, " + l.descriptor_a + swizzle + ";\n" +
                "const unsigned long long b = matrix_descriptor(s + " + b_start + ", " + l.descriptor_b + swizzle +
                ";\n" + "float d[" + n + " / 2];\nwgmma_fence();\nfor (int k = 0; k < " + (tf32 ? "8" : "4") +
                "; ++k) " + product + transposes + "(d, a + " + step(l.step_a) + ", b + " + step(l.step_b) +
                ", k > 0);\nwgmma_commit();\nwgmma_wait<0>();\nconst int lane = threadIdx.x % 32;\n" +
                "for (int i = 0; i < " + n +
                " / 2; ++i)\n    out[(threadIdx.x / 32 * 16 + lane / 4 + i / 2 % 2 * 8) * " + n +
                " + i / 4 * 8 + lane % 4 * 2 + i % 2] = d[i];",
            "const " + type + "* in, float* out",
            {"matrix_descriptor", "async_proxy_fence", "wgmma_fence", "wgmma_commit", "wgmma_wait", product}};
}

// By rows of `width` bytes along k.
std::string rows_along_k(int width, int bytes) {
    return "row * " + std::to_string(width) + " + k * " + std::to_string(bytes);
}
// Rows of 64 elements along m or n, one for each k; the next 64 of them 8192 bytes on.
constexpr const char* rows_across_k = "row / 64 * 8192 + k * 128 + row % 64 * 2";
// Without a swizzle: 8 rows of 16 bytes are contiguous, then the next 16 bytes of k; eight rows take 1024 bytes.
constexpr const char* plain = "row / 8 * 1024 + k / 8 * 128 + row % 8 * 16 + k % 8 * 2";

const Layouts all_layouts[] = {
    {"bf16_along_k", "bf16", 64, 128, rows_along_k(128, 2), rows_along_k(128, 2), "16, 1024", "16, 1024", 2, 2},
    {"f16_along_k_wide", "f16", 256, 128, rows_along_k(128, 2), rows_along_k(128, 2), "16, 1024", "16, 1024", 2, 2},
    {"bf16_b_across_k", "bf16", 128, 128, rows_along_k(128, 2), rows_across_k, "16, 1024", "8192, 1024", 2, 128, 0, 1},
    {"bf16_both_across_k", "bf16", 192, 128, rows_across_k, rows_across_k, "8192, 1024", "8192, 1024", 128, 128, 1, 1},
    {"bf16_unswizzled", "bf16", 24, 0, plain, plain, "128, 1024", "128, 1024", 16, 16},
    // Tiles of 32 along k: two products in one, the other two 4096 bytes on.
    {"bf16_swizzle_64", "bf16", 32, 64, "k / 32 * 4096 + row * 64 + k % 32 * 2",
     "k / 32 * 4096 + row * 64 + k % 32 * 2", "16, 512", "16, 512", 0, 0},
    // Columns of B in groups of eight, 12 rows of a patch from one to the next, from its third row on.
    {"bf16_shifted_patch", "bf16", 64, 128, rows_along_k(128, 2), "(row / 8 * 12 + row % 8) * 128 + k * 2", "16, 1024",
     "16, 12 * 128", 2, 2, 0, 0, 256},
};

template <class In, class Bits, class Value>
void expect_product(const Layouts& l, Bits bits, Value value) {
    std::mt19937 random(3);
    std::vector<In> in(static_cast<std::size_t>((64 + l.n) * 64));
    for (In& element : in) element = bits(static_cast<float>(std::uniform_int_distribution<int>(-3, 3)(random)));
    std::vector<float> out(static_cast<std::size_t>(64 * l.n));
    ASSERT_EQ(fault_of(EmulatedProgram(kernel_of(l).text()), 0, {128, 1, 1, 131072}, in, out), "");
    int wrong = 0;
    for (int row = 0; row < 64; ++row)
        for (int column = 0; column < l.n; ++column) {
            double sum = 0;
            for (int k = 0; k < 64; ++k)
                sum += value(in[static_cast<std::size_t>(row * 64 + k)]) *
                       value(in[static_cast<std::size_t>((64 + column) * 64 + k)]);
            wrong += static_cast<double>(out[static_cast<std::size_t>(row * l.n + column)]) != sum;
        }
    EXPECT_EQ(wrong, 0);
}

class WarpgroupProduct : public testing::TestWithParam<Layouts> {};

TEST_P(WarpgroupProduct, GivesWhatLoopsGive) {
    Layouts l = GetParam();
    if (l.element == "f16")
        expect_product<unsigned short>(l, f16_bits, f16_value);
    else
        expect_product<unsigned short>(l, bf16_bits, bf16_value);
}

INSTANTIATE_TEST_SUITE_P(Layouts, WarpgroupProduct, testing::ValuesIn(all_layouts),
                         [](const auto& info) { return info.param.name; });

// 64 x 32 by 32 x 32: rows of 128 bytes hold all of k.
TEST(WarpgroupProduct, OfFloatsWithAInRegisters) {
    const KernelText kernel = {R"(__shared__ __align__(1024) unsigned char s[4096];
for (int i = threadIdx.x; i < 1024; i += 128) {
    const int byte = i * 4;
    *reinterpret_cast<float*>(s + (byte ^ (byte >> 7 & 7) << 4)) = in[2048 + i];
}
async_proxy_fence();
__syncthreads();
const unsigned long long b = matrix_descriptor(s, 16, 1024, 128);
const int lane = threadIdx.x % 32, row = threadIdx.x / 32 * 16 + lane / 4;
float d[16] = {};
for (int k = 0; k < 4; ++k) {
    unsigned a[4];
    for (int i = 0; i < 4; ++i) a[i] = __float_as_uint(in[(row + i % 2 * 8) * 32 + k * 8 + i / 2 * 4 + lane % 4]);
    wgmma_fence();
    wgmma_m64n32k8_tf32_registers(d, a, b + 2 * k, 1);
    wgmma_commit();
    wgmma_wait<0>();
}
for (int i = 0; i < 16; ++i) out[(row + i / 2 % 2 * 8) * 32 + i / 4 * 8 + lane % 4 * 2 + i % 2] = d[i];)",
                               "const float* in, float* out",
                               {"matrix_descriptor", "async_proxy_fence", "wgmma_fence", "wgmma_commit", "wgmma_wait",
                                "wgmma_m64n32k8_tf32_registers"}};
    std::mt19937 random(5);
    std::vector<float> in(3072), out(2048);
    for (float& value : in) value = static_cast<float>(std::uniform_int_distribution<int>(-9, 9)(random));
    ASSERT_EQ(fault_of(EmulatedProgram(kernel.text()), 0, {128}, in, out), "");
    for (std::size_t row = 0; row < 64; ++row)
        for (std::size_t column = 0; column < 32; ++column) {
            float sum = 0;
            for (std::size_t k = 0; k < 32; ++k) sum += in[row * 32 + k] * in[2048 + column * 32 + k];
            EXPECT_EQ(out[row * 32 + column], sum);
        }
}

}  // namespace
}  // namespace heddle::test
