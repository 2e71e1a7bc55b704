// codegen/library_kernel.cpp -- which step is a product, and the calls.
#include "codegen/library_kernel.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <optional>

#include "codegen/matrix_views.h"
#include "dsl/product_sum.h"
#include "dsl/rebuild_pipeline.h"
#include "dsl/visit.h"
#include "runtime/blas.h"
#include "runtime/cublas.h"
#include "runtime/device_buffer.h"
#include "runtime/text.h"
#include "schedules/explicit_gemm.h"

namespace heddle {
namespace {

std::vector<std::int64_t> sizes_of(const AnyTensor& tensor) {
    std::vector<std::int64_t> sizes;
    for (const Extent& extent : tensor.shape()) {
        if (!extent.is_static())
            throw UserError(
                fmt::format("a run by a library of {}: its sizes are numbers, not run-time sizes", tensor.name()));
        sizes.push_back(extent.value());
    }
    return sizes;
}

std::vector<std::int64_t> strides_of(const AnyTensor& tensor) {
    std::vector<std::int64_t> strides = sizes_of(tensor);
    std::int64_t next = 1;
    for (std::size_t d = strides.size(); d-- > 0;) next *= std::exchange(strides[d], next);
    return strides;
}

struct Product {
    AnyTensor a, b, c;
    MatrixViews views;
    bool accumulate;  ///< c has a value already
};

/// A definition as a product that the library of the target can do.
std::optional<Product> product_of(const PipelineStage& stage, const Target& target) {
    const auto matrices = matrix_product_of(*stage.definition);
    if (!matrices) return {};
    const AnyTensor& c = stage.targets[0];
    const bool device = target.kind == TargetKind::cuda;
    const bool known = c.type() == f32 || c.type() == f64 || (device && (c.type() == f16 || c.type() == bf16));
    if (!known || matrices->a.type() != c.type() || matrices->b.type() != c.type()) return {};
    auto views =
        matrix_views(*stage.definition, *matrices, strides_of(c), strides_of(matrices->a), strides_of(matrices->b));
    if (!views) return {};
    return Product{matrices->a, matrices->b, c, *std::move(views), stage.index > 0};
}

/// One or more definitions of the same tensors as a pipeline that reads all others as inputs.
Pipeline alone(const std::vector<PipelineStage>& stages) {
    RebuiltTensors inputs;
    const auto input = [&](const Expr& e) {
        for_each_node(e, [&](const Expr& node) {
            if (const Read* read = node.as<Read>()) inputs.renewed(AnyTensor(read->tensor));
        });
        return inputs.renewed(e);
    };
    std::vector<AnyTensor> outputs;
    std::vector<std::shared_ptr<TensorNode>> targets;
    for (const AnyTensor& target : stages[0].targets) {
        outputs.emplace_back(target.name(), target.type(), target.shape());
        targets.push_back(outputs.back().node());
    }
    for (const PipelineStage& stage : stages) {
        std::vector<Expr> left = stage.definition->left, right = stage.definition->right;
        for (Expr& e : left) e = input(e);
        for (Expr& e : right) e = input(e);
        add_definition(targets, left, stage.definition->op, right, stage.definition->reducer, stage.definition->where);
    }
    return Pipeline::of(outputs);
}

}  // namespace

struct LibraryKernel::State {
    struct Step {
        std::string name;
        std::optional<Kernel> kernel;
        std::optional<Product> product;
    };
    Pipeline pipeline;
    Target target;
    std::vector<Step> steps;
    std::map<std::string, Buffer> scratch;
    std::unique_ptr<Cublas> cublas;
    std::mutex mutex;

