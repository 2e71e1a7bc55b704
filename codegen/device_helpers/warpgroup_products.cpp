// codegen/device_helpers/warpgroup_products.cpp -- products of tiles in shared memory by four warps (wgmma).
#include <fmt/format.h>

#include <iterator>

#include "codegen/device_helpers/rows.h"

namespace heddle {
namespace {

// Operands of one list, eight a line.
std::string listed(int count, const std::string& before, const std::string& after, const std::string& line_end,
                   const std::string& line_begin) {
    std::string text;
    for (int i = 0; i < count; ++i) {
        text.append(before).append(std::to_string(i)).append(after).append(i + 1 < count ? "," : "");
        if (i + 1 < count) text += (i + 1) % 8 ? " " : line_end + line_begin;
    }
    return text;
}

// D is 64 x n in registers, A is 64 x k, B is k x n; k elements take 32 bytes.
DeviceHelper product(int n, const std::string& element, bool registers) {
    const bool narrow = element != "tf32";  // two-byte elements may be transposed
    const int sums = n / 2, a_operands = registers ? 4 : 1;
    const int b = sums + a_operands, accumulate = b + 1;
    const std::string name =
        fmt::format("wgmma_m64n{}k{}_{}{}", n, narrow ? 16 : 8, element, registers ? "_registers" : "");
    std::string parameters, a_places, a_values, transposes, transpose_places;
    if (narrow && !registers) {
        parameters = "template <int transposed_a, int transposed_b>\n";
        transposes = ", \"n\"(transposed_a), \"n\"(transposed_b)";
        transpose_places = fmt::format(", %{}, %{}", accumulate + 1, accumulate + 2);
    } else if (narrow) {
        parameters = "template <int transposed_b>\n";
        transposes = ", \"n\"(transposed_b)";
        transpose_places = fmt::format(", %{}", accumulate + 1);
    }
    for (int i = 0; i < a_operands; ++i) {
        a_places += (i ? ", %" : "%") + std::to_string(sums + i);
        a_values += registers ? fmt::format("{}\"r\"(a[{}])", i ? ", " : "", i) : "\"l\"(a)";
    }
    return {
        name, 90, true,
        fmt::format(
            R"(// Starts d = a * b + (accumulate ? d : 0), by four warps; a{0} in shared memory, given by descriptors.
{1}static __device__ __forceinline__ void {2}(
    float (&d)[{3}], {4}, unsigned long long b, int accumulate) {{
    asm volatile(
        "{{\n\t"
        ".reg .pred accumulate;\n\t"
        "setp.ne.b32 accumulate, %{5}, 0;\n\t"
        "wgmma.mma_async.sync.aligned.m64n{6}k{7}.f32.{8}.{8} "
        "{{{9}}}, "
        "{10}, %{11}, accumulate, 1, 1{12};\n\t"
        "}}"
        : {13}
        : {14}, "l"(b), "r"(accumulate){15});
}}
)",
            registers ? " in registers, b" : " and b", parameters, name, sums,
            registers ? "const unsigned (&a)[4]" : "unsigned long long a", accumulate, n, narrow ? 16 : 8, element,
            listed(sums, "%", "", " \"\n        \"", ""), registers ? "{" + a_places + "}" : a_places, b,
            transpose_places, listed(sums, "\"+f\"(d[", "])", "\n          ", ""), a_values, transposes)};
}

}  // namespace

void add_warpgroup_products(DeviceHelpers& table) {
    const DeviceHelper rows[] = {
        {"matrix_descriptor", 90, false, R"(// A tile in shared memory; a later start is added in units of 16 bytes.
static __device__ __forceinline__ unsigned long long matrix_descriptor(const void* tile, int leading_bytes,
                                                                       int stride_bytes, int swizzle_bytes) {
    const unsigned long long swizzle = swizzle_bytes == 128 ? 1 : swizzle_bytes == 64 ? 2 : swizzle_bytes == 32 ? 3 : 0;
    return swizzle << 62 | static_cast<unsigned long long>(stride_bytes >> 4 & 0x3fff) << 32 |
           static_cast<unsigned long long>(leading_bytes >> 4 & 0x3fff) << 16 | (shared_address(tile) >> 4 & 0x3fff);
}
)"},
        {"wgmma_fence", 90, true, R"(// Orders this warpgroup's use of registers before its products that follow.
static __device__ __forceinline__ void wgmma_fence() {
    asm volatile("wgmma.fence.sync.aligned;" ::: "memory");
}
)"},
        {"wgmma_commit", 90, true, R"(// Closes this warpgroup's group of started products.
static __device__ __forceinline__ void wgmma_commit() {
    asm volatile("wgmma.commit_group.sync.aligned;" ::: "memory");
}
)"},
        {"wgmma_wait", 90, true, R"(// Waits until all but the latest N groups are done.
template <int N>
static __device__ __forceinline__ void wgmma_wait() {
    asm volatile("wgmma.wait_group.sync.aligned %0;" ::"n"(N) : "memory");
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
    for (const char* element : {"bf16", "f16", "tf32"})
        for (const bool registers : {false, true})
            for (int n = 8; n <= 256; n += 8) table.push_back(product(n, element, registers));
}

}  // namespace heddle
