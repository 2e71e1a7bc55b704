// tests/support/cuda_emulator/machine_memory.cpp -- accesses of shared and global memory: bounds, first writes, races.
#include <fmt/format.h>

#include "tests/support/cuda_emulator/machine.h"

namespace heddle::test {
namespace {

const char* verb(AccessKind kind) {
    return kind == AccessKind::read ? "reads" : kind == AccessKind::write ? "writes" : "changes";
}

}  // namespace

void* Machine::shared_variable(const char* name, int line, std::int64_t size, std::int64_t alignment) {
    SharedMemory& shared = block_of(*current_).shared;
    void* place = shared.variable(name, line, size, alignment);
    constexpr std::int64_t most = 232448;
    if (constexpr std::int64_t most_declared = 49152; shared.declared_bytes() > most_declared)
        throw Fault(fmt::format("{} bytes of declared shared memory, a kernel has at most {}", shared.declared_bytes(),
                                most_declared));
    if (shared.used_bytes() > most)
        throw Fault(fmt::format("{} bytes of shared memory, a block has at most {}", shared.used_bytes(), most));
    return place;
}

void* Machine::dynamic_shared() {
    if (launch_->dynamic_shared_bytes <= 0) throw Fault("the launch gives the block no dynamic shared memory");
    return reinterpret_cast<void*>(block_of(*current_).shared.base());
}

std::uint64_t Machine::shared_address(const void* address) {
    const std::uintptr_t place = reinterpret_cast<std::uintptr_t>(address) - block_of(*current_).shared.base();
    if (place >= SharedMemory::window_bytes) throw Fault("an address is taken for one of the block's shared memory");
    return place;
}

void Machine::access(std::uintptr_t address, std::int64_t size, AccessKind kind, const void* code) {
    if (fibers_.holds(address)) return register_access(*current_, address, size, kind != AccessKind::read, code);
    const auto indices = reinterpret_cast<std::uintptr_t>(threads_.data());
    if (kind == AccessKind::read &&
        (address - image_begin_ < image_bytes_ || address - indices < threads_.size() * sizeof(Thread)))
        return;  // constants of the text; threadIdx and the like
    if (address - windows_ < blocks_.size() * SharedMemory::window_bytes)
        shared_access(address, size, kind, code);
    else
        global_access(address, size, kind, code);
}

EmulatedBlock& Machine::block_at(std::uintptr_t shared, std::int64_t size, const char* how) {
    const std::size_t rank = (shared - windows_) / SharedMemory::window_bytes;
    const auto offset = static_cast<std::int64_t>((shared - windows_) % SharedMemory::window_bytes);
    if (rank >= threads_.size() / static_cast<std::size_t>(block_threads_))
        throw Fault(fmt::format("{} {} bytes at an address outside of shared memory", how, size));
    EmulatedBlock& block = *blocks_[rank];
    if (block.live == 0)
        throw Fault(fmt::format("{} shared memory of block {} of the cluster, which has ended", how, rank));
    if (!block.shared.find(offset, size))
        throw Fault(fmt::format("{} {} bytes outside of shared memory: {}", how, size, block.shared.place(offset)));
    return block;
}

void Machine::misaligned(const void* address, int alignment) {
    throw Fault(fmt::format("an access asks for a multiple of {} bytes, the address is {} beyond one", alignment,
                            reinterpret_cast<std::uintptr_t>(address) % static_cast<unsigned>(alignment)));
}

void Machine::shared_access(std::uintptr_t address, std::int64_t size, AccessKind kind, const void* code) {
    Thread& thread = *current_;
    thread.code = code;
    SharedMemory& shared = block_at(address, size, verb(kind)).shared;
    const auto first = static_cast<std::int64_t>(address - shared.base());
    const int slot = thread.warp % shared.slots();
    for (std::int64_t offset = first; offset < first + size; ++offset) {
        ByteState& byte = shared.byte(offset);
        const auto race = [&](const char* other_verb, int other, const void* other_code) {
            const bool agent = other >= static_cast<int>(threads_.size());
            throw Fault(fmt::format(
                "{} shared memory {} that {} {} without a barrier between\n    {}\n    {}", verb(kind),
                shared.place(offset),
                agent ? "a copy that an mbarrier counts" : describe(threads_[static_cast<std::size_t>(other)]),
                other_verb, line(code), line(other_code)));
        };
        if (byte.writing)
            throw Fault(
                fmt::format("{} shared memory {} that an asynchronous copy is still to write: it was not waited "
                            "for\n    {}\n    {}",
                            verb(kind), shared.place(offset), line(code), line(byte.code)));
        if (byte.writer >= 0 && !knows(thread, byte.writer, byte.time)) race("wrote", byte.writer, byte.code);
        if (kind != AccessKind::write && byte.writer < 0)
            throw Fault(fmt::format("{} shared memory {} that nobody wrote\n    {}", verb(kind), shared.place(offset),
                                    line(code)));
        ByteReader* readers = shared.readers(offset);
        if (kind == AccessKind::read) {
            readers[slot] = {thread.index, thread.time, code};
            byte.readers |= std::uint64_t{1} << slot;
            continue;
        }
        for (std::uint64_t left = byte.readers; left != 0; left &= left - 1) {
            const ByteReader& reader = readers[__builtin_ctzll(left)];
            if (!knows(thread, reader.thread, reader.time)) race("read", reader.thread, reader.code);
        }
        if (byte.reading != 0 && done_marks_.count(byte.reading) == 0)
            throw Fault(
                fmt::format("{} shared memory {} that an asynchronous engine may still read: it was not waited "
                            "for\n    {}",
                            verb(kind), shared.place(offset), line(code)));
        byte.reading = 0;
        byte.readers = 0;
        byte.fenced = false;
        byte.writer = thread.index;
        byte.time = thread.time;
        byte.code = code;
    }
}

void Machine::global_access(std::uintptr_t address, std::int64_t size, AccessKind kind, const void* code) {
    Thread& thread = *current_;
    GlobalMemory::Region* region = global_->find(address);
    if (!region) {
        thread.code = code;
        throw Fault(fmt::format("{} {} bytes {}\n    {}", verb(kind), size, global_->place(address), line(code)));
    }
    if (address + static_cast<std::uintptr_t>(size) > region->end)
        throw Fault(fmt::format("{} {} bytes across the end of {} ({} bytes)\n    {}", verb(kind), size,
                                region->buffer.name, region->buffer.bytes, line(code)));
    if (region->buffer.constant) {
        if (kind == AccessKind::read) return;
        throw Fault(fmt::format("{} the constant {}\n    {}", verb(kind), region->buffer.name, line(code)));
    }
    const bool atomic = kind == AccessKind::atomic;
    const GlobalAccess now{cluster_, thread.index, thread.time, atomic, code};
    const auto ordered = [&](const GlobalAccess& before) {
        return before.cluster == 0 || (atomic && before.atomic) ||
               (before.cluster == cluster_ && knows(thread, before.thread, before.time));
    };
    const auto race = [&](const GlobalAccess& before, std::size_t at, const char* other_verb) {
        throw Fault(fmt::format("{} byte {} of {} that a thread of {} {} without a barrier between\n    {}\n    {}",
                                verb(kind), at, region->buffer.name,
                                before.cluster == cluster_ ? "the same block" : "another block", other_verb, line(code),
                                line(before.code)));
    };
    const std::size_t first = address - region->begin;
    for (std::size_t at = first; at < first + static_cast<std::size_t>(size); ++at) {
        GlobalByte& byte = region->bytes[at];
        if (!ordered(byte.write)) race(byte.write, at, "wrote");
        if (kind != AccessKind::write && !byte.written)
            throw Fault(fmt::format("{} byte {} of {} that nobody wrote\n    {}", verb(kind), at, region->buffer.name,
                                    line(code)));
        if (kind == AccessKind::read) {
            byte.read = now;
            continue;
        }
        if (!ordered(byte.read)) race(byte.read, at, "read");
        byte.write = now;
        byte.written = true;
    }
}

}  // namespace heddle::test
