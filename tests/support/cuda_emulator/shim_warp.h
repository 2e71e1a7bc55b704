// tests/support/cuda_emulator/shim_warp.h -- what warps do together: shuffles, votes, fragments, products.
#pragma once

SHIM void __syncwarp(unsigned mask = 0xffffffffu) {
    ShimPart part = {};
    shim.collective(shim_sync_warp, mask, &part);
}
SHIM unsigned __activemask() { return shim.active_mask(); }

// --- shuffles and votes ---------------------------------------------------------------------------------------------

template <class T>
SHIM T shim_shuffled(unsigned mask, T value, int source) {
    static_assert(sizeof(T) <= 8, "");
    ShimPart part = {};
    __builtin_memcpy(&part.value, &value, sizeof(T));
    part.lane = source;
    shim.collective(shim_shuffle, mask, &part);
    __builtin_memcpy(&value, &part.value, sizeof(T));
    return value;
}
SHIM int shim_lane() {
    return static_cast<int>((threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z)) % 32);
}
template <class T>
SHIM T __shfl_sync(unsigned mask, T value, int source, int width = 32) {
    return shim_shuffled(mask, value, (shim_lane() & ~(width - 1)) | (source & (width - 1)));
}
template <class T>
SHIM T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const int lane = shim_lane(), source = lane + static_cast<int>(delta);
    return shim_shuffled(mask, value, source / width == lane / width ? source : lane);
}
template <class T>
SHIM T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32) {
    const int lane = shim_lane(), source = lane - static_cast<int>(delta);
    return shim_shuffled(mask, value, source >= (lane & ~(width - 1)) ? source : lane);
}
template <class T>
SHIM T __shfl_xor_sync(unsigned mask, T value, int flip, int width = 32) {
    const int lane = shim_lane(), source = lane ^ flip;
    return shim_shuffled(mask, value, source / width <= lane / width ? source : lane);
}

SHIM unsigned __ballot_sync(unsigned mask, int condition) {
    ShimPart part = {};
    part.value = condition != 0;
    shim.collective(shim_ballot, mask, &part);
    return static_cast<unsigned>(part.value);
}
SHIM int __any_sync(unsigned mask, int condition) { return __ballot_sync(mask, condition) != 0; }
SHIM int __all_sync(unsigned mask, int condition) { return __ballot_sync(mask, condition) == mask; }

#define SHIM_REDUCE(name)                                       \
    SHIM int __reduce_##name##_sync(unsigned mask, int value) { \
        ShimPart part = {};                                     \
        part.value = static_cast<unsigned long long>(value);    \
        shim.collective(shim_reduce_##name, mask, &part);       \
        return static_cast<int>(part.value);                    \
    }
SHIM_REDUCE(add)
SHIM_REDUCE(min)
SHIM_REDUCE(max)
#undef SHIM_REDUCE

// --- fragments ------------------------------------------------------------------------------------------------------

#define SHIM_MATRIX(n, suffix, transposed)                                  \
    SHIM void load_matrix_x##n##suffix(unsigned(&r)[n], const void* row) {  \
        ShimPart part = {};                                                 \
        part.a = row;                                                       \
        part.d = r;                                                         \
        part.count = n;                                                     \
        part.options = transposed;                                          \
        shim.collective(shim_load_matrix, 0xffffffffu, &part);              \
    }                                                                       \
    SHIM void store_matrix_x##n##suffix(void* row, const unsigned(&r)[n]) { \
        ShimPart part = {};                                                 \
        part.a = r;                                                         \
        part.d = row;                                                       \
        part.count = n;                                                     \
        part.options = transposed;                                          \
        shim.collective(shim_store_matrix, 0xffffffffu, &part);             \
    }
SHIM_MATRIX(1, , 0)
SHIM_MATRIX(2, , 0)
SHIM_MATRIX(4, , 0)
SHIM_MATRIX(1, _transposed, 1)
SHIM_MATRIX(2, _transposed, 1)
SHIM_MATRIX(4, _transposed, 1)
#undef SHIM_MATRIX

// --- products of a warp
// -----------------------------------------------------------------------------------------------

#define SHIM_MMA(name, operation, sum)                                         \
    SHIM void name(sum(&d)[4], const unsigned(&a)[4], const unsigned(&b)[2]) { \
        ShimPart part = {};                                                    \
        part.a = a;                                                            \
        part.b = b;                                                            \
        part.d = d;                                                            \
        shim.collective(operation, 0xffffffffu, &part);                        \
    }
SHIM_MMA(mma_m16n8k16_f16, shim_mma_f16, float)
SHIM_MMA(mma_m16n8k16_bf16, shim_mma_bf16, float)
SHIM_MMA(mma_m16n8k8_tf32, shim_mma_tf32, float)
SHIM_MMA(mma_m16n8k32_i8, shim_mma_i8, int)
SHIM_MMA(mma_m16n8k32_u8, shim_mma_u8, int)
#undef SHIM_MMA
SHIM void mma_m8n8k4_f64(double (&d)[2], double a, double b) {
    ShimPart part = {};
    part.a = &a;
    part.b = &b;
    part.d = d;
    shim.collective(shim_mma_f64, 0xffffffffu, &part);
}
