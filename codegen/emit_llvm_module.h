// codegen/emit_llvm_module.h -- what the functions of one LLVM module share while they are emitted.
#pragma once

#include <llvm/IR/IRBuilder.h>
#include <llvm/IR/LLVMContext.h>
#include <llvm/IR/Module.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "codegen/emit_llvm.h"
#include "runtime/kernel.h"
#include "schedules/target.h"

namespace heddle {

struct ModuleEmitter {
    llvm::LLVMContext context;
    std::unique_ptr<llvm::Module> module;
    Target target;
    std::vector<CheckMessage> messages;
    int outlined = 0;  ///< functions split off so far, for their names

    explicit ModuleEmitter(const Target& t) : module(std::make_unique<llvm::Module>("heddle", context)), target(t) {}

    /// A function with the target's attributes; internal unless `exported`.
    llvm::Function* create(const std::string& name, llvm::FunctionType* type, bool exported);
    /// A function of the runtime or of libm, declared on first use.
    llvm::FunctionCallee runtime(const std::string& name, llvm::Type* result, std::vector<llvm::Type*> arguments);
};

/// What is added to a module once it holds the functions, which are given in order.
using ModuleCompletion = std::function<void(ModuleEmitter&, const std::vector<llvm::Function*>&)>;
/// As emit_host of emit_llvm.h, with more in the object than the functions.
HostCode emit_host(const std::vector<HostFunctionInput>& functions, const Target& target,
                   const ModuleCompletion& complete);

}  // namespace heddle
