// codegen/export_cuda.cpp -- an operator as CUDA C++ source, and as machine code in a C file that calls libcuda alone.
#include <fmt/format.h>

#include <algorithm>

#include "codegen/c_text.h"
#include "codegen/cuda_code.h"
#include "codegen/export_cuda_launch.h"
#include "codegen/export_header.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/nvrtc.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr std::int64_t workspace_alignment = 256;

std::string versions() { return fmt::format("codegen {}, NVRTC {}", codegen_version, nvrtc_version()); }

struct CudaExport {
    LoweredPlan plan;
    std::vector<CudaSource> sources;

    CudaExport(const Pipeline& pipeline, const ExportOptions& options)
        : plan((require_c_name(options.name), make_plan(pipeline, options.schedule, options.target))),
          sources(cuda_sources(plan, options.schedule, {}, false)) {  // arrays are aligned to their elements alone
        // A step of which nothing is left launches nothing.
        for (std::size_t i = sources.size(); i-- > 0;)
            if (sources[i].kernels.empty()) sources.erase(sources.begin() + static_cast<std::ptrdiff_t>(i));
    }
    std::string file_name(const std::string& name, std::size_t i) const {
        return sources.size() == 1 ? name + ".cu" : fmt::format("{}_{}.cu", name, i);
    }
    std::vector<ExportedFile> source_files(const std::string& name) const {
        std::vector<ExportedFile> files;
        for (std::size_t i = 0; i < sources.size(); ++i) files.push_back({file_name(name, i), sources[i].text});
        return files;
    }
};

// The C file and its header.
class CudaFiles {
public:
    CudaFiles(const Pipeline& pipeline, const ExportOptions& options, const CudaExport& exported)
        : pipeline_(pipeline),
          options_(options),
          name_(options.name),
          plan_(exported.plan),
          sources_(exported.sources),
          parameters_(pipeline, {"kernels", "workspace", "stream", "scratch", "grid", "result", "parameters", "reports",
                                 "address", "launch", "size_t", "NULL"}) {
        for (const CudaSource& source : sources_)
            for (const CudaKernel& kernel : source.kernels) {
                kernels_.push_back(kernel);
                reports_ = reports_ || kernel.reports;
                shared_ = shared_ || kernel.shared_bytes > 0;
            }
        CompileReport ignored;
        images_ = cuda_binaries(sources_, options.target, true, ignored);
        std::int64_t reported = reports_ ? workspace_alignment : 0;
        Expr bytes = Expr::integer(reported);
        for (const AnyTensor& tensor : plan_.plan.scratch) {
            offsets_.push_back(bytes);
            Expr size = Expr::integer(bytes_of(tensor.type()));
            for (const Extent& extent : tensor.shape()) size = size * extent.expr();
            bytes = simplify(bytes + (size + Expr::integer(workspace_alignment - 1)) /
                                         Expr::integer(workspace_alignment) * Expr::integer(workspace_alignment));
        }
        workspace_ = bytes;
    }

    std::string header() const {
        const std::string architecture = architecture_name(options_.target.compute_capability);
        std::string body = fmt::format(
            "struct CUmod_st;\nstruct CUfunc_st;\nstruct CUstream_st;\n\n"
            "// The kernels in one CUDA context, for devices of {0}.\n"
            "typedef struct {1}_kernels {{\n    struct CUmod_st* modules[{2}];\n    struct CUfunc_st* functions[{3}];\n"
            "}} {1}_kernels;\n\n"
            "// All functions return 0, or what {1}_error() puts into words: a CUresult, or a number below 0.\n\n"
            "// Loads the kernels into the current context; unloads them from it.\n"
            "int {1}_load({1}_kernels* kernels);\nint {1}_unload({1}_kernels* kernels);\n\n"
            "// Bytes of device memory, aligned to {4}, that one launch uses until it is done.\n"
            "size_t {1}_workspace_bytes({5});\n\n",
            architecture, name_, sources_.size(), kernels_.size(), workspace_alignment,
            parameters_.size_declarations());
        body += fmt::format(
            "// Puts {} on the stream (a CUstream or cudaStream_t; null: the default one), in the context\n"
            "// that was current for {}_load(), and does not wait. Can be captured in a graph. Arrays lie on the "
            "device.\n",
            kernels_.size() == 1 ? "the kernel" : fmt::format("the {} kernels, in order,", kernels_.size()), name_);
        body += parameters_.comment();
        body += fmt::format(
            "//   workspace  {}\n// Arrays are row-major; an output overlaps no other array.\n",
            is_const(workspace_, 0) ? "not used: null" : fmt::format("{}_workspace_bytes() of device memory", name_));
        body += fmt::format("int {}(const {}_kernels* kernels, {}, void* workspace, struct CUstream_st* stream);\n\n",
                            name_, name_, parameters_.declarations());
        if (reports_)
            body += fmt::format(
                "// Indices that come from data are checked. Waits for the stream; 0: all were inside of their "
                "extents\n"
                "// in the last launch with this workspace.\n"
                "int {}_checks(const void* workspace, struct CUstream_st* stream);\n\n",
                name_);
        body +=
            fmt::format("// What a result of the functions above means.\nconst char* {}_error(int result);\n", name_);
        return header_file(export_headline(name_ + ".h", pipeline_, options_, versions()), name_, body);
    }

