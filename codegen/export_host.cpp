// codegen/export_host.cpp -- an operator as a relocatable object with its launch functions, and its C header.
#include <fmt/format.h>
#include <llvm/AsmParser/Parser.h>
#include <llvm/Linker/Linker.h>
#include <llvm/Support/SourceMgr.h>

#include <algorithm>

#include "codegen/emit_llvm_function.h"
#include "codegen/export_header.h"
#include "codegen/export_runtime.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr std::int64_t scratch_alignment = 64;

// Adds the launch functions to a module that holds the steps of a plan.
class LaunchEmitter {
public:
    LaunchEmitter(ModuleEmitter& module, const LoweredPlan& plan, const ExportedParameters& parameters,
                  const std::string& name)
        : module_(module), plan_(plan), parameters_(parameters), name_(name), builder_(module.context) {
        pointer_ = builder_.getPtrTy();
        i64_ = builder_.getInt64Ty();
        i32_ = builder_.getInt32Ty();
    }

    void run(const std::vector<llvm::Function*>& steps) {
        for (const std::string& name : exported()) make_room(name);
        emit_serial(emit_parallel(steps));
        emit_error();
        link_runtime();
        for (llvm::Function& function : *module_.module)
            if (!function.isDeclaration()) function.setLinkage(llvm::Function::InternalLinkage);
        for (const std::string& name : exported())
            module_.module->getFunction(name)->setLinkage(llvm::Function::ExternalLinkage);
    }

private:
    std::vector<std::string> exported() const { return {name_, name_ + "_parallel", name_ + "_error"}; }

    // The steps and what is split off them have names of their own; a function that they call keeps its name.
    void make_room(const std::string& name) {
        llvm::GlobalValue* taken = module_.module->getNamedValue(name);
        if (taken == nullptr) return;
        if (taken->isDeclaration())
            throw UserError(
                fmt::format("'{}' is a function of the C library that the code calls; give another name", name));
        taken->setName(name + ".step");
    }

    std::vector<llvm::Type*> types(bool parallel) const {
        std::vector<llvm::Type*> result(parameters_.arrays.size(), pointer_);
        result.insert(result.end(), parameters_.sizes.size(), i64_);
        if (parallel) result.insert(result.end(), 2, pointer_);
        return result;
    }

