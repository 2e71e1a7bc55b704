// tools/libtorch_operators.cpp -- operators by libtorch; built only where it is installed.
#include "tools/libtorch_operators.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <torch/csrc/api/include/torch/version.h>

#include <cstring>
#include <functional>

#include "tools/problem.h"

namespace heddle::tools {
namespace {

using at::Tensor;
using Sizes = std::vector<std::int64_t>;

at::ScalarType torch_type(ScalarType type) {
    switch (type) {
        case f16:
            return at::kHalf;
        case bf16:
            return at::kBFloat16;
        case f32:
            return at::kFloat;
        case f64:
            return at::kDouble;
        case i8:
            return at::kChar;
        case u8:
            return at::kByte;
        case i16:
            return at::kShort;
        case i32:
            return at::kInt;
        case i64:
            return at::kLong;
        case boolean:
            return at::kBool;
        case u16:
            break;
    }
    throw UserError(fmt::format("libtorch has no type {}", name_of(type)));
}

ScalarType type_of(at::ScalarType type) {
    for (const ScalarType ours : {f16, bf16, f32, f64, i8, u8, i16, i32, i64, boolean})
        if (torch_type(ours) == type) return ours;
    throw InternalError("a result of libtorch has a type that Heddle does not have");
}

Tensor view_of(const Buffer& buffer) {
    return at::from_blob(buffer.data(), buffer.shape(), buffer.strides(), torch_type(buffer.type()));
}

Buffer copy_of(const Tensor& tensor) {
    const Tensor plain = tensor.detach().contiguous();
    Buffer buffer(type_of(plain.scalar_type()), plain.sizes().vec());
    std::memcpy(buffer.data(), plain.data_ptr(), static_cast<std::size_t>(plain.nbytes()));
    return buffer;
}

/// A use, with its tensors in libtorch's order of dimensions.
struct Use {
    std::string stem;    ///< "conv" of conv2d
    int dimensions = 0;  ///< 2; 0: the name says none
    OperatorArguments arguments;
    std::map<std::string, Tensor> tensors;

