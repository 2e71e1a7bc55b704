// runtime/occupancy.cpp -- the limits of a multiprocessor, and what they leave of blocks.
#include "runtime/occupancy.h"

#include <algorithm>

namespace heddle {
namespace {

struct Row {
    int compute_capability, threads, blocks, shared_kib;
};
constexpr Row rows[] = {
    {70, 2048, 32, 96},  {75, 1024, 16, 64},  {80, 2048, 32, 164},  {86, 1536, 16, 100},  {87, 1536, 16, 164},
    {89, 1536, 24, 100}, {90, 2048, 32, 228}, {100, 2048, 32, 228}, {120, 1536, 24, 100},
};
constexpr int warp_threads = 32, schedulers = 4, register_unit = 256;
constexpr std::int64_t shared_unit = 128, reserved_shared_bytes = 1024;

template <class T>
T round_up(T value, T unit) {
    return (value + unit - 1) / unit * unit;
}

}  // namespace

std::optional<MultiprocessorLimits> multiprocessor_limits(int compute_capability) {
    for (const Row& row : rows)
        if (row.compute_capability == compute_capability)
            return MultiprocessorLimits{row.threads, row.blocks, std::int64_t{row.shared_kib} * 1024};
    return std::nullopt;
}

std::optional<Occupancy> occupancy(int compute_capability, int block_threads, int registers,
                                   std::int64_t shared_bytes) {
    const auto limits = multiprocessor_limits(compute_capability);
    if (!limits || block_threads < 1) return std::nullopt;
    const int warps = round_up(block_threads, warp_threads) / warp_threads;
    Occupancy result{limits->blocks, 0, "blocks"};
    const auto bound = [&](int blocks, std::string_view limit) {
        if (blocks >= result.blocks) return;
        result.blocks = blocks;
        result.limit = limit;
    };
    bound(limits->threads / (warps * warp_threads), "threads");
    if (registers > 0) {
        const int of_warp = round_up(registers * warp_threads, register_unit);
        bound(limits->registers / schedulers / of_warp * schedulers / warps, "registers");
    }
    const std::int64_t reserved = compute_capability >= 80 ? reserved_shared_bytes : 0;
    if (const std::int64_t of_block = round_up(shared_bytes + reserved, shared_unit); of_block > 0)
        bound(static_cast<int>(std::min<std::int64_t>(limits->shared_bytes / of_block, limits->blocks)),
              "shared memory");
    result.of_threads = static_cast<double>(result.blocks * warps * warp_threads) / limits->threads;
    return result;
}

}  // namespace heddle
