// runtime/peak_memory.cpp -- the kernel's own high-water mark, set back before the work.
#include "runtime/peak_memory.h"

#include <malloc.h>

#include <fstream>
#include <string>

namespace heddle {
namespace {

/// A line of /proc/self/status, in bytes: "VmHWM:     2168 kB".
std::optional<std::int64_t> status_bytes(const std::string& name) {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        std::int64_t kilobytes = 0;
        if (word == name && status >> kilobytes) return kilobytes * 1024;
    }
    return {};
}

}  // namespace

std::optional<std::int64_t> peak_bytes_of(const std::function<void()>& task) {
    malloc_trim(0);  // memory freed before would be taken again without a rise
    std::ofstream mark("/proc/self/clear_refs");
    mark << "5" << std::flush;
    const bool set_back = mark.good();
    const std::optional<std::int64_t> before = status_bytes("VmRSS:");
    task();
    const std::optional<std::int64_t> peak = status_bytes("VmHWM:");
    if (!set_back || !before || !peak) return {};
    return *peak - *before;
}

}  // namespace heddle
