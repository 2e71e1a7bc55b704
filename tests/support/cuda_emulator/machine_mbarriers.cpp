// tests/support/cuda_emulator/machine_mbarriers.cpp -- mbarriers, and the copies that they count.
#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "tests/support/cuda_emulator/machine.h"

namespace heddle::test {

std::string Machine::barrier_name(std::uintptr_t address) const {
    const std::size_t rank = (address - windows_) / SharedMemory::window_bytes;
    const SharedMemory& shared = blocks_[rank]->shared;
    return "the mbarrier " + shared.place(static_cast<std::int64_t>(address - shared.base()));
}

void Machine::barrier_init(void* barrier, int count) {
    const auto address = reinterpret_cast<std::uintptr_t>(barrier);
    if (!in_shared(address) || address % 8 != 0)
        throw Fault("an mbarrier lies in shared memory, at a multiple of 8 bytes");
    if (count < 1 || count >= 1 << 20) throw Fault(fmt::format("an mbarrier of {} arrivals: 1 to 1048575", count));
    access(address, 8, AccessKind::write, current_->code);
    Mbarrier made;
    made.count = made.pending = count;
    made.agent = next_agent_++;
    made.made_by = current_->index;
    made.made_at = current_->time;
    block_of(*current_).mbarriers[address] = made;
}

void Machine::barrier_init_fence() { current_->init_fence = current_->time++; }

Mbarrier& Machine::barrier_at(const void* barrier) {
    const auto address = reinterpret_cast<std::uintptr_t>(barrier);
    if (!in_shared(address)) throw Fault("an mbarrier lies in shared memory");
    auto& barriers = blocks_[(address - windows_) / SharedMemory::window_bytes]->mbarriers;
    const auto found = barriers.find(address);
    if (found == barriers.end()) throw Fault(barrier_name(address) + " was not initialised");
    if (!knows(*current_, found->second.made_by, found->second.made_at))
        throw Fault(barrier_name(address) + " was initialised by another thread without a barrier between");
    return found->second;
}

void Machine::barrier_arrive(void* barrier, int expected) {
    Mbarrier& b = barrier_at(barrier);
    if (b.pending == 0)
        throw Fault(fmt::format("arrives at {} whose phase has all of its {} arrivals",
                                barrier_name(reinterpret_cast<std::uintptr_t>(barrier)), b.count));
    b.bytes += expected;
    --b.pending;
    add_knowledge(*current_, b.coming);
    end_phase(b);
}

// A phase ends when nothing is left to come.
void Machine::end_phase(Mbarrier& b) {
    if (b.pending != 0 || b.bytes != 0) return;
    learn(b.coming, b.agent, b.agent_time++);
    join(b.over, b.coming);
    ++b.phase;
    b.pending = b.count;
    for (const int thread : b.waiting) wake(thread);
    b.waiting.clear();
}

void Machine::barrier_wait(void* barrier, int parity) {
    Mbarrier& b = barrier_at(barrier);
    if (parity != 0 && parity != 1) throw Fault(fmt::format("waits for parity {}: 0 or 1", parity));
    const auto over = [&] { return static_cast<int>(b.phase & 1u) != parity; };
    if (!over()) deliver(b);
    while (!over()) {
        b.waiting.push_back(current_->index);
        Wait wait;
        wait.kind = Wait::barrier;
        wait.where = reinterpret_cast<std::uintptr_t>(barrier);
        wait.parity = parity;
        suspend(wait);
    }
    join(times_of(*current_), b.over);
}

// The copies that the barrier counts arrive now.
void Machine::deliver(Mbarrier& b) {
    const std::vector<Transfer> transfers = std::move(b.transfers);
    b.transfers.clear();
    for (const Transfer& transfer : transfers) {
        for (std::size_t i = 0; i < transfer.to.size(); ++i) {
            std::memcpy(reinterpret_cast<void*>(transfer.to[i]), &transfer.bytes[16 * i], 16);
            SharedMemory& shared = blocks_[(transfer.to[i] - windows_) / SharedMemory::window_bytes]->shared;
            const auto first = static_cast<std::int64_t>(transfer.to[i] - shared.base());
            for (std::int64_t at = first; at < first + 16; ++at) {
                ByteState& byte = shared.byte(at);
                byte.writing = 0;
                byte.writer = b.agent;
                byte.time = b.agent_time;
                byte.fenced = true;
            }
        }
        b.bytes -= static_cast<std::int64_t>(transfer.bytes.size());
        end_phase(b);
    }
}

// Copies arrive by themselves, as late as nothing else can happen. False: none is on its way.
bool Machine::deliver_any() {
    for (const auto& block : blocks_)
        for (auto& [address, barrier] : block->mbarriers)
            if (!barrier.transfers.empty()) {
                deliver(barrier);
                return true;
            }
    return false;
}

// Takes the bytes for a copy that is to arrive.
void Machine::start_transfer(void* barrier, Transfer transfer) {
    Mbarrier& b = barrier_at(barrier);
    const Thread& maker = threads_[static_cast<std::size_t>(b.made_by)];
    if (maker.init_fence < b.made_at && maker.proxy_fence < b.made_at)
        throw Fault(barrier_name(reinterpret_cast<std::uintptr_t>(barrier)) +
                    " counts a copy, but no fence made its initialisation known to the copies");
    transfer.code = current_->code;
    for (const std::uintptr_t to : transfer.to) {
        access(to, 16, AccessKind::write, current_->code);
        SharedMemory& shared = blocks_[(to - windows_) / SharedMemory::window_bytes]->shared;
        const auto first = static_cast<std::int64_t>(to - shared.base());
        for (std::int64_t at = first; at < first + 16; ++at) shared.byte(at).writing = 1;
    }
    b.transfers.push_back(std::move(transfer));
}

void Machine::check_barriers_at_end(const EmulatedBlock& block) const {
    for (const auto& [address, barrier] : block.mbarriers) {
        if (!barrier.transfers.empty())
            throw Fault(fmt::format("the block ends while a copy that {} counts has not arrived\n    {}",
                                    barrier_name(address), line(barrier.transfers[0].code)));
        if (barrier.bytes != 0)
            throw Fault(fmt::format("the block ends while {} {} {} bytes", barrier_name(address),
                                    barrier.bytes > 0 ? "expects" : "was given unexpectedly", std::abs(barrier.bytes)));
    }
}

}  // namespace heddle::test