    // int NAME_parallel(arrays, sizes, parallel_for, self)
    llvm::Function* emit_parallel(const std::vector<llvm::Function*>& steps) {
        llvm::Function* launch =
            module_.create(name_ + "_parallel", llvm::FunctionType::get(i32_, types(true), false), true);
        FunctionEmitter emitter(module_, launch);
        llvm::IRBuilder<>& builder = emitter.builder();
        const auto arrays = static_cast<unsigned>(parameters_.arrays.size());
        const auto sizes = static_cast<unsigned>(parameters_.sizes.size());

        llvm::Value* good = builder.getTrue();
        for (unsigned i = 0; i < sizes; ++i) {
            const Symbol& size = parameters_.sizes[i].first;
            llvm::Argument* value = launch->getArg(arrays + i);
            emitter.bind(size, {value, 0, 0});
            good = builder.CreateAnd(good, builder.CreateICmpSGE(value, builder.getInt64(size.min())));
            good = builder.CreateAnd(good, builder.CreateICmpSLE(value, builder.getInt64(size.max())));
        }
        return_unless(builder, good, export_bad_size);

        // Scratch: one block of memory for all.
        std::map<const TensorNode*, llvm::Value*> addresses;
        for (unsigned i = 0; i < arrays; ++i) addresses[parameters_.arrays[i].tensor.node().get()] = launch->getArg(i);
        llvm::Value* bytes = builder.getInt64(0);
        std::vector<llvm::Value*> offsets;
        for (const AnyTensor& tensor : plan_.plan.scratch) {
            offsets.push_back(bytes);
            Expr size = Expr::integer(bytes_of(tensor.type()));
            for (const Extent& extent : tensor.shape()) size = size * extent.expr();
            llvm::Value* more = builder.CreateAdd(emitter.index(size), builder.getInt64(scratch_alignment - 1));
            bytes = builder.CreateAdd(bytes, builder.CreateAnd(more, builder.getInt64(-scratch_alignment)));
        }
        llvm::Value* scratch = nullptr;
        if (!offsets.empty()) {
            bytes = builder.CreateAdd(bytes, builder.getInt64(scratch_alignment));  // never 0
            scratch = builder.CreateCall(module_.runtime("aligned_alloc", pointer_, {i64_, i64_}),
                                         {builder.getInt64(scratch_alignment), bytes});
            return_unless(builder, builder.CreateIsNotNull(scratch), export_no_memory);
        }
        for (std::size_t i = 0; i < offsets.size(); ++i)
            addresses[plan_.plan.scratch[i].node().get()] = builder.CreateGEP(builder.getInt8Ty(), scratch, offsets[i]);

        // The argument of the steps: runtime/kernel.h's KernelArguments.
        llvm::Value* reports = array(builder, i64_, 1);
        builder.CreateStore(builder.getInt64(-1), reports);
        llvm::Value* given = launch->getArg(arrays + sizes);
        llvm::Value* serial = builder.CreateIsNull(given);
        llvm::FunctionCallee in_turn =
            module_.runtime("heddle_rt_serial", builder.getVoidTy(), {pointer_, i64_, pointer_, pointer_});
        llvm::Value* pool = array(builder, pointer_, 3);
        put(builder, pool, 0, launch->getArg(arrays + sizes + 1));
        put(builder, pool, 1, builder.CreateSelect(serial, in_turn.getCallee(), given));
        put(builder, pool, 2, llvm::Constant::getNullValue(pointer_));
        llvm::Value* numbers = array(builder, i64_, std::max(sizes, 1U));
        for (unsigned i = 0; i < sizes; ++i) put(builder, numbers, i, launch->getArg(arrays + i));
        llvm::Value* arguments = array(builder, pointer_, 4);
        put(builder, arguments, 1, numbers);
        put(builder, arguments, 2, pool);
        put(builder, arguments, 3, reports);

        llvm::BasicBlock* end = llvm::BasicBlock::Create(module_.context, "end", launch);
        for (std::size_t i = 0; i < steps.size(); ++i) {
            const std::vector<AnyTensor>& used = plan_.plan.steps[i].function.parameters;
            llvm::Value* buffers =
                array(builder, pointer_, static_cast<unsigned>(std::max<std::size_t>(used.size(), 1)));
            for (unsigned place = 0; place < used.size(); ++place)
                put(builder, buffers, place, addresses.at(used[place].node().get()));
            put(builder, arguments, 0, buffers);
            builder.CreateCall(steps[i], {arguments});
            llvm::BasicBlock* next = llvm::BasicBlock::Create(module_.context, "next", launch);
            builder.CreateCondBr(builder.CreateICmpSLT(builder.CreateLoad(i64_, reports), builder.getInt64(0)), next,
                                 end);
            builder.SetInsertPoint(next);
        }
        builder.CreateBr(end);
        builder.SetInsertPoint(end);
        if (scratch) builder.CreateCall(module_.runtime("free", builder.getVoidTy(), {pointer_}), {scratch});
        llvm::Value* failed = builder.CreateTrunc(builder.CreateLoad(i64_, reports), i32_);
        builder.CreateRet(builder.CreateSelect(builder.CreateICmpSLT(failed, builder.getInt32(0)), builder.getInt32(0),
                                               builder.CreateSub(signed_i32(export_first_check), failed)));
        return launch;
    }

    // int NAME(arrays, sizes)
    void emit_serial(llvm::Function* parallel) {
        llvm::Function* launch = module_.create(name_, llvm::FunctionType::get(i32_, types(false), false), true);
        builder_.SetInsertPoint(llvm::BasicBlock::Create(module_.context, "entry", launch));
        std::vector<llvm::Value*> arguments;
        for (llvm::Argument& argument : launch->args()) arguments.push_back(&argument);
        arguments.insert(arguments.end(), 2, llvm::Constant::getNullValue(pointer_));
        builder_.CreateRet(builder_.CreateCall(parallel, arguments));
    }

    // const char* NAME_error(int)
    void emit_error() {
        llvm::Function* function =
            module_.create(name_ + "_error", llvm::FunctionType::get(pointer_, {i32_}, false), true);
        llvm::BasicBlock* entry = llvm::BasicBlock::Create(module_.context, "entry", function);
        const auto text_block = [&](const std::string& text) {
            llvm::BasicBlock* block = llvm::BasicBlock::Create(module_.context, "text", function);
            builder_.SetInsertPoint(block);
            builder_.CreateRet(builder_.CreateGlobalString(text));
            return block;
        };
        llvm::BasicBlock* unknown = text_block("no result of " + name_);
        builder_.SetInsertPoint(entry);
        llvm::SwitchInst* choice = builder_.CreateSwitch(function->getArg(0), unknown);
        choice->addCase(signed_i32(0), text_block("no error"));
        if (!parameters_.sizes.empty())
            choice->addCase(signed_i32(export_bad_size),
                            text_block("a size is outside of its range: " + parameters_.ranges()));
        if (!plan_.plan.scratch.empty()) choice->addCase(signed_i32(export_no_memory), text_block("out of memory"));
        for (std::size_t i = 0; i < module_.messages.size(); ++i)
            choice->addCase(signed_i32(export_first_check - static_cast<int>(i)),
                            text_block(check_text(module_.messages[i])));
    }