    std::string code() const {
        const std::string functions =
            sizes_function() + launch_function() + (reports_ ? checks_function() : "") + error_function();
        std::string text = export_headline(name_ + ".c", pipeline_, options_, versions());
        text += fmt::format("// C99; link with -lcuda. The machine code is that of {}.\n#include \"{}.h\"\n\n",
                            join(source_names(), ", "), name_);
        text += driver_declarations();
        if (const std::string helpers = c_helpers(functions); !helpers.empty()) text += helpers + "\n";
        for (std::size_t i = 0; i < images_.size(); ++i) text += image(i);
        return text + load_functions() + functions;
    }

private:
    std::vector<std::string> source_names() const {
        std::vector<std::string> names;
        for (std::size_t i = 0; i < sources_.size(); ++i)
            names.push_back(sources_.size() == 1 ? name_ + ".cu" : fmt::format("{}_{}.cu", name_, i));
        return names;
    }

    std::string driver_declarations() const {
        std::string text =
            "// Of the CUDA driver, as <cuda.h> declares it.\n"
            "typedef int CUresult;\n"
            "extern CUresult cuModuleLoadData(struct CUmod_st**, const void*);\n"
            "extern CUresult cuModuleUnload(struct CUmod_st*);\n"
            "extern CUresult cuModuleGetFunction(struct CUfunc_st**, struct CUmod_st*, const char*);\n"
            "extern CUresult cuGetErrorString(CUresult, const char**);\n";
        if (shared_) text += "extern CUresult cuFuncSetAttribute(struct CUfunc_st*, int, int);\n";
        if (reports_)
            text +=
                "extern CUresult cuMemsetD8Async(unsigned long long, unsigned char, size_t, struct CUstream_st*);\n"
                "extern CUresult cuMemcpyDtoHAsync_v2(void*, unsigned long long, size_t, struct CUstream_st*);\n"
                "extern CUresult cuStreamSynchronize(struct CUstream_st*);\n";
        return text + c_launch_declarations(kernels_) + "\n";
    }

    // The loader wants the image on a multiple of 8 bytes.
    std::string image(std::size_t i) const {
        constexpr std::size_t bytes_a_line = 20;
        std::string text = fmt::format(
            "static const union {{\n    unsigned char bytes[{}];\n    uint64_t aligned;\n}} image_{} = {{{{",
            images_[i].size(), i);
        for (std::size_t at = 0; at < images_[i].size(); ++at)
            text += fmt::format("{}{},", at % bytes_a_line ? "" : "\n", static_cast<unsigned>(images_[i][at]));
        return text + "\n}};\n\n";
    }

    std::string load_functions() const {
        std::string loads, gets;
        std::size_t function = 0;
        for (std::size_t i = 0; i < sources_.size(); ++i) {
            loads += fmt::format(
                "    if (result == 0) result = cuModuleLoadData(&kernels->modules[{0}], image_{0}.bytes);\n", i);
            for (const CudaKernel& kernel : sources_[i].kernels) {
                gets += fmt::format(
                    "    if (result == 0)\n"
                    "        result = cuModuleGetFunction(&kernels->functions[{}], kernels->modules[{}], \"{}\");\n",
                    function, i, kernel.name);
                if (kernel.shared_bytes > 0)  // CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES
                    gets += fmt::format(
                        "    if (result == 0) result = cuFuncSetAttribute(kernels->functions[{}], 8, {});\n", function,
                        kernel.shared_bytes);
                ++function;
            }
        }
        return fmt::format(
            "int {0}_load({0}_kernels* kernels) {{\n"
            "    const {0}_kernels none = {{{{0}}, {{0}}}};\n"
            "    CUresult result = 0;\n"
            "    *kernels = none;\n{1}{2}"
            "    if (result != 0) {0}_unload(kernels);\n"
            "    return result;\n}}\n\n"
            "int {0}_unload({0}_kernels* kernels) {{\n"
            "    CUresult result = 0;\n"
            "    for (int i = 0; i < {3}; ++i) {{\n"
            "        const CUresult one = kernels->modules[i] ? cuModuleUnload(kernels->modules[i]) : 0;\n"
            "        kernels->modules[i] = 0;\n"
            "        if (result == 0) result = one;\n"
            "    }}\n"
            "    return result;\n}}\n\n",
            name_, loads, gets, sources_.size());
    }

