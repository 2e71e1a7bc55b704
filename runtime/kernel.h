// runtime/kernel.h -- the interface between compiled host code and its callers, as plain data.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "runtime/thread_pool.h"

namespace heddle {

/// What compiled code reports through when a check fails or a print is reached. One a call.
struct KernelReports {
    /// Index of the first failed check, -1: none. Written by the first thread that fails.
    std::int64_t failed_check = -1;
    /// The failed check's values.
    std::int64_t values[8] = {};
};

/// The single argument of a compiled host function. The layout is part of the code's version (codegen/version.h).
struct KernelArguments {
    void* const* buffers;       ///< one address a parameter, at index 0 of every dimension
    const std::int64_t* sizes;  ///< run-time sizes
    const ThreadPool* pool;
    KernelReports* reports;
};
using HostFunction = void (*)(const KernelArguments*);

/// A message of a check: "{}" stand for its values.
struct CheckMessage {
    std::string text;
    int values = 0;
};

/// The message of the check that failed, its values filled in.
std::string message_of(const std::vector<CheckMessage>& messages, const KernelReports& reports);

}  // namespace heddle