    const Tensor& operator[](const std::string& name) const { return tensors.at(name); }
    c10::optional<Tensor> maybe(const std::string& name) const {
        const auto found = tensors.find(name);
        return found == tensors.end() ? c10::optional<Tensor>() : found->second;
    }
    Sizes sizes(const std::string& parameter, int least = 0) const {
        const PerDimension values = arguments.sizes(parameter, least);
        Sizes all;
        for (int d = 0; d < dimensions; ++d) all.push_back(values[static_cast<std::size_t>(d)]);
        return all;
    }
    Sizes stride() const { return sizes(arguments.stated("stride") ? "stride" : "kernel_size"); }
};
using Tensors = std::vector<Tensor>;

Tensor convolution(const Use& use, const Tensor& x, const Tensor& w, const c10::optional<Tensor>& bias,
                   std::int64_t groups) {
    const Padding padding = use.arguments.padding("padding");
    const Sizes dilation = use.sizes("dilation");
    Sizes zeros(static_cast<std::size_t>(use.dimensions), 0), both = zeros, around;
    std::string mode = use.arguments.text("padding_mode");
    for (int d = 0; d < use.dimensions; ++d) both[static_cast<std::size_t>(d)] = padding[static_cast<std::size_t>(d)];
    if (mode == "zeros" && !padding.keeps_size())
        return at::convolution(x, w, bias, use.sizes("stride"), both, dilation, false, zeros, groups);
    for (int d = use.dimensions - 1; d >= 0; --d) {
        const auto i = static_cast<std::size_t>(d);
        const std::int64_t total = dilation[i] * (w.size(d + 2) - 1);
        around.push_back(padding.keeps_size() ? total / 2 : both[i]);
        around.push_back(padding.keeps_size() ? total - total / 2 : both[i]);
    }
    if (mode == "zeros") mode = "constant";
    return at::convolution(at::pad(x, around, mode), w, bias, use.sizes("stride"), zeros, dilation, false, zeros,
                           groups);
}

Tensors max_pool(const Use& use, const Tensor& x) {
    const Sizes kernel = use.sizes("kernel_size"), padding = use.sizes("padding"), dilation = use.sizes("dilation");
    const bool ceil = use.arguments.flag("ceil_mode");
    if (use.stem == "max_pool" && use.arguments.flag("return_indices")) {
        const auto with_indices = use.dimensions == 1   ? at::max_pool1d_with_indices
                                  : use.dimensions == 2 ? at::max_pool2d_with_indices
                                                        : at::max_pool3d_with_indices;
        const auto [values, indices] = with_indices(x, kernel, use.stride(), padding, dilation, ceil);
        return {values, indices};
    }
    const auto pool = use.dimensions == 1 ? at::max_pool1d : use.dimensions == 2 ? at::max_pool2d : at::max_pool3d;
    return {pool(x, kernel, use.stride(), padding, dilation, ceil)};
}

Tensor global_max_pool(const Tensor& x) {
    if (x.dim() == 3) return std::get<0>(at::adaptive_max_pool1d(x, {1}));
    return x.dim() == 4 ? std::get<0>(at::adaptive_max_pool2d(x, {1, 1}))
                        : std::get<0>(at::adaptive_max_pool3d(x, {1, 1, 1}));
}

Tensor avg_pool(const Use& use, const Tensor& x, const Sizes& padding, bool include, c10::optional<std::int64_t> by) {
    const Sizes kernel = use.sizes("kernel_size");
    const bool ceil = use.arguments.flag("ceil_mode");
    if (use.dimensions == 1) return at::avg_pool1d(x, kernel, use.stride(), padding, ceil, include);
    const auto pool = use.dimensions == 2 ? at::avg_pool2d : at::avg_pool3d;
    return pool(x, kernel, use.stride(), padding, ceil, include, by);
}

Tensor lp_pool(const Use& use, const Tensor& x) {
    const double norm = use.arguments.number("norm_type");
    double points = 1;
    for (const std::int64_t size : use.sizes("kernel_size")) points *= static_cast<double>(size);
    const Tensor mean = avg_pool(use, x.pow(norm), Sizes(static_cast<std::size_t>(use.dimensions), 0), true, {});
    return (mean * points).pow(1 / norm);
}

Tensor unpool(const Use& use, const Tensor& x, const Tensor& given) {
    const Tensor indices = given.to(at::kLong);
    const Sizes kernel = use.sizes("kernel_size"), stride = use.stride(), padding = use.sizes("padding");
    Sizes size;
    for (int d = 0; d < use.dimensions; ++d) {
        const auto i = static_cast<std::size_t>(d);
        size.push_back((x.size(d + 2) - 1) * stride[i] - 2 * padding[i] + kernel[i]);
    }
    if (use.arguments.stated("output_size")) size = use.sizes("output_size");
    if (use.dimensions == 3) return at::max_unpool3d(x, indices, size, stride, padding);
    if (use.dimensions == 2) return at::max_unpool2d(x, indices, size);
    return at::max_unpool2d(x.unsqueeze(2), indices.unsqueeze(2), {1, size[0]}).squeeze(2);
}

Tensor padded(const Use& use, const Tensor& x) {
    const std::vector<int> given = use.arguments.integers("pad");
    const Sizes amounts(given.begin(), given.end());
    const std::string mode = use.arguments.text("mode");
    if (mode == "constant") return at::constant_pad_nd(x, amounts, use.arguments.number("value"));
    Tensor batched = x;  // the other modes want a batch and channels
    int added = 0;
    for (; batched.dim() < static_cast<std::int64_t>(amounts.size()) / 2 + 2; ++added) batched = batched.unsqueeze(0);
    batched = at::pad(batched, amounts, mode);
    for (; added > 0; --added) batched = batched.squeeze(0);
    return batched;
}

Tensor cross_entropy(const Use& use, const Tensor& x, const Tensor& target) {
    const auto reduction = static_cast<std::int64_t>(use.arguments.choice("reduction", {"none", "mean", "sum"}));
    return at::cross_entropy_loss(x, at::isFloatingType(target.scalar_type()) ? target : target.to(at::kLong),
                                  use.maybe("weight"), reduction, use.arguments.integer("ignore_index"),
                                  use.arguments.number("label_smoothing"));
}

Sizes spatial(const Use& use) {
    Sizes all;
    for (int d = 0; d < use.dimensions; ++d) all.push_back(d + 2);
    return all;
}

struct Counterpart {
    std::string_view stem;
    Tensors (*call)(const Use&);
};
const Counterpart counterparts[] = {
    {"conv",
     [](const Use& u) {
         return Tensors{convolution(u, u["x"], u["w"], u.maybe("bias"), u.arguments.integer("groups"))};
     }},
    {"depthwise_conv",
     [](const Use& u) { return Tensors{convolution(u, u["x"], u["w"], u.maybe("bias"), u["x"].size(1))}; }},
    {"separable_conv",
     [](const Use& u) {
         const Sizes ones(static_cast<std::size_t>(u.dimensions), 1), zeros(ones.size(), 0);
         return Tensors{at::convolution(convolution(u, u["x"], u["w"], {}, u["x"].size(1)), u["v"], u.maybe("bias"),
                                        ones, zeros, ones, false, zeros, 1)};
     }},
    {"conv_transpose",
     [](const Use& u) {
         return Tensors{at::convolution(u["x"], u["w"], u.maybe("bias"), u.sizes("stride"), u.sizes("padding"),
                                        u.sizes("dilation"), true, u.sizes("output_padding"),
                                        u.arguments.integer("groups"))};
     }},
    {"max_pool", [](const Use& u) { return max_pool(u, u["x"]); }},
    {"min_pool", [](const Use& u) { return Tensors{-max_pool(u, -u["x"])[0]}; }},
    {"avg_pool",
     [](const Use& u) {
         c10::optional<std::int64_t> by;
         if (u.arguments.stated("divisor_override")) by = u.arguments.integer("divisor_override");
         return Tensors{avg_pool(u, u["x"], u.sizes("padding"), u.arguments.flag("count_include_pad"), by)};
     }},
    {"lp_pool", [](const Use& u) { return Tensors{lp_pool(u, u["x"])}; }},
    {"global_avg_pool", [](const Use& u) { return Tensors{at::mean(u["x"], spatial(u), true)}; }},
    {"global_max_pool", [](const Use& u) { return Tensors{global_max_pool(u["x"])}; }},
    {"max_unpool", [](const Use& u) { return Tensors{unpool(u, u["x"], u["indices"])}; }},
    {"pad", [](const Use& u) { return Tensors{padded(u, u["x"])}; }},
    {"linear", [](const Use& u) { return Tensors{at::linear(u["x"], u["w"], u.maybe("bias"))}; }},
    {"softmax", [](const Use& u) { return Tensors{at::softmax(u["x"], u.arguments.integer("dim"))}; }},
    {"log_softmax", [](const Use& u) { return Tensors{at::log_softmax(u["x"], u.arguments.integer("dim"))}; }},
    {"cross_entropy", [](const Use& u) { return Tensors{cross_entropy(u, u["x"], u["target"])}; }},
    {"relu", [](const Use& u) { return Tensors{at::relu(u["x"])}; }},
    {"silu", [](const Use& u) { return Tensors{at::silu(u["x"])}; }},
    {"sigmoid", [](const Use& u) { return Tensors{at::sigmoid(u["x"])}; }},
    {"tanh", [](const Use& u) { return Tensors{at::tanh(u["x"])}; }},
    {"gelu", [](const Use& u) { return Tensors{at::gelu(u["x"], u.arguments.text("approximate"))}; }},
    {"add", [](const Use& u) { return Tensors{at::add(u["x"], u["other"], u.arguments.number("alpha"))}; }},
    {"mul", [](const Use& u) { return Tensors{u["x"] * u["other"]}; }},
    {"scale", [](const Use& u) { return Tensors{u["x"] * u.arguments.number("factor")}; }},
    {"im2col",
     [](const Use& u) {
         return Tensors{
             at::im2col(u["x"], u.sizes("kernel_size"), u.sizes("dilation"), u.sizes("padding"), u.sizes("stride"))};
     }},
    {"col2im",
     [](const Use& u) {
         return Tensors{at::col2im(u["x"], u.sizes("output_size"), u.sizes("kernel_size"), u.sizes("dilation"),
                                   u.sizes("padding"), u.sizes("stride"))};
     }},
};

/// Where each dimension of the first layout stands in the one that is given.
Sizes order_of(const TensorRow& row, std::size_t layout) {
    Sizes order;
    for (const char letter : row.layouts.front())
        order.push_back(static_cast<std::int64_t>(row.layouts[layout].find(letter)));
    return order;
}

Sizes inverse(const Sizes& order) {
    Sizes back(order.size());
    for (std::size_t i = 0; i < order.size(); ++i) back[static_cast<std::size_t>(order[i])] = static_cast<int>(i);
    return back;
}

}  // namespace

struct LibtorchOperator::State {
    Use use;
    Tensors (*call)(const Use&) = nullptr;
    std::map<std::string, Sizes> orders;  ///< of tensors with layouts
    Tensors results, recorded, wrt, found;
    std::vector<std::string> wrt_names;

