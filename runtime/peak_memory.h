// runtime/peak_memory.h -- how much memory a piece of work takes at its worst.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace heddle {

/// Bytes by which the resident memory of this process rises, at its peak, while `task` runs; what other threads touch
/// meanwhile counts too. Nothing where the system cannot tell (it takes Linux's /proc); the task runs all the same.
std::optional<std::int64_t> peak_bytes_of(const std::function<void()>& task);

}  // namespace heddle
