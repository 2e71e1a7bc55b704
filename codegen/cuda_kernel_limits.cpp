// codegen/cuda_kernel_limits.cpp -- refuses kernels that no device of a target can launch, before they are compiled.
#include "codegen/cuda_kernel_limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "runtime/cuda_limits.h"

namespace heddle {
namespace {

constexpr std::uintptr_t alignment_of_device_memory = 256;

/// The product of those that are constant.
std::int64_t constant_product(const Expr (&extents)[3]) {
    std::int64_t product = 1;
    for (const Expr& extent : extents)
        if (const auto* constant = extent.as<IntImm>()) product *= constant->value;
    return product;
}

}  // namespace

void check_limits(const CudaKernel& kernel, const Target& target) {
    const auto refuse = [&](const std::string& reason) {
        throw UserError(fmt::format("kernel {} for {}: {}", kernel.name, target.text(), reason));
    };
    const int capability = target.compute_capability;
    if (const std::int64_t threads = constant_product(kernel.block); threads > most_block_threads)
        refuse(fmt::format("a block of {} threads, and at most {} are legal: bind smaller loops to threads", threads,
                           most_block_threads));
    const std::int64_t shared = most_shared_bytes(capability);
    if (kernel.shared_bytes > shared)
        refuse(
            fmt::format("{} B of shared memory, and a block has {} without opt-in, {} with it: take smaller tiles or "
                        "fewer stages of a pipeline",
                        kernel.shared_bytes, shared_bytes_without_opt_in, shared));
    constexpr std::int64_t most_blocks[3] = {2147483647, 65535, 65535};
    for (int d = 0; d < 3; ++d)
        if (const auto* blocks = kernel.grid[d].as<IntImm>(); blocks && blocks->value > most_blocks[d])
            refuse(fmt::format("{} blocks in {}, and at most {} are legal there", blocks->value, "xyz"[d],
                               most_blocks[d]));
    const std::int64_t cluster = std::int64_t{kernel.cluster[0]} * kernel.cluster[1] * kernel.cluster[2];
    if (cluster != 1 && capability < 90) refuse("clusters need sm_90 or later");
    if (cluster < 1 || cluster > most_cluster_blocks)
        refuse(fmt::format("a cluster of {} blocks, and 1 to {} are legal", cluster, most_cluster_blocks));
    if (!kernel.tensor_maps.empty() && capability < 90) refuse("tensor maps (TMA) need sm_90 or later");
    for (const TensorMapParameter& map : kernel.tensor_maps)
        if (map.sizes.empty() && map.byte_strides.empty())
            if (const std::string reason = check(map.recipe, alignment_of_device_memory); !reason.empty())
                refuse(fmt::format("{}: {}: {}", map.buffer.name(), describe(map.recipe), reason));
}

}  // namespace heddle
