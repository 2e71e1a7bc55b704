// tests/support/cuda_emulator/shared_memory.h -- a block's shared memory: what lies where, and who touched each byte.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle::test {

/// The last accesses of one byte.
struct ByteState {
    std::uint32_t generation = 0;  ///< of the block whose accesses these are
    std::uint32_t time = 0;        ///< of the writer
    std::int32_t writer = -1;      ///< a thread of the cluster or an agent; -1: nobody yet
    std::uint32_t writing = 0;     ///< mark of an asynchronous copy that has not arrived; 0: none
    std::uint32_t reading = 0;     ///< mark of an asynchronous reader that is not done; 0: none
    bool fenced = true;            ///< known to asynchronous readers
    const void* code = nullptr;    ///< of the writer
    std::uint64_t readers = 0;     ///< bit w % 64: a thread of warp w has read since the write
};

struct ByteReader {
    std::int32_t thread = -1;
    std::uint32_t time = 0;
    const void* code = nullptr;
};

class SharedMemory {
public:
    struct Variable {
        std::string name;
        int line = 0;  ///< of its declaration; 0: the dynamic memory
        std::int64_t offset = 0, bytes = 0;
    };

    /// A new block's memory, in a window of the address space that starts at `base`.
    void reset(std::uintptr_t base, std::int64_t dynamic_bytes, int warps, std::uint32_t generation);
    /// The place of a variable, the same for each thread that asks.
    void* variable(const std::string& name, int line, std::int64_t size, std::int64_t alignment);

    std::uintptr_t base() const { return base_; }
    /// Null: not all of these bytes lie in one variable.
    const Variable* find(std::int64_t offset, std::int64_t size) const;
    /// "56 bytes after tile (1024 bytes, line 12)".
    std::string place(std::int64_t offset) const;
    std::int64_t used_bytes() const { return used_; }
    std::int64_t declared_bytes() const { return declared_; }  ///< without the dynamic memory

    ByteState& byte(std::int64_t offset);
    ByteReader* readers(std::int64_t offset) { return &readers_[static_cast<std::size_t>(offset * slots_)]; }
    int slots() const { return slots_; }

    static constexpr std::int64_t window_bytes = 1 << 20;

private:
    std::uintptr_t base_ = 0;
    std::int64_t next_ = 0, used_ = 0, declared_ = 0;
    int slots_ = 1;
    std::uint32_t generation_ = 0;
    std::vector<Variable> variables_;
    std::vector<ByteState> bytes_;
    std::vector<ByteReader> readers_;
};

}  // namespace heddle::test
