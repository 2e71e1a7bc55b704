// codegen/workspace.h -- the scratch memory of a kernel's calls: where its buffers lie, and what is kept in them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "codegen/run_time_sizes.h"
#include "runtime/buffer.h"
#include "runtime/cuda_api.h"
#include "schedules/target.h"

namespace heddle {

/// Each scratch buffer starts at a multiple of this; a caller's workspace does, too.
inline constexpr std::int64_t workspace_alignment = 256;

/// Scratch buffers one after the other in one piece of memory.
struct ScratchLayout {
    std::vector<AnyTensor> tensors;
    std::vector<std::vector<std::int64_t>> shapes;
    std::vector<std::int64_t> offsets;  ///< bytes
    std::int64_t bytes = 0;
};
ScratchLayout scratch_layout(const std::vector<AnyTensor>& scratch, const RunTimeSizes& sizes);

/// Scratch buffers of one call; kept for the next one (on CUDA: on the same stream, whose order protects them).
struct Workspace {
    Buffer memory;  ///< u8; empty where the caller gave the memory
    std::vector<Buffer> scratch;
    CudaStream stream = nullptr;
    /// For each packing step what it packed last: the input's view and generation; null: pack again.
    struct Packed {
        const void* address = nullptr;
        std::vector<std::int64_t> strides;
        std::uint64_t generation = 0;
    };
    std::vector<Packed> packed;

    /// Lets the scratch buffers be views of `data`, on the device or (nothing) on the host.
    void place(const ScratchLayout& layout, void* data, std::optional<int> device);
};

/// A caller's scratch memory.
struct CallersMemory {
    void* data = nullptr;
    std::int64_t bytes = 0;
};

/// Memory of its own for this layout, in the host's memory or on the current CUDA device.
Workspace allocate_workspace(const ScratchLayout& layout, const Target& target);
/// Scratch in the caller's memory. Throws UserError for one that is too small or not aligned, with the numbers.
Workspace callers_workspace(const ScratchLayout& layout, const Target& target, const CallersMemory& memory);

}  // namespace heddle
