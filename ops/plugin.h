// ops/plugin.h -- what a library with operators says of itself; heddle/plugin.h is the header for writing one.
#pragma once

#include <cstddef>

#include "ops/registry.h"

namespace heddle {

/// What `heddle_plugin()` of a plugin returns, at fixed places for all versions: one of another version is known by it.
struct PluginDescription {
    const char* version;    ///< of the Heddle that it was built with
    std::size_t row_bytes;  ///< sizeof(OperatorRow) there
    const void* registry;   ///< that of the libheddle which it was linked with
    /// Hands its operators over, one by one. Returns null, or what went wrong; nothing is thrown.
    const char* (*operators)(void (*add)(void* to, OperatorRow row), void* to) noexcept;
};

}  // namespace heddle
