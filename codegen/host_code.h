// codegen/host_code.h -- compiled host code of a plan: from the cache on disk, else from the emitter.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "codegen/compile.h"
#include "codegen/make_plan.h"
#include "runtime/kernel.h"
#include "runtime/llvm_orc.h"

namespace heddle {

struct LoadedPlan {
    std::shared_ptr<LoadedCode> code;
    std::vector<HostFunction> functions;  ///< one a step
    std::vector<CheckMessage> messages;
};

/// The key is the text of the lowered functions with strides, target features and versions: the same text is never
/// compiled twice, in one process or (with `use_cache`) on one machine.
LoadedPlan load_host_code(const LoweredPlan& plan,
                          const std::map<const TensorNode*, std::vector<std::int64_t>>& strides, const Target& target,
                          bool use_cache, CompileReport& report);

}  // namespace heddle
