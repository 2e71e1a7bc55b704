// tests/support/cuda_emulator/machine_bulk.cpp -- copies of bytes and of boxes of tensors, and the reads of other
// engines.
#include <fmt/format.h>

#include <cstring>

#include "tests/support/cuda_emulator/machine.h"
#include "tests/support/cuda_emulator/tensor_box.h"

namespace heddle::test {

void Machine::async_proxy_fence() {
    Thread& thread = *current_;
    thread.proxy_fence = thread.time++;
    thread.fenced = times_of(thread);
    join(thread.fenced, block_of(thread).known);
}

// Bytes that an engine beside the threads reads: known to the thread that starts it, and fenced; not to be written
// until `mark` is done.
void Machine::read_by_engine(std::uintptr_t address, std::int64_t size, std::uint32_t mark) {
    Thread& thread = *current_;
    access(address, size, AccessKind::read, thread.code);
    SharedMemory& shared = blocks_[(address - windows_) / SharedMemory::window_bytes]->shared;
    const auto first = static_cast<std::int64_t>(address - shared.base());
    for (std::int64_t at = first; at < first + size; ++at) {
        ByteState& byte = shared.byte(at);
        byte.reading = mark;
        if (byte.fenced || byte.writer >= static_cast<int>(threads_.size())) continue;
        if (threads_[static_cast<std::size_t>(byte.writer)].proxy_fence >= byte.time ||
            test::knows(thread.fenced, byte.writer, byte.time))
            byte.fenced = true;
        else
            throw Fault(
                fmt::format("an asynchronous engine reads shared memory {} that a thread wrote without a fence "
                            "(fence.proxy.async) after it\n    {}\n    {}",
                            shared.place(at), line(thread.code), line(byte.code)));
    }
}

void Machine::bulk_load(void* shared, const void* global, int size, void* barrier) {
    const auto to = reinterpret_cast<std::uintptr_t>(shared), from = reinterpret_cast<std::uintptr_t>(global);
    if (to % 16 != 0 || from % 16 != 0 || size % 16 != 0 || size <= 0)
        throw Fault(fmt::format("a bulk copy of {} bytes: its size and its addresses are multiples of 16", size));
    if (!in_shared(to)) throw Fault("a bulk copy to an address outside of shared memory");
    access(from, size, AccessKind::read, current_->code);
    Transfer transfer;
    const auto* bytes = static_cast<const unsigned char*>(global);
    transfer.bytes.assign(bytes, bytes + size);
    for (int i = 0; i < size; i += 16) transfer.to.push_back(to + static_cast<std::uintptr_t>(i));
    start_transfer(barrier, std::move(transfer));
}

void Machine::bulk_store(void* global, const void* shared, int size) {
    const auto to = reinterpret_cast<std::uintptr_t>(global), from = reinterpret_cast<std::uintptr_t>(shared);
    if (to % 16 != 0 || from % 16 != 0 || size % 16 != 0 || size <= 0)
        throw Fault(fmt::format("a bulk copy of {} bytes: its size and its addresses are multiples of 16", size));
    if (!in_shared(from)) throw Fault("a bulk copy from an address outside of shared memory");
    read_by_engine(from, size, store_mark());
    access(to, size, AccessKind::write, current_->code);
    std::memcpy(global, shared, static_cast<std::size_t>(size));
}

// The mark of this thread's open group of stores.
std::uint32_t Machine::store_mark() {
    if (current_->open_stores == 0) current_->open_stores = next_mark_++;
    return current_->open_stores;
}

void Machine::store_commit() {
    current_->store_groups.push_back(current_->open_stores);
    current_->open_stores = 0;
}

void Machine::store_wait(int pending) {
    auto& groups = current_->store_groups;
    while (static_cast<int>(groups.size()) > pending) {
        if (groups.front() != 0) end_mark(groups.front());
        groups.pop_front();
    }
}

const EmulatedTensorMap& Machine::map_at(const void* map, std::uintptr_t shared, int rank, bool im2col) {
    const EmulatedTensorMap* found = emulated_tensor_map(map);
    if (!found) throw Fault("the kernel's parameter is no tensor map");
    if (found->recipe.rank != rank || found->recipe.im2col != im2col)
        throw Fault(fmt::format("a copy of rank {}{} by a {}", rank, im2col ? ", im2col," : "",
                                heddle::describe(found->recipe)));
    if (!in_shared(shared) || shared % 128 != 0)
        throw Fault("the box of a tensor map lies in shared memory at a multiple of 128 bytes");
    return *found;
}

void Machine::tensor_load(void* shared, const void* map, void* barrier, int rank, const int* coordinates,
                          const unsigned short* offsets) {
    const auto to = reinterpret_cast<std::uintptr_t>(shared);
    const EmulatedTensorMap& tensor = map_at(map, to, rank, offsets != nullptr);
    const int element = bytes_of(tensor.recipe.type);
    if (coordinates[0] * element % 16 != 0) throw Fault("a box starts at a multiple of 16 bytes along a row");
    Transfer transfer;
    for_each_row(tensor.recipe, coordinates, offsets, [&](const BoxRow& row) {
        std::vector<unsigned char> bytes(static_cast<std::size_t>(row.elements * element));
        for (std::int64_t i = 0; i < row.elements; ++i) {
            if (!row.inside(i)) continue;
            const std::uintptr_t from = tensor.base + static_cast<std::uintptr_t>(row.byte_offset + i * element);
            access(from, element, AccessKind::read, current_->code);
            std::memcpy(&bytes[static_cast<std::size_t>(i * element)], reinterpret_cast<const void*>(from),
                        static_cast<std::size_t>(element));
        }
        transfer.bytes.insert(transfer.bytes.end(), bytes.begin(), bytes.end());
    });
    if (transfer.bytes.size() % 16 != 0) throw Fault("a box's bytes are a multiple of 16");
    for (std::size_t i = 0; i < transfer.bytes.size(); i += 16)
        transfer.to.push_back((to + i) ^ swizzle_of(to + i, tensor.recipe.swizzle_bytes));
    start_transfer(barrier, std::move(transfer));
}

void Machine::tensor_store(const void* map, const void* shared, int rank, const int* coordinates, bool im2col) {
    const auto from = reinterpret_cast<std::uintptr_t>(shared);
    const EmulatedTensorMap& tensor = map_at(map, from, rank, im2col);
    const int element = bytes_of(tensor.recipe.type);
    const std::uint32_t mark = store_mark();
    std::uintptr_t at = from;
    static const unsigned short no_offsets[3] = {};
    for_each_row(tensor.recipe, coordinates, im2col ? no_offsets : nullptr, [&](const BoxRow& row) {
        for (std::int64_t i = 0; i < row.elements; ++i, at += static_cast<std::uintptr_t>(element)) {
            if (!row.inside(i)) continue;
            const std::uintptr_t place = at ^ swizzle_of(at, tensor.recipe.swizzle_bytes);
            read_by_engine(place, element, mark);
            const std::uintptr_t to = tensor.base + static_cast<std::uintptr_t>(row.byte_offset + i * element);
            access(to, element, AccessKind::write, current_->code);
            std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<const void*>(place),
                        static_cast<std::size_t>(element));
        }
    });
}

}  // namespace heddle::test
