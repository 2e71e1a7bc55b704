// runtime/nvrtc.cpp -- opens NVRTC, compiles, and words what went wrong.
#include "runtime/nvrtc.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "runtime/cuda_toolkit.h"
#include "runtime/error.h"
#include "runtime/shared_library.h"
#include "runtime/text.h"

namespace heddle {
namespace {

using Program = struct ProgramHandle*;
using Result = int;
constexpr Result success = 0, error_compilation = 6;

// X(member, "symbol", argument types)
#define HEDDLE_NVRTC_FUNCTIONS(X)                                                                                    \
    X(version, "nvrtcVersion", int*, int*)                                                                           \
    X(architecture_count, "nvrtcGetNumSupportedArchs", int*)                                                         \
    X(architectures, "nvrtcGetSupportedArchs", int*)                                                                 \
    X(create, "nvrtcCreateProgram", Program*, const char*, const char*, int, const char* const*, const char* const*) \
    X(destroy, "nvrtcDestroyProgram", Program*)                                                                      \
    X(compile, "nvrtcCompileProgram", Program, int, const char* const*)                                              \
    X(log_size, "nvrtcGetProgramLogSize", Program, std::size_t*)                                                     \
    X(log, "nvrtcGetProgramLog", Program, char*)                                                                     \
    X(cubin_size, "nvrtcGetCUBINSize", Program, std::size_t*)                                                        \
    X(cubin, "nvrtcGetCUBIN", Program, char*)                                                                        \
    X(ptx_size, "nvrtcGetPTXSize", Program, std::size_t*)                                                            \
    X(ptx, "nvrtcGetPTX", Program, char*)

struct Nvrtc {
#define HEDDLE_NVRTC_POINTER(member, symbol, ...) Result (*member)(__VA_ARGS__) = nullptr;
    HEDDLE_NVRTC_FUNCTIONS(HEDDLE_NVRTC_POINTER)
#undef HEDDLE_NVRTC_POINTER
    const char* (*error_text)(Result) = nullptr;
    std::optional<std::string> problem;
    std::string version_text, file;
    std::vector<int> known_architectures;
};

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::vector<std::string> library_names() {
    std::vector<std::string> files;
    for (const char* version : {"", ".13", ".12", ".11.2"}) files.push_back(std::string("libnvrtc.so") + version);
    std::vector<std::string> names = files;
    for (const std::string& folder : cuda_toolkit_folders())
        for (const char* part : {"/lib64/", "/lib/"})
            for (const std::string& file : files) names.push_back(fmt::format("{}{}{}", folder, part, file));
    return names;
}

/// Opens the library that HEDDLE_NVRTC names or, where it is empty, the machine's.
std::unique_ptr<Nvrtc> open_nvrtc(const std::string& named) {
    auto nvrtc = std::make_unique<Nvrtc>();
    const SharedLibrary library(named.empty() ? library_names() : std::vector{named});
    if (!library.opened()) {
        nvrtc->problem = named.empty() ? fmt::format("no NVRTC, CUDA's compiler: {}; HEDDLE_NVRTC can name the library",
                                                     library.problem())
                                       : fmt::format("no NVRTC at HEDDLE_NVRTC={}: {}", named, library.problem());
        return nvrtc;
    }
    const char* missing = nullptr;
    const auto bind = [&](auto& member, const char* symbol) {
        member = reinterpret_cast<std::decay_t<decltype(member)>>(library.address(symbol));
        if (member == nullptr && missing == nullptr) missing = symbol;
    };
#define HEDDLE_NVRTC_BIND(member, symbol, ...) bind(nvrtc->member, symbol);
    HEDDLE_NVRTC_FUNCTIONS(HEDDLE_NVRTC_BIND)
#undef HEDDLE_NVRTC_BIND
    bind(nvrtc->error_text, "nvrtcGetErrorString");
    int major = 0, minor = 0, count = 0;
    if (missing != nullptr || nvrtc->version(&major, &minor) != success) {
        nvrtc->problem = fmt::format("{} is no NVRTC of CUDA 11.2 or later: it {}", library.name(),
                                     missing != nullptr ? fmt::format("lacks the function {}", missing)
                                                        : std::string("does not say its version"));
        return nvrtc;
    }
    nvrtc->version_text = fmt::format("{}.{}", major, minor);
    nvrtc->file = file_of_code(reinterpret_cast<const void*>(nvrtc->version));
    if (nvrtc->architecture_count(&count) == success && count > 0) {
        nvrtc->known_architectures.resize(static_cast<std::size_t>(count));
        if (nvrtc->architectures(nvrtc->known_architectures.data()) != success) nvrtc->known_architectures.clear();
    }
    return nvrtc;
}

/// The library that HEDDLE_NVRTC names now; each is opened once.
const Nvrtc& opened_nvrtc() {
    static std::mutex mutex;
    static std::map<std::string, std::unique_ptr<Nvrtc>> opened;
    const std::lock_guard lock(mutex);
    std::unique_ptr<Nvrtc>& nvrtc = opened[environment("HEDDLE_NVRTC")];
    if (nvrtc == nullptr) nvrtc = open_nvrtc(environment("HEDDLE_NVRTC"));
    return *nvrtc;
}

const Nvrtc& usable_nvrtc() {
    const Nvrtc& nvrtc = opened_nvrtc();
    if (nvrtc.problem)
        throw UserError(fmt::format("{}; CUDA source can be written out without it, not compiled", *nvrtc.problem));
    return nvrtc;
}

void check_architecture(const Nvrtc& nvrtc, const std::string& name, int compute_capability) {
    const std::vector<int>& known = nvrtc.known_architectures;
    if (known.empty() || std::find(known.begin(), known.end(), compute_capability) != known.end()) return;
    std::vector<std::string> names;
    for (const int capability : known) names.push_back(architecture_name(capability));
    throw UserError(fmt::format("'{}': NVRTC {} does not compile for {}; it does for {}", name, nvrtc.version_text,
                                architecture_name(compute_capability), join(names, ", ")));
}

/// The headers that source includes: "cuda_fp16.h".
std::vector<std::string> included_headers(const std::string& source) {
    std::vector<std::string> headers;
    constexpr std::string_view directive = "#include <";
    for (std::size_t at = source.find(directive); at != std::string::npos; at = source.find(directive, at + 1)) {
        if (at > 0 && source[at - 1] != '\n') continue;
        const std::size_t begin = at + directive.size(), end = source.find('>', begin);
        if (end != std::string::npos) headers.push_back(source.substr(begin, end - begin));
    }
    return headers;
}

/// The flag that leads to the toolkit's headers, where the source wants any.
std::optional<std::string> include_flag(const Nvrtc& nvrtc, const std::string& source, const std::string& name) {
    const std::vector<std::string> headers = included_headers(source);
    if (headers.empty()) return {};
    namespace fs = std::filesystem;
    std::vector<std::string> folders;
    for (const std::string& folder : cuda_toolkit_folders()) folders.push_back(folder + "/include");
    const fs::path library_folder = fs::path(nvrtc.file).parent_path();
    for (const char* way : {"../include", "../../include", "../../cuda_runtime/include"})
        folders.push_back((library_folder / way).lexically_normal().string());
    folders.emplace_back("/usr/include");
    for (const std::string& folder : folders)
        if (std::error_code ignored; fs::exists(fs::path(folder) / headers[0], ignored)) return "-I" + folder;
    throw UserError(
        fmt::format("'{}' includes <{}>, a header of the CUDA toolkit, which is not here (looked in {}); "
                    "install the toolkit's headers, or say where by CUDA_HOME",
                    name, headers[0], join(folders, ", ")));
}

/// The lines around the first "<name>(<line>): error" of the log, numbered; empty where it names none.
std::string lines_around_error(const std::string& source, const std::string& name, const std::string& log) {
    int line = 0;
    for (std::size_t at = log.find(name + "("); at != std::string::npos && line == 0;
         at = log.find(name + "(", at + 1)) {
        char* end = nullptr;
        const long number = std::strtol(log.c_str() + at + name.size() + 1, &end, 10);
        if (std::string_view(end).starts_with("): error")) line = static_cast<int>(number);
    }
    if (line == 0) return {};
    constexpr int reach = 4;
    std::string text;
    std::size_t begin = 0;
    for (int n = 1; begin < source.size() && n <= line + reach; ++n) {
        const std::size_t end = std::min(source.find('\n', begin), source.size());
        if (n >= line - reach)
            text += fmt::format("{} {:4} | {}\n", n == line ? '>' : ' ', n, source.substr(begin, end - begin));
        begin = end + 1;
    }
    return text;
}

/// A program that is compiled, for as long as its results are read.
class Compilation {
public:
    Compilation(const std::string& source, const std::string& name, int compute_capability, bool to_ptx,
                const CudaCompileOptions& options)
        : nvrtc_(usable_nvrtc()) {
        check_architecture(nvrtc_, name, compute_capability);
        const std::string architecture = architecture_name(compute_capability, options.specific_features);
        std::vector<std::string> flags = {
            fmt::format("--gpu-architecture={}", to_ptx ? "compute" + architecture.substr(2) : architecture),
            "-std=c++17"};
        if (!to_ptx) flags.emplace_back("--ptxas-options=-v");
        if (const std::optional<std::string> include = include_flag(nvrtc_, source, name)) flags.push_back(*include);
        flags.insert(flags.end(), options.flags.begin(), options.flags.end());
        std::vector<const char*> arguments;
        for (const std::string& flag : flags) arguments.push_back(flag.c_str());
        check(nvrtc_.create(&program_, source.c_str(), name.c_str(), 0, nullptr, nullptr), name);
        const Result result = nvrtc_.compile(program_, static_cast<int>(arguments.size()), arguments.data());
        log_ = text(nvrtc_.log_size, nvrtc_.log);
        if (result == success) return;
        const std::string how = result == error_compilation ? "does not compile" : nvrtc_.error_text(result);
        const std::string lines = lines_around_error(source, name, log_);
        destroy();
        throw InternalError(fmt::format("CUDA source '{}' for {} (NVRTC {}, {}): {}\n{}{}", name, architecture,
                                        nvrtc_.version_text, join(flags, " "), how, log_, lines));
    }
    Compilation(const Compilation&) = delete;
    Compilation& operator=(const Compilation&) = delete;
    ~Compilation() { destroy(); }

