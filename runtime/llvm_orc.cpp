// runtime/llvm_orc.cpp -- one LLJIT for the process; each object gets a library of its own, removed with its handle.
#include "runtime/llvm_orc.h"

#include <llvm/ExecutionEngine/Orc/Debugging/DebuggerSupport.h>
#include <llvm/ExecutionEngine/Orc/LLJIT.h>
#include <llvm/ExecutionEngine/Orc/ObjectLinkingLayer.h>
#include <llvm/Object/ELFObjectFile.h>
#include <llvm/Support/MemoryBuffer.h>
#include <llvm/Support/TargetSelect.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <mutex>

#include "runtime/error.h"
#include "runtime/host_support.h"

namespace heddle {
namespace {

bool enabled(const char* variable) {
    const char* value = std::getenv(variable);
    return value && *value && *value != '0';
}

[[noreturn]] void fail(llvm::Error error, const char* doing) {
    throw InternalError(std::string("the JIT could not ") + doing + ": " + llvm::toString(std::move(error)));
}

struct Session {
    std::unique_ptr<llvm::orc::LLJIT> jit;
    llvm::orc::SymbolMap support;
    std::atomic<int> libraries = 0;

    Session() {
        llvm::InitializeNativeTarget();
        llvm::InitializeNativeTargetAsmPrinter();
        llvm::InitializeNativeTargetAsmParser();
        llvm::orc::LLJITBuilder builder;
        builder.setObjectLinkingLayerCreator(
            [](llvm::orc::ExecutionSession& session,
               const llvm::Triple&) -> llvm::Expected<std::unique_ptr<llvm::orc::ObjectLayer>> {
                return std::make_unique<llvm::orc::ObjectLinkingLayer>(session);
            });
        auto made = builder.create();
        if (!made) fail(made.takeError(), "start");
        jit = std::move(*made);
        if (enabled("HEDDLE_DEBUG_JIT"))
            if (auto error = llvm::orc::enableDebuggerSupport(*jit)) llvm::consumeError(std::move(error));
        for (const HostSupportFunction& function : host_support_functions())
            support[jit->mangleAndIntern(function.name)] = {
                llvm::orc::ExecutorAddr::fromPtr(function.address),
                llvm::JITSymbolFlags::Exported | llvm::JITSymbolFlags::Callable};
    }
};

// Never destroyed: kernels in static storage may outlive any order of destruction.
Session& session() {
    static Session* the_session = new Session;
    return *the_session;
}

class Library : public LoadedCode {
public:
    explicit Library(llvm::orc::JITDylib& library) : library_(library) {}
    ~Library() override {
        if (auto error = session().jit->getExecutionSession().removeJITDylib(library_))
            llvm::consumeError(std::move(error));
    }
    void* address(const std::string& symbol) const override {
        auto found = session().jit->lookup(library_, symbol);
        if (!found) fail(found.takeError(), "find a function");
        return found->toPtr<void*>();
    }

private:
    llvm::orc::JITDylib& library_;
};

// One line a function, as `perf report` reads it: address, size, name.
void write_perf_map(const Library& library, const llvm::MemoryBufferRef& object, const std::string& name) {
    auto file = llvm::object::ObjectFile::createObjectFile(object);
    if (!file) return llvm::consumeError(file.takeError());
    static std::mutex mutex;
    std::lock_guard lock(mutex);
    const std::string path = "/tmp/perf-" + std::to_string(getpid()) + ".map";
    std::FILE* map = std::fopen(path.c_str(), "a");
    if (!map) return;
    // Functions split off a kernel follow it in its section: all are placed by their distance to an exported one.
    std::uint64_t base = 0;
    for (int pass = 0; pass < 2; ++pass)
        for (const llvm::object::ELFSymbolRef symbol : llvm::object::ELFObjectFileBase::symbol_iterator_range(
                 static_cast<llvm::object::ELFObjectFileBase&>(**file).symbols())) {
            auto type = symbol.getType();
            auto text = symbol.getName();
            auto offset = symbol.getValue();
            auto flags = symbol.getFlags();
            if (!type || !text || !offset || !flags || *type != llvm::object::SymbolRef::ST_Function) continue;
            const bool exported = *flags & llvm::object::SymbolRef::SF_Global;
            if (pass == 0 && exported && base == 0)
                base = reinterpret_cast<std::uint64_t>(library.address(text->str())) - *offset;
            if (pass == 1)
                std::fprintf(map, "%lx %lx heddle:%s:%s\n", static_cast<unsigned long>(base + *offset),
                             static_cast<unsigned long>(symbol.getSize()), name.c_str(), text->str().c_str());
        }
    std::fclose(map);
}

}  // namespace

std::shared_ptr<LoadedCode> load_object(const std::vector<std::byte>& object, const std::string& name) {
    Session& s = session();
    const std::string unique = "heddle." + std::to_string(s.libraries++);
    auto made = s.jit->createJITDylib(unique);
    if (!made) fail(made.takeError(), "make a library");
    auto library = std::make_shared<Library>(*made);
    if (auto error = made->define(llvm::orc::absoluteSymbols(s.support))) fail(std::move(error), "offer its support");
    auto process =
        llvm::orc::DynamicLibrarySearchGenerator::GetForCurrentProcess(s.jit->getDataLayout().getGlobalPrefix());
    if (!process) fail(process.takeError(), "look into the process");
    made->addGenerator(std::move(*process));
    const llvm::StringRef bytes(reinterpret_cast<const char*>(object.data()), object.size());
    auto buffer = llvm::MemoryBuffer::getMemBufferCopy(bytes, unique);
    const llvm::MemoryBufferRef reference(buffer->getBuffer(), unique);
    std::unique_ptr<llvm::MemoryBuffer> kept =
        enabled("HEDDLE_PERF") ? llvm::MemoryBuffer::getMemBufferCopy(bytes, unique) : nullptr;
    if (auto error = s.jit->addObjectFile(*made, std::move(buffer))) fail(std::move(error), "link");
    if (kept) write_perf_map(*library, kept->getMemBufferRef(), name);
    return library;
}

}  // namespace heddle
