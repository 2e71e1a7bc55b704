// runtime/llvm_orc.h -- machine code into the process: LLVM's ORC, from object files.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace heddle {

/// Code loaded into this process; unloaded with the last handle.
class LoadedCode {
public:
    virtual ~LoadedCode() = default;
    /// Address of a function; throws InternalError when the object does not define it.
    virtual void* address(const std::string& symbol) const = 0;
};

/// Links a relocatable object (of this machine's ABI) into the process. Symbols that it does not define come from the
/// process (libm) and from `heddle_rt_*` functions of the runtime. With `HEDDLE_DEBUG_JIT=1` the code is registered
/// with debuggers; with `HEDDLE_PERF=1` its functions are listed in /tmp/perf-<pid>.map for `perf report`. Thread-safe.
/// Throws InternalError with LLVM's message when linking fails.
std::shared_ptr<LoadedCode> load_object(const std::vector<std::byte>& object, const std::string& name);

}  // namespace heddle
