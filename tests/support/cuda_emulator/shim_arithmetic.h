// tests/support/cuda_emulator/shim_arithmetic.h -- vector types, conversions, functions of numbers, atomics.
#pragma once

#define SHIM_VECTORS(T, name, bytes2, bytes4)                        \
    struct alignas(bytes2) name##2 {                                 \
        T x, y;                                                      \
    };                                                               \
    struct name##3 {                                                 \
        T x, y, z;                                                   \
    };                                                               \
    struct alignas(bytes4) name##4 {                                 \
        T x, y, z, w;                                                \
    };                                                               \
    SHIM name##2 make_##name##2(T x, T y) { return {x, y}; }         \
    SHIM name##3 make_##name##3(T x, T y, T z) { return {x, y, z}; } \
    SHIM name##4 make_##name##4(T x, T y, T z, T w) { return {x, y, z, w}; }
SHIM_VECTORS(signed char, char, 2, 4)
SHIM_VECTORS(unsigned char, uchar, 2, 4)
SHIM_VECTORS(short, short, 4, 8)
SHIM_VECTORS(unsigned short, ushort, 4, 8)
SHIM_VECTORS(int, int, 8, 16)
SHIM_VECTORS(unsigned, uint, 8, 16)
SHIM_VECTORS(float, float, 8, 16)
SHIM_VECTORS(long long, longlong, 16, 16)
SHIM_VECTORS(unsigned long long, ulonglong, 16, 16)
SHIM_VECTORS(double, double, 16, 16)
#undef SHIM_VECTORS
using dim3 = ShimIndex;

// --- bits ----------------------------------------------------------------------------------------------------------

template <class To, class From>
SHIM To shim_bits(From from) {
    static_assert(sizeof(To) == sizeof(From), "");
    To to;
    __builtin_memcpy(&to, &from, sizeof(To));
    return to;
}
SHIM float __int_as_float(int bits) { return shim_bits<float>(bits); }
SHIM float __uint_as_float(unsigned bits) { return shim_bits<float>(bits); }
SHIM int __float_as_int(float value) { return shim_bits<int>(value); }
SHIM unsigned __float_as_uint(float value) { return shim_bits<unsigned>(value); }
SHIM double __longlong_as_double(long long bits) { return shim_bits<double>(bits); }
SHIM long long __double_as_longlong(double value) { return shim_bits<long long>(value); }
SHIM int __popc(unsigned bits) { return __builtin_popcount(bits); }
SHIM int __clz(int bits) { return bits ? __builtin_clz(static_cast<unsigned>(bits)) : 32; }
SHIM int __ffs(int bits) { return __builtin_ffs(bits); }
SHIM unsigned __umulhi(unsigned a, unsigned b) {
    return static_cast<unsigned>(static_cast<unsigned long long>(a) * b >> 32);
}

