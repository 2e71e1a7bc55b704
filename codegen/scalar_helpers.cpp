// codegen/scalar_helpers.cpp -- the texts of functions that emitted expressions call.
#include "codegen/scalar_helpers.h"

namespace heddle {
namespace {

struct Helper {
    const char* name;
    const char* text;
};

// The largest or smallest of a pack's lanes, two at a time.
#define HEDDLE_EXTREMUM_OF_PACK(op, type)                             \
    "template <int N>\n"                                              \
    "static __device__ __forceinline__ float " op "_of_" type         \
    "(const Pack<unsigned short, N>& pack) {"                         \
    "  // NaN when one is\n"                                          \
    "    unsigned words[N / 2];\n"                                    \
    "    memcpy(words, &pack, sizeof(words));\n"                      \
    "#pragma unroll\n"                                                \
    "    for (int i = 1; i < N / 2; ++i)\n"                           \
    "        asm(\"" op ".NaN." type                                  \
    "x2 %0, %0, %1;\" : \"+r\"(words[0]) : \"r\"(words[i]));\n"       \
    "    asm(\"" op ".NaN." type                                      \
    "x2 %0, %0, %1;\" : \"+r\"(words[0]) : \"r\"(words[0] >> 16));\n" \
    "    return " type "_to_float(static_cast<unsigned short>(words[0]));\n}\n"

// In the order of their use of each other; half floats need PTX.
constexpr Helper helpers_table[] = {
    {"f16_to_float",
     "static __device__ __forceinline__ float f16_to_float(unsigned short bits) {\n"
     "    float value;\n"
     "    asm(\"cvt.f32.f16 %0, %1;\" : \"=f\"(value) : \"h\"(bits));\n"
     "    return value;\n}\n"},
    {"float_to_f16",
     "static __device__ __forceinline__ unsigned short float_to_f16(float value) {\n"
     "    unsigned short bits;\n"
     "    asm(\"cvt.rn.f16.f32 %0, %1;\" : \"=h\"(bits) : \"f\"(value));\n"
     "    return bits;\n}\n"},
    {"bf16_to_float",
     "static __device__ __forceinline__ float bf16_to_float(unsigned short bits) {\n"
     "    return __uint_as_float(static_cast<unsigned>(bits) << 16);\n}\n"},
    {"float_to_bf16",
     "static __device__ __forceinline__ unsigned short float_to_bf16(float value) {\n"
     "    unsigned short bits;\n"
     "    asm(\"cvt.rn.bf16.f32 %0, %1;\" : \"=h\"(bits) : \"f\"(value));\n"
     "    return bits;\n}\n"},
    {"Pack",
     "template <class T, int N>\nstruct alignas(sizeof(T) * N < 16 ? sizeof(T) * N : 16) Pack {  // moved at once\n"
     "    T lanes[N];\n};\n"},
    {"bf16_lane",
     "template <int N>\n"
     "static __device__ __forceinline__ float bf16_lane(const Pack<unsigned short, N>& pack, int lane) {\n"
     "    unsigned word;\n"
     "    memcpy(&word, &pack.lanes[lane / 2 * 2], sizeof(word));\n"
     "    return __uint_as_float(lane % 2 == 0 ? word << 16 : word & 0xffff0000u);\n}\n"},
    {"max_of_f16", HEDDLE_EXTREMUM_OF_PACK("max", "f16")},
    {"max_of_bf16", HEDDLE_EXTREMUM_OF_PACK("max", "bf16")},
    {"min_of_f16", HEDDLE_EXTREMUM_OF_PACK("min", "f16")},
    {"min_of_bf16", HEDDLE_EXTREMUM_OF_PACK("min", "bf16")},
    {"load_pack",
     "template <int N, class T>\nstatic __device__ __forceinline__ Pack<T, N> load_pack(const T* from) {\n"
     "    return *reinterpret_cast<const Pack<T, N>*>(from);\n}\n"},
    {"load_pack_where",
     "template <int N, class T>\n"
     "static __device__ __forceinline__ Pack<T, N> load_pack_where(bool inside, const T* from) {  // else zeros\n"
     "    Pack<unsigned, (sizeof(T) * N + 3) / 4> words = {};\n"
     "    if (inside) words = *reinterpret_cast<const Pack<unsigned, (sizeof(T) * N + 3) / 4>*>(from);\n"
     "    Pack<T, N> pack;\n"
     "    memcpy(&pack, &words, sizeof(pack));\n"
     "    return pack;\n}\n"},
    {"load_pack_between",
     "// Lanes first .. end - 1, zeros beside them. Whole words, so that nothing waits for a load before it is used.\n"
     "template <int N, class I, class T>\n"
     "static __device__ __forceinline__ Pack<T, N> load_pack_between(I first, I end, const T* from) {\n"
     "    constexpr int lanes_of_word = 4 / sizeof(T);\n"
     "    Pack<unsigned, N / lanes_of_word> words = {};\n"
     "    if (first <= 0 && end >= N) {\n"
     "        words = *reinterpret_cast<const Pack<unsigned, N / lanes_of_word>*>(from);\n"
     "    } else if (first < N && end > 0) {\n"
     "#pragma unroll\n"
     "        for (int i = 0; i < N; ++i) {\n"
     "            if (i < first || i >= end) continue;\n"
     "            const T lane = from[i];\n"
     "            unsigned bits = 0;\n"
     "            memcpy(&bits, &lane, sizeof(T));\n"
     "            words.lanes[i / lanes_of_word] |= bits << (i % lanes_of_word * 8 * static_cast<int>(sizeof(T)));\n"
     "        }\n"
     "    }\n"
     "    Pack<T, N> pack;\n"
     "    memcpy(&pack, &words, sizeof(pack));\n"
     "    return pack;\n}\n"},
    {"store_pack",
     "template <class T, int N>\nstatic __device__ __forceinline__ void store_pack(T* to, const Pack<T, N>& pack) {\n"
     "    *reinterpret_cast<Pack<T, N>*>(to) = pack;\n}\n"},
    {"floor_div",
     "template <class T>\nstatic __device__ __forceinline__ T floor_div(T a, T b) {\n"
     "    if (b == 0) return 0;\n"
     "    const T q = a / b;\n"
     "    return q - (a % b != 0 && (a % b < 0) != (b < 0));\n}\n"},
    {"floor_mod",
     "template <class T>\nstatic __device__ __forceinline__ T floor_mod(T a, T b) {\n"
     "    if (b == 0) return 0;\n"
     "    const T r = a % b;\n"
     "    return r != 0 && (r < 0) != (b < 0) ? r + b : r;\n}\n"},
    {"copy_elements",
     "// Elements one by one, where they are not aligned; zeros where they are not inside.\n"
     "template <int count, class T>\n"
     "static __device__ __forceinline__ void copy_elements(T* to, const T* from, long long stride, bool inside) {\n"
     "    for (int i = 0; i < count; ++i) to[i] = inside ? from[i * stride] : static_cast<T>(0);\n}\n"},
    {"swizzled",
     "// The place of an element in a tile whose units of 16 bytes (2^low elements) are exclusive-ored with their "
     "row.\n"
     "template <int low, int bits, int shift>\n"
     "static __device__ __forceinline__ int swizzled(int place) {\n"
     "    return place ^ ((place >> (low + shift)) & ((1 << bits) - 1)) << low;\n}\n"},
    {"max_nan",
     "template <class T>\nstatic __device__ __forceinline__ T max_nan(T a, T b) {  // NaN when either is\n"
     "    return a > b || a != a ? a : b;\n}\n"},
    {"max_nan_f32",
     "static __device__ __forceinline__ float max_nan(float a, float b) {  // NaN when either is\n"
     "    float value;\n"
     "    asm(\"max.NaN.f32 %0, %1, %2;\" : \"=f\"(value) : \"f\"(a), \"f\"(b));\n"
     "    return value;\n}\n"},
    {"min_nan",
     "template <class T>\nstatic __device__ __forceinline__ T min_nan(T a, T b) {  // NaN when either is\n"
     "    return a < b || a != a ? a : b;\n}\n"},
    {"min_nan_f32",
     "static __device__ __forceinline__ float min_nan(float a, float b) {  // NaN when either is\n"
     "    float value;\n"
     "    asm(\"min.NaN.f32 %0, %1, %2;\" : \"=f\"(value) : \"f\"(a), \"f\"(b));\n"
     "    return value;\n}\n"},
    {"divide_by",
     "// By a constant whose inverse is given: rounded as a division is, where that is a normal number.\n"
     "static __device__ __forceinline__ float divide_by(float a, float divisor, float inverse) {\n"
     "    const float near = a * inverse;\n"
     "    const float value = fmaf(fmaf(-near, divisor, a), inverse, near);\n"
     "    return fabsf(near) < __int_as_float(0x7f800000) ? value : near;\n}\n"},
    {"exp_near",
     "// 2^t * e^(x - t * ln 2), where t is x * log2 e rounded down: the last power is 1 and a little. Results\n"
     "// below the normal numbers are 0.\n"
     "static __device__ __forceinline__ float exp_near(float x) {\n"
     "    const float t = __fmul_rd(x, 1.44269504f);\n"
     "    return __nvvm_ex2_approx_ftz_f(t) * (1.0f + __saturatef(fmaf(t, -0.693147181f, x)));\n}\n"},
    {"exp_difference",
     "// e^(a - b), where `a` has few digits: to some of the last bits of a float. The product of b, which is the "
     "same\n"
     "// for many a, is kept in two parts. Results below the normal numbers are 0.\n"
     "static __device__ __forceinline__ float exp_difference(float a, float b) {\n"
     "    const float high = b * 1.44269504f;\n"
     "    const float low = high - high == 0.0f ? fmaf(b, 1.44269504f, -high) : 0.0f;\n"
     "    return __nvvm_ex2_approx_ftz_f(fmaf(a, 1.44269504f, -high) - low);\n}\n"},
    {"atomic_add",
     "template <class T>\nstatic __device__ __forceinline__ void atomic_add(T* to, T value) {\n"
     "    atomicAdd(to, value);\n}\n"
     "static __device__ __forceinline__ void atomic_add(long long* to, long long value) {\n"
     "    atomicAdd(reinterpret_cast<unsigned long long*>(to), static_cast<unsigned long long>(value));\n}\n"},
    {"atomic_change",
     "template <int bytes>\nstruct AtomicWord {\n    using Type = unsigned;\n};\n"
     "template <>\nstruct AtomicWord<8> {\n    using Type = unsigned long long;\n};\n"
     "// *to = change(*to), tried until no other thread comes between.\n"
     "template <class T, class Change>\n"
     "static __device__ __forceinline__ void atomic_change(T* to, Change change) {\n"
     "    using Word = typename AtomicWord<sizeof(T)>::Type;\n"
     "    Word* const place = reinterpret_cast<Word*>(to);\n"
     "    Word seen = atomicCAS(place, Word(0), Word(0)), before;\n"
     "    do {\n"
     "        before = seen;\n"
     "        T value;\n"
     "        memcpy(&value, &before, sizeof(T));\n"
     "        value = change(value);\n"
     "        Word next;\n"
     "        memcpy(&next, &value, sizeof(T));\n"
     "        seen = atomicCAS(place, before, next);\n"
     "    } while (seen != before);\n}\n"},
    {"atomic_mul",
     "template <class T>\nstatic __device__ __forceinline__ void atomic_mul(T* to, T value) {\n"
     "    atomic_change(to, [=](T held) { return held * value; });\n}\n"},
    {"atomic_max",
     "template <class T>\nstatic __device__ __forceinline__ void atomic_max(T* to, T value) {\n"
     "    atomic_change(to, [=](T held) { return max_nan(held, value); });\n}\n"},
    {"atomic_min",
     "template <class T>\nstatic __device__ __forceinline__ void atomic_min(T* to, T value) {\n"
     "    atomic_change(to, [=](T held) { return min_nan(held, value); });\n}\n"},
};
#undef HEDDLE_EXTREMUM_OF_PACK

}  // namespace

std::string scalar_helpers(const std::set<std::string>& names) {
    std::string text;
    for (const Helper& helper : helpers_table)
        if (names.count(helper.name)) text += std::string(helper.text) + "\n";
    return text;
}

}  // namespace heddle
