// runtime/cpu_info.h -- what the host CPU is and can do.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

/// Vector features that schedules and code generation choose by. Read from CPUID and XCR0, so a feature counts only
/// when the operating system saves its registers too.
struct CpuFeatures {
    bool avx2 = false, fma = false, f16c = false;
    bool avx512f = false, avx512bw = false, avx512dq = false, avx512vl = false, avx512_vnni = false;
    bool avx512_bf16 = false, avx512_fp16 = false, amx_tile = false, amx_bf16 = false, amx_int8 = false;
    bool operator==(const CpuFeatures&) const = default;
};

struct CpuInfo {
    std::string model;  ///< as the CPU names itself
    CpuFeatures features;
    int cores = 1;                                                       ///< CPUs that this process may use
    std::int64_t l1_bytes = 32 << 10, l2_bytes = 1 << 20, l3_bytes = 0;  ///< data caches; l3 shared by all cores
};

/// Read once and kept.
const CpuInfo& cpu_info();
/// Names of the features that are set, as LLVM spells them without '+': "avx2", "avx512f", ...
std::vector<std::string> feature_names(const CpuFeatures& features);
/// Measured peak of f32 fused multiply-add over `threads` threads, in operations (2 per FMA) per second; takes about
/// `seconds` to measure, and is measured anew at each call.
double measure_fma_peak(int threads, double seconds = 0.2);
/// Measured copy bandwidth (bytes read + written per second) over `threads` threads, on buffers well past the cache.
double measure_copy_bandwidth(int threads, double seconds = 0.2);

}  // namespace heddle