SHIM float f16_to_float(unsigned short bits) {
    const unsigned sign = (bits & 0x8000u) << 16, rest = bits & 0x7fffu;
    if (rest >= 0x7c00u) return shim_bits<float>(sign | 0x7f800000u | (rest & 0x3ffu) << 13);
    // The exponent's bias of a half is 15, of a float 127; the product renormalises subnormal numbers.
    return shim_bits<float>(sign | shim_bits<unsigned>(shim_bits<float>(rest << 13) * 0x1p112f));
}
SHIM unsigned short float_to_f16(float value) {  // to nearest, ties to even
    const unsigned bits = shim_bits<unsigned>(value), sign = bits >> 16 & 0x8000u, rest = bits & 0x7fffffffu;
    if (rest > 0x7f800000u) return static_cast<unsigned short>(sign | 0x7fffu);
    if (rest >= 0x477ff000u) return static_cast<unsigned short>(sign | 0x7c00u);
    if (rest < 0x38800000u) {  // subnormal: adding 0.5 leaves the rounded units of 2^-24 in the lowest bits
        const unsigned sum = shim_bits<unsigned>(shim_bits<float>(rest) + 0.5f);
        return static_cast<unsigned short>(sign | (sum - 0x3f000000u));
    }
    return static_cast<unsigned short>(sign | ((rest + 0xfffu + (rest >> 13 & 1u)) - 0x38000000u) >> 13);
}
SHIM unsigned short shim_to_bf16(float value) {
    const unsigned bits = shim_bits<unsigned>(value);
    if (value != value) return static_cast<unsigned short>(bits >> 16 | 0x40u);
    return static_cast<unsigned short>((bits + 0x7fffu + (bits >> 16 & 1u)) >> 16);
}
SHIM unsigned pack_f16(float low, float high) {
    return float_to_f16(low) | static_cast<unsigned>(float_to_f16(high)) << 16;
}
SHIM unsigned short float_to_bf16(float value) { return shim_to_bf16(value); }
SHIM unsigned pack_bf16(float low, float high) {
    return shim_to_bf16(low) | static_cast<unsigned>(shim_to_bf16(high)) << 16;
}
SHIM unsigned pack_bytes(int first, int second, int third, int fourth) {
    return (first & 0xffu) | (second & 0xffu) << 8 | (third & 0xffu) << 16 | (fourth & 0xffu) << 24;
}
SHIM unsigned load_16_bits(const unsigned short* from, bool inside) { return inside ? *from : 0u; }
SHIM float round_to_tf32(float value) {
    const unsigned bits = shim_bits<unsigned>(value);
    if ((bits & 0x7f800000u) == 0x7f800000u) return value;
    return shim_bits<float>((bits + 0x1000u) & 0xffffe000u);
}

// --- functions ------------------------------------------------------------------------------------------------------

SHIM int min(int a, int b) { return a < b ? a : b; }
SHIM int max(int a, int b) { return a > b ? a : b; }
SHIM unsigned min(unsigned a, unsigned b) { return a < b ? a : b; }
SHIM unsigned max(unsigned a, unsigned b) { return a > b ? a : b; }
SHIM long long min(long long a, long long b) { return a < b ? a : b; }
SHIM long long max(long long a, long long b) { return a > b ? a : b; }
SHIM float min(float a, float b) { return __builtin_fminf(a, b); }
SHIM float max(float a, float b) { return __builtin_fmaxf(a, b); }
SHIM double min(double a, double b) { return __builtin_fmin(a, b); }
SHIM double max(double a, double b) { return __builtin_fmax(a, b); }
SHIM int abs(int a) { return a < 0 ? -a : a; }
SHIM long long abs(long long a) { return a < 0 ? -a : a; }

