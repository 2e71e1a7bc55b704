// codegen/emit_cuda.cpp -- lowered functions as CUDA: kernels and their parameters.
#include "codegen/emit_cuda.h"

#include <algorithm>

#include "codegen/build_stage.h"
#include "codegen/device_helpers.h"
#include "codegen/emit_cuda_function.h"
#include "codegen/emit_cuda_maps.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

bool contains_check(const Stmt& body) {
    bool found = false;
    for_each_stmt(body, [&](const Stmt& s) { found = found || s.as<Check>(); });
    return found;
}

}  // namespace

CudaSource CudaEmitter::run(const std::vector<std::string>& headline) {
    std::vector<Stmt> launches = {function_.body};
    if (const auto* list = function_.body.as<Block>()) launches = list->statements;
    std::string kernels;
    for (std::size_t i = 0; i < launches.size(); ++i)
        kernels += (i ? "\n" : "") +
                   kernel(launches[i], function_.name + (launches.size() > 1 ? "_" + std::to_string(i) : ""));
    for (const std::string& line : headline) source_.text += "// " + line + "\n";
    source_.text += "\n";
    const bool reports =
        std::any_of(source_.kernels.begin(), source_.kernels.end(), [](const CudaKernel& k) { return k.reports; });
    if (reports)
        source_.text +=
            "struct Reports {  // the first failed check and its values\n"
            "    long long failed_check;\n    long long values[8];\n};\n\n";
    source_.text += text_.helpers() + device_helpers(device_helpers_) + kernels;
    return std::move(source_);
}

std::string CudaEmitter::kernel(const Stmt& body, const std::string& name) {
    text_.begin_kernel();
    maps_.clear();
    kernel_ = {};
    kernel_.name = name;
    static_shared_bytes_ = 0;
    for (int i = 0; i < 3; ++i) kernel_.grid[i] = kernel_.block[i] = Expr::integer(1);
    output_.clear();
    indent_ = 1;
    bool small = true;
    for (const AnyTensor& tensor : function_.parameters) {
        std::int64_t elements = 1;
        for (const Extent& extent : tensor.shape()) {
            const Interval range = interval_of(extent.expr(), {});
            small = small && range.max != Interval::plus_infinity && range.max < (1LL << 31);
            if (small) small = !__builtin_mul_overflow(elements, std::max<std::int64_t>(1, range.max), &elements);
        }
        small = small && elements < (1LL << 30);
    }
    for (const std::vector<std::int64_t>& strides : strides_) small = small && strides.empty();
    text_.narrow_indices = small;
    kernel_.reports = contains_check(body);
    cluster_axis_ = free_axis(body);
    const std::string head = signature(body);
    emit(body);
    source_.kernels.push_back(kernel_);
    const char* dynamic = "    extern __shared__ __align__(1024) unsigned char shared_memory[];\n";
    return head + (kernel_.shared_bytes > 0 ? dynamic : "") + output_ + "}\n";
}

std::string CudaEmitter::signature(const Stmt& body) {
    std::vector<std::string> parameters;
    std::set<const TensorNode*> written;
    for_each_stmt(body, [&](const Stmt& s) {
        if (const auto* store = s.as<Store>()) written.insert(store->to.storage.node().get());
        const auto* call = s.as<Call>();
        if (!call) return;
        if (call->to.storage.defined()) written.insert(call->to.storage.node().get());
        if (call->writes) written.insert(call->operands[0].place.storage.node().get());
        for (const CallOperand& operand : call->operands)
            if (operand.map && !maps_.count(key_of(*operand.map)))
                parameters.push_back("const __grid_constant__ TensorMap " + add_map(*operand.map));
    });
    const std::vector<std::shared_ptr<TensorNode>> used = storage_used(body);
    for (const Symbol& size : function_.sizes) {
        const std::string name = text_.unique(size.name());
        text_.bind(size, name);
        text_.ranges[size] = {Expr::integer(size.min()), Expr::integer(size.max())};
        kernel_.sizes.push_back(size);
    }
    for (std::size_t i = 0; i < function_.parameters.size(); ++i) {
        const AnyTensor& tensor = function_.parameters[i];
        if (std::find(used.begin(), used.end(), tensor.node()) == used.end()) continue;
        CudaText::Storage storage;
        storage.name = text_.unique(tensor.name());
        storage.strides = strides_of(tensor, i < strides_.size() ? strides_[i] : std::vector<std::int64_t>{});
        parameters.push_back((written.count(tensor.node().get()) ? "" : "const ") +
                             CudaText::memory_name(tensor.type()) + "* __restrict__ " + storage.name);
        text_.bind(tensor, storage);
        kernel_.buffers.push_back(tensor);
    }
    for (const Symbol& size : kernel_.sizes) parameters.push_back("long long " + text_.value(Expr(size)));
    if (kernel_.reports) parameters.push_back("Reports* " + (reports_ = text_.unique("reports")));
    const std::string blocks = function_.occupancy > 0 ? ", " + std::to_string(function_.occupancy) : "";
    std::string text = "extern \"C\" __global__ void __launch_bounds__(@threads@" + blocks + ")\n" + kernel_.name + "(";
    const std::string margin(kernel_.name.size() + 1, ' ');
    for (std::size_t i = 0; i < parameters.size(); ++i) text += (i ? ",\n" + margin : "") + parameters[i];
    return text + ") {\n";
}

std::vector<Expr> CudaEmitter::strides_of(const AnyTensor& tensor, const std::vector<std::int64_t>& given) {
    std::vector<Expr> strides(static_cast<std::size_t>(tensor.rank()));
    Expr next = Expr::integer(1);
    for (int d = tensor.rank() - 1; d >= 0; --d) {
        strides[d] = given.empty() ? next : Expr::integer(given[d]);
        next = simplify(next * tensor.shape()[d].expr());
    }
    return strides;
}

std::string CudaEmitter::add_map(const TensorMapPlan& plan) {
    need_helper("TensorMap");
    const auto place =
        static_cast<std::size_t>(std::find(function_.parameters.begin(), function_.parameters.end(), plan.buffer) -
                                 function_.parameters.begin());
    kernel_.tensor_maps.push_back(parameter_of(
        plan, strides_of(plan.buffer, place < strides_.size() ? strides_[place] : std::vector<std::int64_t>{})));
    return maps_[key_of(plan)] = text_.unique(plan.name);
}

CudaSource emit_cuda(const Function& function, const std::vector<std::string>& headline,
                     const std::vector<std::vector<std::int64_t>>& strides, int first_message, bool aligned) {
    CudaSource source = CudaEmitter(function, strides, static_cast<std::size_t>(first_message), aligned).run(headline);
    // The bound on threads is known once a kernel's loops are.
    for (const CudaKernel& kernel : source.kernels) {
        std::int64_t threads = 1;
        for (const Expr& extent : kernel.block) {
            const auto* constant = extent.as<IntImm>();
            if (!constant) throw UserError(kernel.name + ": the number of threads of a block must be constant");
            threads *= constant->value;
        }
        const std::string mark = "@threads@";
        source.text.replace(source.text.find(mark), mark.size(), std::to_string(threads));
    }
    return source;
}

}  // namespace heddle