    std::string sizes_function() const {
        std::string unused;
        for (const auto& [size, name] : parameters_.sizes) unused += fmt::format("    (void){};\n", name);
        return fmt::format("size_t {}_workspace_bytes({}) {{\n{}    return (size_t)({});\n}}\n\n", name_,
                           parameters_.size_declarations(), unused, c_integer(workspace_, parameters_.size_names()));
    }

    std::string launch_function() const {
        std::string text =
            fmt::format("int {}(const {}_kernels* kernels, {}, void* workspace, struct CUstream_st* stream) {{\n",
                        name_, name_, parameters_.declarations());
        for (const auto& [size, name] : parameters_.sizes)
            text += fmt::format("    if ({0} < {1} || {0} > {2}) return {3};\n", name, size.min(), size.max(),
                                export_bad_size);
        if (is_const(workspace_, 0))
            text += "    (void)workspace;\n";
        else
            text += fmt::format("    if (workspace == 0) return {};\n", export_no_memory);
        const std::map<Symbol, std::string> names = parameters_.size_names();
        CLaunchNames used{{}, names};
        for (const ExportedParameters::Array& array : parameters_.arrays)
            used.arrays[array.tensor.node().get()] = array.name;
        for (std::size_t i = 0; i < offsets_.size(); ++i) {
            const AnyTensor& tensor = plan_.plan.scratch[i];
            used.arrays[tensor.node().get()] = fmt::format("scratch_{}", i);
            text += fmt::format("    void* scratch_{} = (char*)workspace + {};  /* {} */\n", i,
                                c_integer(offsets_[i], names), tensor.name());
        }
        if (reports_)
            text += fmt::format(
                "    CUresult result = cuMemsetD8Async((unsigned long long)(uintptr_t)workspace, 0xff, {}, stream);\n",
                sizeof(KernelReports));
        else
            text += "    CUresult result = 0;\n";
        std::size_t function = 0;
        for (const CudaKernel& kernel : kernels_) text += c_launch(kernel, function++, used, export_bad_size);
        return text + "    return result;\n}\n\n";
    }

    std::string checks_function() const {
        return fmt::format(
            "int {}_checks(const void* workspace, struct CUstream_st* stream) {{\n"
            "    int64_t failed = -1;\n"
            "    CUresult result =\n"
            "        cuMemcpyDtoHAsync_v2(&failed, (unsigned long long)(uintptr_t)workspace, sizeof failed, stream);\n"
            "    if (result == 0) result = cuStreamSynchronize(stream);\n"
            "    if (result != 0) return result;\n"
            "    return failed < 0 ? 0 : {} - (int)failed;\n}}\n\n",
            name_, export_first_check);
    }

    std::string error_function() const {
        std::string cases;
        const auto add = [&](int result, const std::string& meaning) {
            cases += fmt::format("    if (result == {}) return \"{}\";\n", result, meaning);
        };
        add(0, "no error");
        if (!parameters_.sizes.empty())
            add(export_bad_size,
                "a size is outside of its range: " + parameters_.ranges() + "; or a grid passes 2147483647 blocks");
        if (!is_const(workspace_, 0)) add(export_no_memory, "the workspace is missing");
        int check = 0;
        for (const CudaSource& source : sources_)
            for (const CheckMessage& message : source.messages) add(export_first_check - check++, check_text(message));
        return fmt::format(
            "const char* {}_error(int result) {{\n    const char* text = 0;\n{}"
            "    if (result > 0 && cuGetErrorString(result, &text) == 0 && text) return text;\n"
            "    return \"unknown result\";\n}}\n",
            name_, cases);
    }

    const Pipeline& pipeline_;
    const ExportOptions& options_;
    const std::string& name_;
    const LoweredPlan& plan_;
    const std::vector<CudaSource>& sources_;
    ExportedParameters parameters_;
    std::vector<std::vector<std::byte>> images_;
    std::vector<Expr> offsets_;  ///< of the plan's scratch in the workspace, which begins with the reports
    Expr workspace_;             ///< bytes
    std::vector<CudaKernel> kernels_;
    bool reports_ = false, shared_ = false;
};

}  // namespace

std::vector<ExportedFile> export_cuda_source(const Pipeline& pipeline, const ExportOptions& options) {
    return CudaExport(pipeline, options).source_files(options.name);
}

std::vector<ExportedFile> export_cuda(const Pipeline& pipeline, const ExportOptions& options) {
    const CudaExport exported(pipeline, options);
    const CudaFiles files(pipeline, options, exported);
    std::vector<ExportedFile> result = exported.source_files(options.name);
    result.push_back({options.name + ".c", files.code()});
    result.push_back({options.name + ".h", files.header()});
    return result;
}

}  // namespace heddle
