// codegen/emit_llvm.h -- lowered functions to machine code of the host, through LLVM IR with explicit vectors.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "codegen/stmt.h"
#include "runtime/kernel.h"
#include "schedules/target.h"

namespace heddle {

/// The version of emitted code: part of cache keys and of a tuning record's provenance. Raise it when emission changes.
inline constexpr int codegen_version = 6;
/// "codegen 1, LLVM 19.1.7".
std::string host_code_versions();

/// Strides of each parameter of a function, in elements, as constants.
using ParameterStrides = std::vector<std::vector<std::int64_t>>;

struct HostFunctionInput {
    const Function* function = nullptr;
    ParameterStrides strides;  ///< one a parameter; empty: row-major, over the run-time sizes where extents are dynamic
};

struct HostCode {
    std::vector<std::byte> object;       ///< relocatable object; each function is a symbol of its name
    std::vector<CheckMessage> messages;  ///< of checks, by their number
    double emit_seconds = 0, llvm_seconds = 0;
};

/// Emits all functions as one object. Throws InternalError with LLVM's words when the module is not valid.
HostCode emit_host(const std::vector<HostFunctionInput>& functions, const Target& target);
/// The same module as text: LLVM IR, or assembly; annotated, labels say in comments which loop they belong to.
enum class HostText : std::uint8_t { llvm, assembly, annotated_assembly };
std::string emit_host_text(const std::vector<HostFunctionInput>& functions, const Target& target, HostText form);

}  // namespace heddle