    const std::string& log() const { return log_; }
    std::string ptx() const { return text(nvrtc_.ptx_size, nvrtc_.ptx); }
    std::vector<std::byte> cubin() const {
        std::size_t bytes = 0;
        check(nvrtc_.cubin_size(program_, &bytes), "its machine code");
        std::vector<std::byte> image(bytes);
        check(nvrtc_.cubin(program_, reinterpret_cast<char*>(image.data())), "its machine code");
        return image;
    }

private:
    void check(Result result, const std::string& what) const {
        if (result != success) throw InternalError(fmt::format("NVRTC, '{}': {}", what, nvrtc_.error_text(result)));
    }
    void destroy() {
        if (program_ != nullptr) nvrtc_.destroy(&program_);
        program_ = nullptr;
    }
    /// A text that NVRTC hands out with its terminating zero.
    std::string text(Result (*size)(Program, std::size_t*), Result (*get)(Program, char*)) const {
        std::size_t bytes = 0;
        check(size(program_, &bytes), "the size of a text");
        std::string result(bytes, '\0');
        if (bytes > 0) check(get(program_, result.data()), "a text");
        while (!result.empty() && result.back() == '\0') result.pop_back();
        return result;
    }

    const Nvrtc& nvrtc_;
    Program program_ = nullptr;
    std::string log_;
};

}  // namespace

std::optional<std::string> nvrtc_problem() { return opened_nvrtc().problem; }
std::string nvrtc_version() { return usable_nvrtc().version_text; }
std::string nvrtc_file() { return usable_nvrtc().file; }

std::string architecture_name(int compute_capability, bool specific_features) {
    return fmt::format("sm_{}{}", compute_capability, specific_features ? "a" : "");
}

CudaProgram compile_cuda(const std::string& source, const std::string& name, int compute_capability,
                         const CudaCompileOptions& options) {
    const Compilation compilation(source, name, compute_capability, false, options);
    CudaProgram program;
    program.cubin = compilation.cubin();
    program.log = compilation.log();
    program.warnings = without_assembler_report(program.log);
    program.kernels = read_resources(program.cubin);
    add_assembler_report(program.kernels, program.log);
    return program;
}

std::string compile_ptx(const std::string& source, const std::string& name, int compute_capability,
                        const CudaCompileOptions& options) {
    return Compilation(source, name, compute_capability, true, options).ptx();
}

}  // namespace heddle
