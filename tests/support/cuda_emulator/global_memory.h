// tests/support/cuda_emulator/global_memory.h -- the buffers of a launch, and who touched each byte of those written.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tests/support/cuda_emulator.h"

namespace heddle::test {

/// One access of a byte by a thread of a cluster.
struct GlobalAccess {
    std::uint32_t cluster = 0;  ///< counted from 1; 0: before the launch, or never
    std::int32_t thread = -1;
    std::uint32_t time = 0;
    bool atomic = false;
    const void* code = nullptr;
};

struct GlobalByte {
    bool written = false;
    GlobalAccess write, read;
};

class GlobalMemory {
public:
    struct Region {
        EmulatedBuffer buffer;
        std::uintptr_t begin = 0, end = 0;
        std::vector<GlobalByte> bytes;  ///< empty for constants
    };

    explicit GlobalMemory(const std::vector<EmulatedBuffer>& buffers);

    /// Null: no buffer holds the address.
    Region* find(std::uintptr_t address) {
        if (last_ && address >= last_->begin && address < last_->end) return last_;
        for (Region& region : regions_)
            if (address >= region.begin && address < region.end) return last_ = &region;
        return nullptr;
    }
    /// "3 bytes after the end of y (1024 bytes)".
    std::string place(std::uintptr_t address) const;

private:
    std::vector<Region> regions_;
    Region* last_ = nullptr;
};

}  // namespace heddle::test