    void link_runtime() {
        llvm::SMDiagnostic problem;
        auto runtime = llvm::parseAssemblyString(export_runtime, problem, module_.context);
        if (!runtime) throw InternalError("the runtime of exported code: " + problem.getMessage().str());
        runtime->setTargetTriple(module_.module->getTargetTriple());
        runtime->setDataLayout(module_.module->getDataLayout());
        require(!llvm::Linker::linkModules(*module_.module, std::move(runtime), llvm::Linker::LinkOnlyNeeded),
                "the runtime of exported code does not link");
    }

    void return_unless(llvm::IRBuilder<>& builder, llvm::Value* good, int result) {
        if (llvm::isa<llvm::Constant>(good)) return;
        llvm::Function* function = builder.GetInsertBlock()->getParent();
        llvm::BasicBlock* bad = llvm::BasicBlock::Create(module_.context, "bad", function);
        llvm::BasicBlock* next = llvm::BasicBlock::Create(module_.context, "good", function);
        builder.CreateCondBr(good, next, bad);
        builder.SetInsertPoint(bad);
        builder.CreateRet(signed_i32(result));
        builder.SetInsertPoint(next);
    }
    llvm::ConstantInt* signed_i32(int value) { return builder_.getInt32(static_cast<std::uint32_t>(value)); }
    static llvm::Value* array(llvm::IRBuilder<>& builder, llvm::Type* element, unsigned count) {
        llvm::BasicBlock& entry = builder.GetInsertBlock()->getParent()->getEntryBlock();
        return llvm::IRBuilder<>(&entry, entry.begin()).CreateAlloca(llvm::ArrayType::get(element, count));
    }
    static void put(llvm::IRBuilder<>& builder, llvm::Value* array, unsigned place, llvm::Value* value) {
        builder.CreateStore(value, builder.CreateConstGEP1_64(value->getType(), array, place));
    }

    ModuleEmitter& module_;
    const LoweredPlan& plan_;
    const ExportedParameters& parameters_;
    const std::string& name_;
    llvm::IRBuilder<> builder_;
    llvm::Type *pointer_, *i64_, *i32_;
};

constexpr const char* parallel_types =
    R"(// How a launch reaches the threads of a program: calls task(context, begin, end) on disjoint ranges that cover
// [0, count) and returns when all are done. It may be called again from inside of a task. With OpenMP:
//   void on_all(void* self, int64_t count, heddle_task task, void* context) {
//       #pragma omp parallel for
//       for (int64_t i = 0; i < count; ++i) task(context, i, i + 1);
//   }
#ifndef HEDDLE_PARALLEL_FOR
#define HEDDLE_PARALLEL_FOR
typedef void (*heddle_task)(void* context, int64_t begin, int64_t end);
typedef void (*heddle_parallel_for)(void* self, int64_t count, heddle_task task, void* context);
#endif

)";

std::string header(const Pipeline& pipeline, const ExportOptions& options, const ExportedParameters& parameters) {
    const std::string& name = options.name;
    std::string body = parallel_types;
    body += fmt::format("// In the calling thread. Returns 0, or a number that {}_error() puts into words.\n", name);
    body += parameters.comment();
    body += "// Arrays are row-major; an output overlaps no other array. Calls from several threads are safe.\n";
    body += fmt::format("int {}({});\n\n", name, parameters.declarations());
    body += "// The same on the threads behind parallel_for, which is handed self; null: in the calling thread.\n";
    body += fmt::format("int {}_parallel({}, heddle_parallel_for parallel_for, void* self);\n\n", name,
                        parameters.declarations());
    body += fmt::format("// What a result of the functions above means.\nconst char* {}_error(int result);\n", name);
    return header_file(export_headline(name + ".h", pipeline, options, host_code_versions()), name, body);
}

}  // namespace

std::vector<ExportedFile> export_host(const Pipeline& pipeline, const ExportOptions& options) {
    require_c_name(options.name);
    const LoweredPlan plan = make_plan(pipeline, options.schedule, options.target);
    const ExportedParameters parameters(pipeline, {"parallel_for", "self"});
    const HostCode code = emit_host(host_inputs(plan), options.target,
                                    [&](ModuleEmitter& module, const std::vector<llvm::Function*>& steps) {
                                        LaunchEmitter(module, plan, parameters, options.name).run(steps);
                                    });
    const auto* first = reinterpret_cast<const char*>(code.object.data());
    return {{options.name + ".o", std::string(first, code.object.size())},
            {options.name + ".h", header(pipeline, options, parameters)}};
}

}  // namespace heddle