    void multiply(const Product& product, const std::map<std::string, Buffer>& buffers, void* stream) {
        const Buffer &a = buffers.at(product.a.name()), &b = buffers.at(product.b.name()),
                     &c = buffers.at(product.c.name());
        for (const MatrixTriple& each : matrices_of(product.views, a, b, c)) {
            const bool accumulate = product.accumulate || each.accumulate;
            if (cublas)
                cublas->multiply(each.a, each.b, each.c, {static_cast<CudaStream>(stream), false, accumulate});
            else
                blas_multiply(each.a, each.b, each.c, accumulate);
        }
    }
};

LibraryKernel compile_with_library(const Pipeline& pipeline, const Target& target, const CompileOptions& options) {
    if (options.schedule) throw UserError("a run by a library takes no schedule: its kernels have their default ones");
    auto state = std::make_shared<LibraryKernel::State>();
    state->pipeline = pipeline;
    state->target = target;
    std::map<const TensorNode*, std::vector<PipelineStage>>
        groups;  // a tensor's definitions, run where the last stands
    for (const PipelineStage& stage : pipeline.stages) {
        std::vector<PipelineStage>& stages = groups[stage.targets[0].node().get()];
        stages.push_back(stage);
        if (stage.definition != stage.targets[0].node()->definitions.back()) continue;
        std::vector<LibraryKernel::State::Step> products;
        std::size_t kernel_end = stages.size();
        for (; kernel_end > 0; --kernel_end) {
            auto product = product_of(stages[kernel_end - 1], target);
            if (!product) break;
            products.insert(products.begin(), {product->c.name(), {}, std::move(product)});
        }
        if (kernel_end > 0) {
            const Pipeline part = alone({stages.begin(), stages.begin() + static_cast<std::ptrdiff_t>(kernel_end)});
            state->steps.push_back({part.outputs[0].name(), compile(part, target, options), {}});
        }
        for (auto& product : products) state->steps.push_back(std::move(product));
    }
    const bool device = target.kind == TargetKind::cuda;
    if (std::any_of(state->steps.begin(), state->steps.end(), [](const auto& s) { return s.product.has_value(); })) {
        if (device)
            state->cublas = std::make_unique<Cublas>();
        else
            blas_library();
    }
    for (const AnyTensor& between : pipeline.intermediates) {
        const std::vector<std::int64_t> sizes = sizes_of(between);
        state->scratch[between.name()] = device ? device_buffer(between.type(), sizes) : Buffer(between.type(), sizes);
    }
    return LibraryKernel(std::move(state));
}

void LibraryKernel::operator()(const std::vector<std::pair<std::string, Buffer>>& arguments, void* stream) const {
    const std::lock_guard lock(state_->mutex);
    std::map<std::string, Buffer> buffers(arguments.begin(), arguments.end());
    std::vector<AnyTensor> expected = state_->pipeline.inputs;
    expected.insert(expected.end(), state_->pipeline.outputs.begin(), state_->pipeline.outputs.end());
    for (const AnyTensor& tensor : expected) {
        const auto found = buffers.find(tensor.name());
        if (found == buffers.end()) throw UserError(fmt::format("a call without a buffer for {}", tensor.name()));
        const Buffer& given = found->second;
        if (given.type() != tensor.type() || given.shape() != sizes_of(tensor) || !given.contiguous() ||
            given.device().has_value() != (state_->target.kind == TargetKind::cuda))
            throw UserError(fmt::format("{} is {}; a run by a library takes a row-major {} {} of the {}", tensor.name(),
                                        describe(given), name_of(tensor.type()), describe_shape(sizes_of(tensor)),
                                        state_->target.kind == TargetKind::cuda ? "device" : "host"));
    }
    if (buffers.size() != expected.size() || arguments.size() != expected.size()) {
        std::vector<std::string> names;
        for (const AnyTensor& tensor : expected) names.push_back(tensor.name());
        throw UserError(fmt::format("a call takes exactly the buffers {}", join(names, ", ")));
    }
    buffers.insert(state_->scratch.begin(), state_->scratch.end());
    for (const State::Step& step : state_->steps) {
        if (step.product) {
            state_->multiply(*step.product, buffers, stream);
            continue;
        }
        std::vector<Buffer> in_order;
        for (const AnyTensor& tensor : step.kernel->pipeline().inputs) in_order.push_back(buffers.at(tensor.name()));
        for (const AnyTensor& tensor : step.kernel->pipeline().outputs) in_order.push_back(buffers.at(tensor.name()));
        step.kernel->run(in_order, stream);
    }
}

std::string LibraryKernel::text() const {
    std::string text;
    for (const State::Step& step : state_->steps)
        text += fmt::format("{}: {}\n", step.name, step.product ? step.product->views.text() : "kernel");
    return text;
}

std::int64_t LibraryKernel::products() const {
    std::int64_t count = 0;
    for (const State::Step& step : state_->steps)
        if (step.product) count += step.product->views.products();
    return count;
}

std::int64_t LibraryKernel::scratch_bytes() const {
    std::int64_t bytes = 0;
    for (const auto& [name, buffer] : state_->scratch) bytes += buffer.elements() * bytes_of(buffer.type());
    return bytes;
}

}  // namespace heddle
