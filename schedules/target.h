// schedules/target.h -- what a schedule and its code are for.
#pragma once

#include <string>

#include "runtime/cpu_info.h"

namespace heddle {

enum class TargetKind : std::uint8_t { host, cuda };

/// The host with its vector features, or a CUDA device with its compute capability.
struct Target {
    TargetKind kind = TargetKind::host;
    CpuFeatures features;        ///< of the host
    int threads = 1;             ///< of the host: what parallel loops are planned for
    int compute_capability = 0;  ///< of a CUDA device: 80, 90
    bool checks = false;         ///< bounds and poison checks that name the user's variables
    bool operator==(const Target&) const = default;

    /// This machine's CPU. `HEDDLE_CPU=avx2` (or avx512, sse) limits the features.
    static Target host();
    static Target cuda(int compute_capability);
    /// The best target of this machine.
    static Target best();
    /// "host", "host:avx2", "cuda:sm_90", or "cuda", which is this machine's device, else sm_90; throws UserError
    /// listing what is known.
    static Target parse(const std::string& text);

    /// The same target with checks.
    Target checked() const;
    /// f32 lanes of the widest vector register: 16, 8 or 4.
    int vector_lanes() const;
    /// Vector registers: 32 with AVX-512, else 16.
    int vector_registers() const;
    /// "host:avx512", "cuda:sm_90": reads back through parse.
    std::string text() const;
};

}  // namespace heddle
