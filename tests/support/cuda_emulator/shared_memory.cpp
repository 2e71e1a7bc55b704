// tests/support/cuda_emulator/shared_memory.cpp -- variables in shared memory, with gaps between them.
#include "tests/support/cuda_emulator/shared_memory.h"

#include <fmt/format.h>

#include <algorithm>

namespace heddle::test {
namespace {

constexpr std::int64_t gap = 64;  // belongs to no variable

}  // namespace

void SharedMemory::reset(std::uintptr_t base, std::int64_t dynamic_bytes, int warps, std::uint32_t generation) {
    base_ = base;
    generation_ = generation;
    if (slots_ != std::min(warps, 64)) {
        slots_ = std::min(warps, 64);
        readers_.clear();
        bytes_.clear();
    }
    variables_.clear();
    next_ = used_ = declared_ = 0;
    if (dynamic_bytes > 0) {
        variables_.push_back({"the dynamic shared memory", 0, 0, dynamic_bytes});
        next_ = dynamic_bytes + gap;
        used_ = dynamic_bytes;
    }
}

void* SharedMemory::variable(const std::string& name, int line, std::int64_t size, std::int64_t alignment) {
    for (const Variable& known : variables_)
        if (known.line == line && known.name == name) return reinterpret_cast<void*>(base_ + known.offset);
    std::int64_t offset = (next_ + alignment - 1) / alignment * alignment;
    // No more aligned than its declaration asks for.
    if (alignment < 128 && offset % (2 * alignment) == 0) offset += alignment;
    variables_.push_back({name, line, offset, size});
    next_ = offset + size + gap;
    used_ += size;
    declared_ += size;
    return reinterpret_cast<void*>(base_ + offset);
}

const SharedMemory::Variable* SharedMemory::find(std::int64_t offset, std::int64_t size) const {
    for (const Variable& variable : variables_)
        if (offset >= variable.offset && offset + size <= variable.offset + variable.bytes) return &variable;
    return nullptr;
}

std::string SharedMemory::place(std::int64_t offset) const {
    const Variable* nearest = nullptr;
    for (const Variable& variable : variables_)
        if (variable.offset <= offset && (!nearest || variable.offset > nearest->offset)) nearest = &variable;
    if (!nearest) return variables_.empty() ? "in a block that has none" : fmt::format("before {}", variables_[0].name);
    const std::string where =
        nearest->line ? fmt::format("{} of line {}", nearest->name, nearest->line) : nearest->name;
    return fmt::format("at byte {} of {} ({} bytes)", offset - nearest->offset, where, nearest->bytes);
}

ByteState& SharedMemory::byte(std::int64_t offset) {
    if (static_cast<std::size_t>(offset) >= bytes_.size()) {
        bytes_.resize(static_cast<std::size_t>(std::max<std::int64_t>(offset + 1024, next_)));
        readers_.resize(bytes_.size() * static_cast<std::size_t>(slots_));
    }
    ByteState& state = bytes_[static_cast<std::size_t>(offset)];
    if (state.generation != generation_) {
        state = {};
        state.generation = generation_;
    }
    return state;
}

}  // namespace heddle::test
