// tests/support/cuda_emulator/shim.h -- CUDA C++ for a C++ compiler: keywords, indices, shared memory, barriers.
// Compiled in front of emitted text; includes nothing of the system.
#pragma once

#include "tests/support/cuda_emulator/shim_interface.h"

#define __device__
#define __host__
#define __global__
#define __constant__ static
#define __forceinline__ inline __attribute__((always_inline))
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __maxnreg__(...)
#define __grid_constant__
#define __align__(bytes) __attribute__((aligned(bytes)))
#define memcpy __builtin_memcpy
#define SHIM static inline __attribute__((always_inline))

extern "C" {
extern __attribute__((visibility("hidden"))) ShimFunctions shim;
extern __attribute__((visibility("hidden"))) const ShimThread* shim_thread;
}

#define threadIdx (shim_thread->thread)
#define blockIdx (shim_thread->block)
#define blockDim (shim_thread->threads)
#define gridDim (shim_thread->blocks)
static constexpr int warpSize = 32;

using size_t = decltype(sizeof(0));

// --- barriers and fences -----------------------------------------------------------------------------------------

SHIM void __syncthreads() { shim.sync_threads(0, 0); }
SHIM void sync_threads(int id, int count) { shim.sync_threads(id, count); }
SHIM void arrive_threads(int id, int count) { shim.arrive_threads(id, count); }
SHIM void __threadfence() { shim.thread_fence(); }
SHIM void __threadfence_block() { shim.thread_fence(); }
SHIM void __threadfence_system() { shim.thread_fence(); }
SHIM unsigned long long __cvta_generic_to_shared(const void* address) { return shim.shared_address(address); }

static inline __attribute__((format(printf, 1, 2))) int printf(const char* format, ...) {
    __builtin_va_list values;
    __builtin_va_start(values, format);
    shim.print(format, values);
    __builtin_va_end(values);
    return 0;
}

// --- calls of kernels --------------------------------------------------------------------------------------------

template <class T>
struct ShimPlain {
    using Type = T;
};
template <class T>
struct ShimPlain<const T> {
    using Type = T;
};

template <int... I>
struct ShimPlaces {};
template <int N, int... I>
struct ShimCount : ShimCount<N - 1, N - 1, I...> {};
template <int... I>
struct ShimCount<0, I...> {
    using Type = ShimPlaces<I...>;
};
template <class... P, int... I>
__attribute__((no_sanitize("thread"))) static inline void shim_call_with(void (*kernel)(P...),
                                                                         const void* const* arguments,
                                                                         ShimPlaces<I...>) {
    kernel(*static_cast<const typename ShimPlain<P>::Type*>(arguments[I])...);
}
template <class... P>
static inline void shim_call(void (*kernel)(P...), const void* const* arguments) {
    shim_call_with(kernel, arguments, typename ShimCount<static_cast<int>(sizeof...(P))>::Type());
}
template <class... P>
static constexpr int shim_parameters(void (*)(P...)) {
    return static_cast<int>(sizeof...(P));
}

#include "tests/support/cuda_emulator/shim_arithmetic.h"
#include "tests/support/cuda_emulator/shim_async.h"
#include "tests/support/cuda_emulator/shim_warp.h"
#include "tests/support/cuda_emulator/shim_warpgroup.h"