#define SHIM_FUNCTION(name)                                        \
    SHIM float name##f(float a) { return __builtin_##name##f(a); } \
    SHIM double name(double a) { return __builtin_##name(a); }     \
    SHIM float name(float a) { return __builtin_##name##f(a); }
SHIM_FUNCTION(fabs)
SHIM_FUNCTION(floor)
SHIM_FUNCTION(ceil)
SHIM_FUNCTION(rint)
SHIM_FUNCTION(sqrt)
SHIM_FUNCTION(exp)
SHIM_FUNCTION(exp2)
SHIM_FUNCTION(log)
SHIM_FUNCTION(log2)
SHIM_FUNCTION(sin)
SHIM_FUNCTION(cos)
SHIM_FUNCTION(tanh)
SHIM_FUNCTION(erf)
#undef SHIM_FUNCTION
SHIM float rsqrtf(float a) { return 1.0f / __builtin_sqrtf(a); }
SHIM double rsqrt(double a) { return 1.0 / __builtin_sqrt(a); }
SHIM float powf(float a, float b) { return __builtin_powf(a, b); }
SHIM double pow(double a, double b) { return __builtin_pow(a, b); }
SHIM float fmodf(float a, float b) { return __builtin_fmodf(a, b); }
SHIM double fmod(double a, double b) { return __builtin_fmod(a, b); }
SHIM float fmaf(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
SHIM double fma(double a, double b, double c) { return __builtin_fma(a, b, c); }
SHIM float fmaxf(float a, float b) { return __builtin_fmaxf(a, b); }
SHIM float fminf(float a, float b) { return __builtin_fminf(a, b); }
SHIM double fmax(double a, double b) { return __builtin_fmax(a, b); }
SHIM double fmin(double a, double b) { return __builtin_fmin(a, b); }
template <class P, int N>
SHIM void keep_packed(P (&)[N]) {}
SHIM float max_nan(float a, float b) { return a > b || a != a ? a : b; }
SHIM float min_nan(float a, float b) { return a < b || a != a ? a : b; }
#define SHIM_EXTREMUM(op, type, lane_value)                                                     \
    template <class P>                                                                          \
    SHIM float op##_of_##type(const P& pack) {                                                  \
        float value = lane_value(pack.lanes[0]);                                                \
        for (const unsigned short lane : pack.lanes) value = op##_nan(value, lane_value(lane)); \
        return value;                                                                           \
    }
SHIM float shim_from_bf16(unsigned short bits) { return shim_bits<float>(static_cast<unsigned>(bits) << 16); }
SHIM_EXTREMUM(max, f16, f16_to_float)
SHIM_EXTREMUM(min, f16, f16_to_float)
SHIM_EXTREMUM(max, bf16, shim_from_bf16)
SHIM_EXTREMUM(min, bf16, shim_from_bf16)
#undef SHIM_EXTREMUM
SHIM float __nvvm_ex2_approx_ftz_f(float a) {
    const float power = __builtin_exp2f(a);
    return power < 0x1p-126f ? 0.0f : power;
}
SHIM float __fmul_rd(float a, float b) {
    const double product = static_cast<double>(a) * b;
    const float nearest = static_cast<float>(product);
    return nearest > product ? __builtin_nextafterf(nearest, -__builtin_inff()) : nearest;
}
SHIM float __saturatef(float a) { return a > 0 ? (a < 1 ? a : 1.0f) : 0.0f; }
SHIM float __expf(float a) { return __builtin_expf(a); }
SHIM float __logf(float a) { return __builtin_logf(a); }
SHIM float __fdividef(float a, float b) { return a / b; }

template <class T>
SHIM T __ldg(const T* address) {
    return *address;
}
template <class T>
SHIM T __ldcs(const T* address) {
    return *address;
}
template <class T>
SHIM void __stcs(T* address, T value) {
    *address = value;
}

// --- atomics -------------------------------------------------------------------------------------------------------

// Its reads and writes are no plain accesses: the emulator is told of one atomic.
template <class T, class Change>
static __attribute__((noinline, no_sanitize("thread"), no_sanitize("alignment"))) T shim_atomic(T* address,
                                                                                                Change change) {
    shim.atomic(address, sizeof(T), 0);
    T old;
    __builtin_memcpy(&old, address, sizeof(T));
    const T changed = change(old);
    __builtin_memcpy(address, &changed, sizeof(T));
    return old;
}
template <class T>
struct ShimSame {
    using Type = T;
};
#define SHIM_ATOMIC(name, changed)                                                              \
    template <class T>                                                                          \
    SHIM T name(T* address, typename ShimSame<T>::Type value) {                                 \
        return shim_atomic(                                                                     \
            address, [&](T old) __attribute__((no_sanitize("thread"))) { return T(changed); }); \
    }
SHIM_ATOMIC(atomicAdd, old + value)
SHIM_ATOMIC(atomicSub, old - value)
SHIM_ATOMIC(atomicExch, value)
SHIM_ATOMIC(atomicMin, old < value ? old : value)
SHIM_ATOMIC(atomicMax, old > value ? old : value)
SHIM_ATOMIC(atomicAnd, old& value)
SHIM_ATOMIC(atomicOr, old | value)
SHIM_ATOMIC(atomicXor, old ^ value)
#undef SHIM_ATOMIC
template <class T>
SHIM T atomicCAS(T* address, typename ShimSame<T>::Type compare, typename ShimSame<T>::Type value) {
    return shim_atomic(
        address, [&](T old) __attribute__((no_sanitize("thread"))) { return old == compare ? value : old; });
}
