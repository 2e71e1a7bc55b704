// tests/support/cuda_emulator/shim_warpgroup.h -- wgmma.
#pragma once

SHIM void shim_of_warpgroup(int operation, int count) {
    ShimPart part = {};
    part.count = count;
    shim.warpgroup(operation, &part);
}
SHIM void wgmma_fence() { shim_of_warpgroup(shim_wgmma_fence, 0); }
SHIM void wgmma_commit() { shim_of_warpgroup(shim_wgmma_commit, 0); }
template <int N>
SHIM void wgmma_wait() {
    shim_of_warpgroup(shim_wgmma_wait, N);
}

// options: bit 0: a is transposed, bit 1: b is; bit 2: d counts.
SHIM void shim_wgmma_product(int operation, int n, float* d, const unsigned* a_registers, unsigned long long a,
                             unsigned long long b, int options) {
    ShimPart part = {};
    part.a = a_registers;
    part.d = d;
    part.descriptor_a = a;
    part.descriptor_b = b;
    part.count = n;
    part.options = options;
    shim.warpgroup(operation, &part);
}

#define SHIM_WGMMA_NARROW(n, element)                                                                                 \
    template <int transposed_a, int transposed_b>                                                                     \
    SHIM void wgmma_m64n##n##k16_##element(float(&d)[n / 2], unsigned long long a, unsigned long long b,              \
                                           int accumulate) {                                                          \
        shim_wgmma_product(shim_wgmma_##element, n, d, 0, a, b,                                                       \
                           transposed_a | transposed_b << 1 | (accumulate != 0) << 2);                                \
    }                                                                                                                 \
    template <int transposed_b>                                                                                       \
    SHIM void wgmma_m64n##n##k16_##element##_registers(float(&d)[n / 2], const unsigned(&a)[4], unsigned long long b, \
                                                       int accumulate) {                                              \
        shim_wgmma_product(shim_wgmma_##element, n, d, a, 0, b, transposed_b << 1 | (accumulate != 0) << 2);          \
    }
#define SHIM_WGMMA(n)                                                                                                \
    SHIM_WGMMA_NARROW(n, bf16)                                                                                       \
    SHIM_WGMMA_NARROW(n, f16)                                                                                        \
    SHIM void wgmma_m64n##n##k8_tf32(float(&d)[n / 2], unsigned long long a, unsigned long long b, int accumulate) { \
        shim_wgmma_product(shim_wgmma_tf32, n, d, 0, a, b, (accumulate != 0) << 2);                                  \
    }                                                                                                                \
    SHIM void wgmma_m64n##n##k8_tf32_registers(float(&d)[n / 2], const unsigned(&a)[4], unsigned long long b,        \
                                               int accumulate) {                                                     \
        shim_wgmma_product(shim_wgmma_tf32, n, d, a, 0, b, (accumulate != 0) << 2);                                  \
    }
SHIM_WGMMA(8)
SHIM_WGMMA(16)
SHIM_WGMMA(24)
SHIM_WGMMA(32)
SHIM_WGMMA(40)
SHIM_WGMMA(48)
SHIM_WGMMA(56)
SHIM_WGMMA(64)
SHIM_WGMMA(72)
SHIM_WGMMA(80)
SHIM_WGMMA(88)
SHIM_WGMMA(96)
SHIM_WGMMA(104)
SHIM_WGMMA(112)
SHIM_WGMMA(120)
SHIM_WGMMA(128)
SHIM_WGMMA(136)
SHIM_WGMMA(144)
SHIM_WGMMA(152)
SHIM_WGMMA(160)
SHIM_WGMMA(168)
SHIM_WGMMA(176)
SHIM_WGMMA(184)
SHIM_WGMMA(192)
SHIM_WGMMA(200)
SHIM_WGMMA(208)
SHIM_WGMMA(216)
SHIM_WGMMA(224)
SHIM_WGMMA(232)
SHIM_WGMMA(240)
SHIM_WGMMA(248)
SHIM_WGMMA(256)
#undef SHIM_WGMMA
#undef SHIM_WGMMA_NARROW
