// codegen/emit_llvm.cpp -- a module of functions: attributes, the few passes that pay, machine code.
#include "codegen/emit_llvm.h"

#include <llvm/Analysis/CGSCCPassManager.h>
#include <llvm/Analysis/LoopAnalysisManager.h>
#include <llvm/Config/llvm-config.h>
#include <llvm/IR/LegacyPassManager.h>
#include <llvm/IR/Verifier.h>
#include <llvm/MC/TargetRegistry.h>
#include <llvm/Passes/PassBuilder.h>
#include <llvm/Support/CommandLine.h>
#include <llvm/Support/TargetSelect.h>
#include <llvm/Support/raw_ostream.h>
#include <llvm/Target/TargetMachine.h>
#include <llvm/TargetParser/Host.h>
#include <llvm/Transforms/Scalar/DCE.h>
#include <llvm/Transforms/Scalar/EarlyCSE.h>
#include <llvm/Transforms/Scalar/SROA.h>
#include <llvm/Transforms/Scalar/SimplifyCFG.h>

#include <mutex>

#include "codegen/emit_llvm_function.h"
#include "runtime/timer.h"

namespace heddle {

llvm::Function* ModuleEmitter::create(const std::string& name, llvm::FunctionType* type, bool exported) {
    const auto linkage = exported ? llvm::Function::ExternalLinkage : llvm::Function::InternalLinkage;
    llvm::Function* function = llvm::Function::Create(type, linkage, name, module.get());
    function->addFnAttr(llvm::Attribute::NoUnwind);
    const int bits = target.vector_lanes() * 32;
    function->addFnAttr("prefer-vector-width", std::to_string(bits));
    function->addFnAttr("min-legal-vector-width", std::to_string(bits));
    return function;
}

llvm::FunctionCallee ModuleEmitter::runtime(const std::string& name, llvm::Type* result,
                                            std::vector<llvm::Type*> arguments) {
    return module->getOrInsertFunction(name, llvm::FunctionType::get(result, arguments, false));
}

namespace {

// Loop strength reduction takes most of the code generator's time and gains nothing here: addresses are already a base
// and a constant. It is a switch of the whole process, so it is set once, before the first module.
void set_up_llvm() {
    static std::once_flag once;
    std::call_once(once, [] {
        llvm::InitializeNativeTarget();
        llvm::InitializeNativeTargetAsmPrinter();
        auto& options = llvm::cl::getRegisteredOptions();
        if (const auto found = options.find("disable-lsr"); found != options.end())
            static_cast<llvm::cl::opt<bool>*>(found->second)->setValue(true);
    });
}

std::string feature_text(const Target& target) {
    std::string text;
    for (const std::string& name : feature_names(target.features)) text += (text.empty() ? "+" : ",+") + name;
    return text;
}

std::unique_ptr<llvm::TargetMachine> make_machine(const Target& target) {
    const std::string triple = llvm::sys::getDefaultTargetTriple();
    std::string error;
    const llvm::Target* backend = llvm::TargetRegistry::lookupTarget(triple, error);
    if (!backend) throw InternalError("LLVM has no code generator for " + triple + ": " + error);
    const char* cpu = target.features.avx512f ? "skylake-avx512" : "x86-64";
    llvm::TargetOptions options;
    options.AllowFPOpFusion = llvm::FPOpFusion::Standard;
    return std::unique_ptr<llvm::TargetMachine>(backend->createTargetMachine(triple, cpu, feature_text(target), options,
                                                                             llvm::Reloc::PIC_, llvm::CodeModel::Small,
                                                                             llvm::CodeGenOptLevel::Default, true));
}

llvm::Function* emit_entry(ModuleEmitter& emitter, const HostFunctionInput& input) {
    const Function& source = *input.function;
    llvm::Type* pointer = llvm::PointerType::get(emitter.context, 0);
    llvm::Function* entry = emitter.create(
        source.name, llvm::FunctionType::get(llvm::Type::getVoidTy(emitter.context), {pointer}, false), true);
    FunctionEmitter function(emitter, entry);
    llvm::IRBuilder<>& builder = function.builder();
    const auto point = builder.saveIP();
    builder.SetInsertPoint(entry->getEntryBlock().getTerminator());
    llvm::Value* arguments = entry->getArg(0);
    function.set_arguments(arguments);
    llvm::Value* buffers = builder.CreateLoad(pointer, arguments);
    llvm::Value* sizes = builder.CreateLoad(pointer, builder.CreateConstGEP1_64(pointer, arguments, 1));
    for (std::size_t i = 0; i < source.sizes.size(); ++i) {
        llvm::Value* address = builder.CreateConstGEP1_64(builder.getInt64Ty(), sizes, i);
        function.bind(source.sizes[i], {builder.CreateLoad(builder.getInt64Ty(), address), 0, 0});
    }
    std::vector<llvm::Value*> bases;
    for (std::size_t i = 0; i < source.parameters.size(); ++i)
        bases.push_back(builder.CreateLoad(pointer, builder.CreateConstGEP1_64(pointer, buffers, i)));
    builder.restoreIP(point);
    for (std::size_t i = 0; i < source.parameters.size(); ++i) {
        const bool given = i < input.strides.size() && !input.strides[i].empty();
        function.bind_storage(source.parameters[i], bases[i], given ? &input.strides[i] : nullptr);
    }
    function.emit(source.body);
    function.finish();
    return entry;
}

void run_passes(llvm::Module& module, llvm::TargetMachine& machine) {
    llvm::LoopAnalysisManager loops;
    llvm::FunctionAnalysisManager functions;
    llvm::CGSCCAnalysisManager graphs;
    llvm::ModuleAnalysisManager modules;
    llvm::PassBuilder builder(&machine);
    builder.registerModuleAnalyses(modules);
    builder.registerCGSCCAnalyses(graphs);
    builder.registerFunctionAnalyses(functions);
    builder.registerLoopAnalyses(loops);
    builder.crossRegisterProxies(loops, functions, graphs, modules);
    llvm::FunctionPassManager pipeline;
    pipeline.addPass(llvm::SROAPass(llvm::SROAOptions::PreserveCFG));
    pipeline.addPass(llvm::EarlyCSEPass());
    pipeline.addPass(llvm::DCEPass());
    for (llvm::Function& function : module)
        if (!function.isDeclaration()) pipeline.run(function, functions);
}

std::unique_ptr<ModuleEmitter> emit_module(const std::vector<HostFunctionInput>& functions, const Target& target,
                                           llvm::TargetMachine& machine, const ModuleCompletion& complete = {}) {
    auto emitter = std::make_unique<ModuleEmitter>(target);
    emitter->module->setTargetTriple(machine.getTargetTriple().str());
    emitter->module->setDataLayout(machine.createDataLayout());
    std::vector<llvm::Function*> entries;
    for (const HostFunctionInput& input : functions) entries.push_back(emit_entry(*emitter, input));
    if (complete) complete(*emitter, entries);
    std::string problem;
    llvm::raw_string_ostream stream(problem);
    if (llvm::verifyModule(*emitter->module, &stream)) throw InternalError("LLVM refuses the module: " + stream.str());
    return emitter;
}

llvm::SmallVector<char, 0> generate(llvm::Module& module, llvm::TargetMachine& machine, llvm::CodeGenFileType type) {
    llvm::SmallVector<char, 0> bytes;
    llvm::raw_svector_ostream stream(bytes);
    llvm::legacy::PassManager passes;
    if (machine.addPassesToEmitFile(passes, stream, nullptr, type))
        throw InternalError("LLVM cannot emit this kind of file for the host");
    passes.run(module);
    return bytes;
}

}  // namespace

std::string host_code_versions() {
    return "codegen " + std::to_string(codegen_version) + ", LLVM " + LLVM_VERSION_STRING;
}

HostCode emit_host(const std::vector<HostFunctionInput>& functions, const Target& target) {
    return emit_host(functions, target, ModuleCompletion());
}

HostCode emit_host(const std::vector<HostFunctionInput>& functions, const Target& target,
                   const ModuleCompletion& complete) {
    set_up_llvm();
    HostCode code;
    Timer timer;
    const auto machine = make_machine(target);
    const auto emitter = emit_module(functions, target, *machine, complete);
    code.emit_seconds = timer.seconds();
    Timer llvm_timer;
    run_passes(*emitter->module, *machine);
    const auto bytes = generate(*emitter->module, *machine, llvm::CodeGenFileType::ObjectFile);
    code.llvm_seconds = llvm_timer.seconds();
    const auto* first = reinterpret_cast<const std::byte*>(bytes.data());
    code.object.assign(first, first + bytes.size());
    code.messages = emitter->messages;
    return code;
}

std::string emit_host_text(const std::vector<HostFunctionInput>& functions, const Target& target, HostText form) {
    set_up_llvm();
    const auto machine = make_machine(target);
    machine->Options.MCOptions.AsmVerbose = form == HostText::annotated_assembly;
    const auto emitter = emit_module(functions, target, *machine);
    run_passes(*emitter->module, *machine);
    if (form == HostText::llvm) {
        std::string text;
        llvm::raw_string_ostream stream(text);
        emitter->module->print(stream, nullptr);
        return stream.str();
    }
    const auto bytes = generate(*emitter->module, *machine, llvm::CodeGenFileType::AssemblyFile);
    return std::string(bytes.data(), bytes.size());
}

}  // namespace heddle
