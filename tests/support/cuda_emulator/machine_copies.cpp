// tests/support/cuda_emulator/machine_copies.cpp -- cp.async: bytes arrive when their group is waited for, not before.
#include <fmt/format.h>

#include <cstring>

#include "tests/support/cuda_emulator/machine.h"

namespace heddle::test {

void Machine::copy_async(void* shared, const void* global, int size, bool inside) {
    const auto to = reinterpret_cast<std::uintptr_t>(shared), from = reinterpret_cast<std::uintptr_t>(global);
    if (to % static_cast<unsigned>(size) != 0 || (inside && from % static_cast<unsigned>(size) != 0))
        throw Fault(
            fmt::format("an asynchronous copy of {} bytes between addresses that are no multiples of it", size));
    if (!in_shared(to)) throw Fault("an asynchronous copy to an address outside of shared memory");
    const void* code = current_->code;
    if (inside) access(from, size, AccessKind::read, code);
    access(to, size, AccessKind::write, code);
    SharedMemory& memory = block_of(*current_).shared;
    for (int i = 0; i < size; ++i) memory.byte(static_cast<std::int64_t>(to - memory.base()) + i).writing = 1;
    current_->open_copies.push_back({to, global, size, inside, code});
}

void Machine::copy_async_commit() {
    current_->copy_groups.push_back(std::move(current_->open_copies));
    current_->open_copies.clear();
}

void Machine::copy_async_wait(int pending) {
    auto& groups = current_->copy_groups;
    while (static_cast<int>(groups.size()) > pending) {
        for (const PendingCopy& copy : groups.front()) arrive(copy);
        groups.pop_front();
    }
}

void Machine::arrive(const PendingCopy& copy) {
    SharedMemory& memory = block_of(*current_).shared;
    for (int i = 0; i < copy.bytes; ++i) {
        ByteState& byte = memory.byte(static_cast<std::int64_t>(copy.to - memory.base()) + i);
        byte.writing = 0;
        byte.time = current_->time;
    }
    if (copy.inside)
        std::memcpy(reinterpret_cast<void*>(copy.to), copy.from, static_cast<std::size_t>(copy.bytes));
    else
        std::memset(reinterpret_cast<void*>(copy.to), 0, static_cast<std::size_t>(copy.bytes));
}

}  // namespace heddle::test
