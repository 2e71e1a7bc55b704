// tests/support/cuda_emulator/machine_warp.cpp -- operations in which the lanes of a warp meet.
#include <fmt/format.h>

#include "tests/support/cuda_emulator/machine.h"
#include "tests/support/cuda_emulator/products.h"

namespace heddle::test {

unsigned Machine::active_mask() {
    unsigned mask = 0;
    for (const Thread& thread : threads_)
        if (thread.warp == current_->warp && !thread.done) mask |= 1u << thread.lane;
    return mask;
}

void Machine::collective(int operation, unsigned mask, ShimPart& part) {
    Thread& thread = *current_;
    if ((mask >> thread.lane & 1u) == 0)
        throw Fault(fmt::format("lane {} is not in the mask {:#010x} of its operation", thread.lane, mask));
    const int first = thread.index - thread.lane;
    const int last = std::min(first + 32, (thread.rank + 1) * block_threads_);
    // A mask may name lanes that a block's last warp does not have.
    if (last - first < 32) mask &= (1u << (last - first)) - 1;
    for (int i = first; i < last; ++i)
        if ((mask >> (i - first) & 1u) && threads_[static_cast<std::size_t>(i)].done)
            throw Fault(fmt::format("waits for lane {}, which has ended", i - first));
    std::vector<Collective>& open = warps_[static_cast<std::size_t>(thread.warp)];
    std::size_t at = 0;
    while (at < open.size() && (open[at].mask & mask) == 0) ++at;
    if (at == open.size()) open.push_back({operation, mask, 0, {}});
    Collective& found = open[at];
    if (found.mask != mask || found.operation != operation)
        throw Fault("the lanes of a warp meet in different operations");
    found.came |= 1u << thread.lane;
    found.parts[thread.lane] = &part;
    if (found.came != mask) {
        Wait wait;
        wait.kind = Wait::collective;
        return suspend(wait);
    }
    const Collective complete = found;
    open.erase(open.begin() + static_cast<long>(at));
    perform(complete);
    for (int lane = 0; lane < 32; ++lane)
        if (mask >> lane & 1u) wake(first + lane);
}

void Machine::perform(const Collective& collective) {
    const Thread& thread = *current_;
    const int first = thread.index - thread.lane;
    const auto each = [&](auto&& body) {
        for (int lane = 0; lane < 32; ++lane)
            if (collective.mask >> lane & 1u) body(lane, *collective.parts[lane]);
    };
    switch (collective.operation) {
        case shim_sync_warp: {
            std::vector<int> lanes;
            each([&](int lane, ShimPart&) { lanes.push_back(first + lane); });
            return synchronize(lanes, lanes);
        }
        case shim_shuffle: {
            std::uint64_t values[32] = {};
            each([&](int lane, ShimPart& part) { values[lane] = part.value; });
            return each([&](int lane, ShimPart& part) {
                if ((collective.mask >> part.lane & 1u) == 0)
                    throw Fault(
                        fmt::format("lane {} takes the value of lane {}, which takes no part", lane, part.lane));
                part.value = values[part.lane];
            });
        }
        case shim_ballot: {
            std::uint64_t votes = 0;
            each([&](int lane, ShimPart& part) { votes |= part.value << lane; });
            return each([&](int, ShimPart& part) { part.value = votes; });
        }
        case shim_reduce_add:
        case shim_reduce_min:
        case shim_reduce_max: {
            std::optional<std::int32_t> result;
            each([&](int, ShimPart& part) {
                const auto value = static_cast<std::int32_t>(part.value);
                if (!result)
                    result = value;
                else if (collective.operation == shim_reduce_add)
                    result = static_cast<std::int32_t>(static_cast<std::uint32_t>(*result) +
                                                       static_cast<std::uint32_t>(value));
                else
                    result =
                        collective.operation == shim_reduce_min ? std::min(*result, value) : std::max(*result, value);
            });
            return each([&](int, ShimPart& part) { part.value = static_cast<std::uint64_t>(*result); });
        }
        case shim_load_matrix:
        case shim_store_matrix:
            return move_matrices(collective);
        default:
            break;
    }
    if (collective.mask != 0xffffffffu) throw Fault("a product of a warp needs all of its 32 lanes");
    multiply_fragments(collective.operation, collective.parts);
}

// Row i of matrix m is named by lane 8 * m + i; each lane gets elements 2 * (lane % 4) and the next of row lane / 4.
void Machine::move_matrices(const Collective& collective) {
    if (collective.mask != 0xffffffffu) throw Fault("matrices move by all 32 lanes of a warp");
    const bool loads = collective.operation == shim_load_matrix;
    const int count = collective.parts[0]->count, first = current_->index - current_->lane;
    Thread* const caller = current_;
    for (int matrix = 0; matrix < count; ++matrix) {
        std::uint16_t elements[8][8];
        const auto element = [&](int lane, int half) -> std::uint16_t& {
            const int row = lane / 4, column = 2 * (lane % 4) + half;
            return collective.parts[0]->options ? elements[column][row] : elements[row][column];
        };
        const auto row_of = [&](int row) {
            const ShimPart& part = *collective.parts[8 * matrix + row];
            const auto address = reinterpret_cast<std::uintptr_t>(loads ? part.a : part.d);
            current_ = &threads_[first + 8 * matrix + row];
            if (address % 16 != 0) throw Fault("the address of a matrix's row is no multiple of 16");
            if (!in_shared(address)) throw Fault("a matrix's row does not lie in shared memory");
            access(address, 16, loads ? AccessKind::read : AccessKind::write, current_->code);
            current_ = caller;
            return reinterpret_cast<std::uint16_t*>(address);
        };
        if (loads)
            for (int row = 0; row < 8; ++row) std::copy_n(row_of(row), 8, elements[row]);
        for (int lane = 0; lane < 32; ++lane) {
            if (loads) {
                auto* registers = static_cast<std::uint32_t*>(collective.parts[lane]->d);
                registers[matrix] = element(lane, 0) | static_cast<std::uint32_t>(element(lane, 1)) << 16;
            } else {
                const auto* registers = static_cast<const std::uint32_t*>(collective.parts[lane]->a);
                element(lane, 0) = static_cast<std::uint16_t>(registers[matrix]);
                element(lane, 1) = static_cast<std::uint16_t>(registers[matrix] >> 16);
            }
        }
        if (!loads)
            for (int row = 0; row < 8; ++row) std::copy_n(elements[row], 8, row_of(row));
    }
}

}  // namespace heddle::test
