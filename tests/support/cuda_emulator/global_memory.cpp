// tests/support/cuda_emulator/global_memory.cpp -- the buffers of a launch.
#include "tests/support/cuda_emulator/global_memory.h"

#include <fmt/format.h>

namespace heddle::test {

GlobalMemory::GlobalMemory(const std::vector<EmulatedBuffer>& buffers) {
    for (const EmulatedBuffer& buffer : buffers) {
        const auto begin = reinterpret_cast<std::uintptr_t>(buffer.data);
        Region region{buffer, begin, begin + static_cast<std::uintptr_t>(buffer.bytes), {}};
        if (!buffer.constant) {
            region.bytes.resize(static_cast<std::size_t>(buffer.bytes));
            for (GlobalByte& byte : region.bytes) byte.written = buffer.written;
        }
        regions_.push_back(std::move(region));
    }
}

std::string GlobalMemory::place(std::uintptr_t address) const {
    std::string text = "outside of all buffers";
    std::uintptr_t nearest = 4096;
    for (const Region& region : regions_) {
        const bool after = address >= region.end;
        const std::uintptr_t distance = after ? address - region.end : region.begin - address;
        if (distance >= nearest) continue;
        nearest = distance;
        text = fmt::format("{} bytes {} {} ({} bytes)", distance, after ? "after the end of" : "before",
                           region.buffer.name, region.buffer.bytes);
    }
    return text;
}

}  // namespace heddle::test
