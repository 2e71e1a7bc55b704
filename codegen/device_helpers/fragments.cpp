// codegen/device_helpers/fragments.cpp -- 8 x 8 matrices between shared memory and a warp's registers, and their
// products.
#include <fmt/format.h>

#include "codegen/device_helpers/rows.h"

namespace heddle {
namespace {

std::string listed(int count, const std::string& before, const std::string& after, int first = 0) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text.append(i ? ", " : "").append(before).append(std::to_string(first + i)).append(after);
    return text;
}

std::string matrices(int count) { return count == 1 ? "A matrix" : fmt::format("{} matrices", count); }

DeviceHelper load_matrix(int count, bool transposed) {
    const std::string name = fmt::format("load_matrix_x{}{}", count, transposed ? "_transposed" : "");
    return {name, 80, false,
            fmt::format(R"(// {0} of 8 x 8 two-byte elements{1}: `row` is the start of row lane % 8 of matrix lane / 8.
static __device__ __forceinline__ void {2}(unsigned (&r)[{3}], const void* row) {{
    asm volatile("ldmatrix.sync.aligned.m8n8.x{3}{4}.shared.b16 {{{5}}}, [%{3}];"
                 : {6}
                 : "r"(shared_address(row))
                 : "memory");
}}
)",
                        matrices(count), transposed ? ", transposed" : "", name, count, transposed ? ".trans" : "",
                        listed(count, "%", ""), listed(count, "\"=r\"(r[", "])"))};
}

DeviceHelper store_matrix(int count, bool transposed) {
    const std::string name = fmt::format("store_matrix_x{}{}", count, transposed ? "_transposed" : "");
    return {name, 90, false,
            fmt::format(R"(// {1} of 8 x 8 two-byte elements{6}: `row` is the start of row lane % 8 of matrix lane / 8.
static __device__ __forceinline__ void {2}(void* row, const unsigned (&r)[{0}]) {{
    asm volatile("stmatrix.sync.aligned.m8n8.x{0}{3}.shared.b16 [%0], {{{4}}};" ::"r"(shared_address(row)), {5}
                 : "memory");
}}
)",
                        count, matrices(count), name, transposed ? ".trans" : "", listed(count, "%", "", 1),
                        listed(count, "\"r\"(r[", "])"), transposed ? ", transposed" : "")};
}

// D is 16 x 8, A is 16 x k by rows, B is k x 8 by columns.
DeviceHelper product(const std::string& shape, const std::string& name, const std::string& sum,
                     const std::string& ptx_sum, const std::string& ptx_element) {
    const char* constraint = sum == "int" ? "r" : "f";
    return {
        fmt::format("mma_{}_{}", shape, name), 80, false,
        fmt::format(R"(// d += a * b, by a warp.
static __device__ __forceinline__ void mma_{0}_{1}({2} (&d)[4], const unsigned (&a)[4], const unsigned (&b)[2]) {{
    asm volatile(
        "mma.sync.aligned.{0}.row.col.{3}.{4}.{4}.{3} "
        "{{%0, %1, %2, %3}}, {{%4, %5, %6, %7}}, {{%8, %9}}, {{%0, %1, %2, %3}};"
        : {5}
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}}
)",
                    shape, name, sum, ptx_sum, ptx_element, listed(4, fmt::format("\"+{}\"(d[", constraint), "])"))};
}

}  // namespace

void add_fragments(DeviceHelpers& table) {
    for (const bool transposed : {false, true})
        for (const int count : {1, 2, 4}) table.push_back(load_matrix(count, transposed));
    for (const bool transposed : {false, true})
        for (const int count : {1, 2, 4}) table.push_back(store_matrix(count, transposed));
    table.push_back(product("m16n8k16", "f16", "float", "f32", "f16"));
    table.push_back(product("m16n8k16", "bf16", "float", "f32", "bf16"));
    table.push_back(product("m16n8k8", "tf32", "float", "f32", "tf32"));
    table.push_back(product("m16n8k32", "i8", "int", "s32", "s8"));
    table.push_back(product("m16n8k32", "u8", "int", "s32", "u8"));
    table.push_back({"mma_m8n8k4_f64", 80, false, R"(// d += a * b, by a warp.
static __device__ __forceinline__ void mma_m8n8k4_f64(double (&d)[2], double a, double b) {
    asm volatile("mma.sync.aligned.m8n8k4.row.col.f64.f64.f64.f64 {%0, %1}, {%2}, {%3}, {%0, %1};"
                 : "+d"(d[0]), "+d"(d[1])
                 : "d"(a), "d"(b));
}
)"});
}

}  // namespace heddle