    /// In the layout of the input `name`, where it has as many dimensions.
    Tensor laid_out(const Tensor& tensor, const std::string& name) const {
        const auto order = orders.find(name);
        if (order == orders.end() || static_cast<std::int64_t>(order->second.size()) != tensor.dim()) return tensor;
        return tensor.permute(inverse(order->second));
    }
};

LibtorchOperator::LibtorchOperator(const std::vector<std::string>& words, const NamedBuffers& inputs)
    : state_(new State{{words.at(0), 0, operator_arguments(words), {}}, {}, {}, {}, {}, {}, {}, {}}) {
    Use& use = state_->use;
    const OperatorRow& row = operator_named(use.stem);
    if (use.stem.size() > 2 && use.stem.back() == 'd' && std::isdigit(use.stem[use.stem.size() - 2])) {
        use.dimensions = use.stem[use.stem.size() - 2] - '0';
        use.stem.resize(use.stem.size() - 2);
    }
    if (use.stem == "im2col" || use.stem == "col2im") use.dimensions = 2;
    for (const TensorRow& tensor : row.tensors) {
        if (!inputs.count(tensor.name)) continue;
        use.tensors[tensor.name] = view_of(inputs.at(tensor.name));
        if (tensor.layouts.empty()) continue;
        const Sizes order = order_of(tensor, use.arguments.layout(tensor.name));
        state_->orders[tensor.name] = order;
        use.tensors[tensor.name] = use.tensors[tensor.name].permute(order);
    }
    for (const Counterpart& counterpart : counterparts)
        if (counterpart.stem == use.stem) state_->call = counterpart.call;
    if (!state_->call) throw UserError(fmt::format("libtorch has no counterpart of {}", words[0]));
}
LibtorchOperator::~LibtorchOperator() = default;
LibtorchOperator::LibtorchOperator(LibtorchOperator&&) noexcept = default;

void LibtorchOperator::run() {
    const at::NoGradGuard quiet;
    state_->results = state_->call(state_->use);
}

std::vector<Buffer> LibtorchOperator::results() const {
    std::vector<Buffer> buffers;
    for (const Tensor& result : state_->results) buffers.push_back(copy_of(state_->laid_out(result, "x")));
    return buffers;
}

void LibtorchOperator::record(const std::vector<std::string>& wrt) {
    state_->wrt_names = wrt;
    state_->wrt.clear();
    for (auto& [name, tensor] : state_->use.tensors) tensor = tensor.detach();
    for (const std::string& name : wrt) state_->wrt.push_back(state_->use.tensors.at(name).set_requires_grad(true));
    state_->recorded = state_->call(state_->use);
}

void LibtorchOperator::run_gradient(const Buffer& seed) {
    for (Tensor& tensor : state_->wrt) tensor.mutable_grad() = Tensor();
    Tensor dy = view_of(seed);
    if (const auto order = state_->orders.find("x");
        order != state_->orders.end() && static_cast<std::int64_t>(order->second.size()) == dy.dim())
        dy = dy.permute(order->second);
    state_->recorded[0].backward(dy, true);
}

std::vector<Buffer> LibtorchOperator::gradients() const {
    std::vector<Buffer> buffers;
    for (std::size_t i = 0; i < state_->wrt.size(); ++i)
        buffers.push_back(copy_of(state_->laid_out(state_->wrt[i].grad(), state_->wrt_names[i])));
    return buffers;
}

void set_libtorch_threads(int threads) { at::set_num_threads(threads); }
std::string libtorch_version() { return "libtorch " TORCH_VERSION; }

}  // namespace heddle::tools
