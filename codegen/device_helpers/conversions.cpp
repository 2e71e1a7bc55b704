// codegen/device_helpers/conversions.cpp -- roundings to the elements of tensor cores, and their packing.
#include <iterator>

#include "codegen/device_helpers/rows.h"

namespace heddle {

void add_conversions(DeviceHelpers& table) {
    const DeviceHelper rows[] = {
        {"round_to_tf32", 80, false, R"(// To 10 bits of fraction: to nearest, ties away from zero.
static __device__ __forceinline__ float round_to_tf32(float value) {
    unsigned bits;
    asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(bits) : "f"(value));
    return __uint_as_float(bits);
}
)"},
        {"high_of_tf32", 80, false, R"(// The bits that tf32 keeps.
static __device__ __forceinline__ unsigned high_of_tf32(float value) { return __float_as_uint(value) & 0xffffe000u; }
)"},
        {"rest_of_tf32", 80, false, R"(// What the bits that tf32 keeps leave; exact.
static __device__ __forceinline__ float rest_of_tf32(float value) {
    return value - __uint_as_float(high_of_tf32(value));
}
)"},
        {"rest_bits_of_tf32", 80, false, R"(// The same as bits, for the second of two products.
static __device__ __forceinline__ unsigned rest_bits_of_tf32(float value) {
    return __float_as_uint(rest_of_tf32(value));
}
)"},
        {"pack_f16", 80, false, R"(// Both rounded to nearest, ties to even; `low` in the lower half.
static __device__ __forceinline__ unsigned pack_f16(float low, float high) {
    unsigned pair;
    asm("cvt.rn.f16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
)"},
        {"pack_bf16", 80, false, R"(// Both rounded to nearest, ties to even; `low` in the lower half.
static __device__ __forceinline__ unsigned pack_bf16(float low, float high) {
    unsigned pair;
    asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
    return pair;
}
)"},
        {"pack_bytes", 80, false, R"(// The low bytes of four integers, the first one lowest.
static __device__ __forceinline__ unsigned pack_bytes(int first, int second, int third, int fourth) {
    return (first & 0xffu) | (second & 0xffu) << 8 | (third & 0xffu) << 16 | (fourth & 0xffu) << 24;
}
)"},
        {"pack_pair", 80, false, R"(// Two elements of 16 bits, the first one in the lower half.
static __device__ __forceinline__ unsigned pack_pair(const unsigned short* first, const unsigned short* second) {
    return *first | static_cast<unsigned>(*second) << 16;
}
)"},
        {"load_pair", 80, false, R"(// Two neighbours of 16 bits at once.
static __device__ __forceinline__ unsigned load_pair(const unsigned short* first) {
    return *reinterpret_cast<const unsigned*>(first);
}
)"},
        {"keep_packed", 80, false,
         R"(// The compiler takes the words for new ones, and so keeps nothing that was unpacked from them: the high bit of
// the clock, which it cannot know to be 0, is exclusive-ored.
template <class P, int N>
static __device__ __forceinline__ void keep_packed(P (&tile)[N]) {
    constexpr int words_of_row = sizeof(P) / 4;
    unsigned zero;
    asm volatile("mov.u32 %0, %%clock_hi;" : "=r"(zero));
    zero >>= 31;
#pragma unroll
    for (int row = 0; row < N; ++row) {
        unsigned words[words_of_row];
        memcpy(words, &tile[row], sizeof(P));
#pragma unroll
        for (int i = 0; i < words_of_row; ++i) asm("xor.b32 %0, %0, %1;" : "+r"(words[i]) : "r"(zero));
        memcpy(&tile[row], words, sizeof(P));
    }
}
)"},
        {"store_pair_f16", 80, false, R"(// Two neighbours at once, rounded.
static __device__ __forceinline__ void store_pair_f16(unsigned short* to, float low, float high) {
    *reinterpret_cast<unsigned*>(to) = pack_f16(low, high);
}
)"},
        {"store_pair_bf16", 80, false, R"(// Two neighbours at once, rounded.
static __device__ __forceinline__ void store_pair_bf16(unsigned short* to, float low, float high) {
    *reinterpret_cast<unsigned*>(to) = pack_bf16(low, high);
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
}

}  // namespace heddle
