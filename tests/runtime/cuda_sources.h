// tests/runtime/cuda_sources.h -- small CUDA sources, and what to skip a test for.
#pragma once

#include <gtest/gtest.h>

#include "runtime/cuda_driver.h"
#include "runtime/nvrtc.h"

/// Skips the test where there is no NVRTC, or no CUDA device, and says why.
#define HEDDLE_NEEDS_NVRTC() \
    if (const auto problem = heddle::nvrtc_problem()) GTEST_SKIP() << *problem
#define HEDDLE_NEEDS_GPU()                                                     \
    if (const auto problem = heddle::cuda_problem()) GTEST_SKIP() << *problem; \
    HEDDLE_NEEDS_NVRTC()

namespace heddle::test {

inline constexpr const char* saxpy_source =
    R"(extern "C" __global__ void saxpy(float a, const float* x, float* y, int n) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) y[i] = a * x[i] + y[i];
}
)";

/// Reverses 128 floats through static shared memory.
inline constexpr const char* reverse_source = R"(extern "C" __global__ void reverse(const float* x, float* y) {
    __shared__ float tile[128];
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    y[threadIdx.x] = tile[127 - threadIdx.x];
}
)";

/// Writes the last word of its dynamic shared memory, through which it goes, to y.
inline constexpr const char* dynamic_source = R"(extern "C" __global__ void dynamic(int words, int* y) {
    extern __shared__ int tile[];
    for (int i = threadIdx.x; i < words; i += blockDim.x) tile[i] = i;
    __syncthreads();
    if (threadIdx.x == 0) y[0] = tile[words - 1];
}
)";

}  // namespace heddle::test
