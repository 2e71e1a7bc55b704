// tests/emulator/fragments_test.cpp -- matrices loaded as fragments, multiplied by a warp and stored, against plain
// loops.
#include <random>

#include "runtime/type.h"
#include "tests/emulator/kernel_texts.h"

namespace heddle::test {
namespace {

template <class T>
std::vector<T> random_bits(std::size_t count, T (*bits_of)(int)) {
    std::mt19937 random(1);
    std::vector<T> values(count);
    for (T& value : values) value = bits_of(std::uniform_int_distribution<int>(-4, 4)(random));
    return values;
}
unsigned short half(int value) { return f16_bits(static_cast<float>(value)); }
unsigned short bfloat(int value) { return bf16_bits(static_cast<float>(value)); }
float single(int value) { return static_cast<float>(value); }
double wide(int value) { return value; }
signed char byte(int value) { return static_cast<signed char>(value < 4 ? 32 * value : 127); }

// A is 16 x k by rows, then B, 8 x k: its columns.
template <class In, class Out, class Value>
void expect_product(const KernelText& kernel, int m, int k, const std::vector<In>& in, Value value) {
    std::vector<Out> out(static_cast<std::size_t>(m * 8));
    ASSERT_EQ(fault_of(EmulatedProgram(kernel.text()), 0, {32}, in, out), "");
    for (int row = 0; row < m; ++row)
        for (int column = 0; column < 8; ++column) {
            double sum = 0;
            for (int i = 0; i < k; ++i)
                sum += value(in[static_cast<std::size_t>(row * k + i)]) *
                       value(in[static_cast<std::size_t>((m + column) * k + i)]);
            EXPECT_EQ(static_cast<double>(out[static_cast<std::size_t>(row * 8 + column)]), sum)
                << row << "," << column;
        }
}

// By ldmatrix: 16 bytes of a row are 8 elements of two bytes, whatever lies in them.
KernelText product_of(const std::string& name, const std::string& element, int k, const std::string& sum) {
    return {"__shared__ __align__(16) " + element + " s[24 * " + std::to_string(k) + "];\n" +
                "for (int i = threadIdx.x; i < 24 * " + std::to_string(k) +
                "; i += 32) s[i] = in[i];\n__syncwarp();\n" +
                "unsigned a[4], b[2];\nconst int lane = threadIdx.x, half = " + std::to_string(k / 2) + ";\n" +
                "load_matrix_x4(a, &s[lane % 16 * " + std::to_string(k) + " + lane / 16 * half]);\n" +
                "load_matrix_x2(b, &s[(16 + lane % 8) * " + std::to_string(k) + " + lane / 8 % 2 * half]);\n" + sum +
                " d[4] = {};\n" + name + "(d, a, b);\n" +
                "for (int i = 0; i < 4; ++i) out[(lane / 4 + i / 2 * 8) * 8 + lane % 4 * 2 + i % 2] = d[i];",
            "const " + element + "* in, " + sum + "* out",
            {"load_matrix_x4", "load_matrix_x2", name}};
}

TEST(Fragments, OfHalves) {
    expect_product<unsigned short, float>(product_of("mma_m16n8k16_f16", "unsigned short", 16, "float"), 16, 16,
                                          random_bits<unsigned short>(24 * 16, half), f16_value);
}
TEST(Fragments, OfBfloats) {
    expect_product<unsigned short, float>(product_of("mma_m16n8k16_bf16", "unsigned short", 16, "float"), 16, 16,
                                          random_bits<unsigned short>(24 * 16, bfloat), bf16_value);
}
TEST(Fragments, OfFloats) {
    expect_product<float, float>(product_of("mma_m16n8k8_tf32", "float", 8, "float"), 16, 8,
                                 random_bits<float>(24 * 8, single), [](float value) { return value; });
}
TEST(Fragments, OfBytes) {
    expect_product<signed char, int>(product_of("mma_m16n8k32_i8", "signed char", 32, "int"), 16, 32,
                                     random_bits<signed char>(24 * 32, byte), [](signed char value) { return value; });
}
TEST(Fragments, OfUnsignedBytes) {
    const auto upper = [](int value) { return static_cast<unsigned char>(200 + 10 * value); };
    expect_product<unsigned char, int>(product_of("mma_m16n8k32_u8", "unsigned char", 32, "int"), 16, 32,
                                       random_bits<unsigned char>(24 * 32, upper),
                                       [](unsigned char value) { return value; });
}
TEST(Fragments, OfDoubles) {
    const KernelText kernel = {
        "double d[2] = {};\nmma_m8n8k4_f64(d, in[threadIdx.x], in[32 + threadIdx.x]);\n"
        "out[2 * threadIdx.x] = d[0];\nout[2 * threadIdx.x + 1] = d[1];",
        "const double* in, double* out",
        {"mma_m8n8k4_f64"}};
    expect_product<double, double>(kernel, 8, 4, random_bits<double>(64, wide), [](double value) { return value; });
}

// Two matrices change places, each transposed.
TEST(Fragments, AreStoredAndTransposed) {
    const KernelText kernel = {
        "__shared__ __align__(16) unsigned short s[256];\n"
        "for (int i = threadIdx.x; i < 128; i += 32) s[i] = in[i];\n__syncwarp();\n"
        "unsigned r[2];\nload_matrix_x2_transposed(r, &s[threadIdx.x % 16 * 8]);\n"
        "const unsigned turned[2] = {r[1], r[0]};\nstore_matrix_x2(&s[128 + threadIdx.x % 16 * 8], "
        "turned);\n__syncwarp();\n"
        "for (int i = threadIdx.x; i < 128; i += 32) out[i] = s[128 + i];",
        "const unsigned short* in, unsigned short* out",
        {"load_matrix_x2_transposed", "store_matrix_x2"}};
    std::vector<unsigned short> in(128), out(128);
    for (std::size_t i = 0; i < 128; ++i) in[i] = static_cast<unsigned short>(i);
    ASSERT_EQ(fault_of(EmulatedProgram(kernel.text()), 0, {32}, in, out), "");
    for (int matrix = 0; matrix < 2; ++matrix)
        for (int row = 0; row < 8; ++row)
            for (int column = 0; column < 8; ++column)
                EXPECT_EQ(out[static_cast<std::size_t>(64 * matrix + 8 * row + column)],
                          in[static_cast<std::size_t>(64 * (1 - matrix) + 8 * column + row)]);
}

}  // namespace
}  // namespace heddle::test
