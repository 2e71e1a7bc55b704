// bench/gpu_definitions.cpp -- the definitions of all kinds and directions: operators and their gradients, or texts.
#include <fmt/format.h>

#include "bench/gpu_case.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "ops/conv.h"
#include "ops/linear.h"
#include "ops/pool.h"

namespace heddle::bench {
namespace {

/// Tensors of a case, in its type and one layout.
class Tensors {
public:
    Tensors(const GpuCase& given, ActivationLayout layout) : type_(type_of(given.arithmetic)), layout_(layout) {}

    /// N C H W or K C R S: the sizes in that order, whatever the layout.
    Tensor<4> image(const char* name, std::int64_t a, std::int64_t b, std::int64_t rows, std::int64_t columns) const {
        return Tensor<4>(AnyTensor(
            name, type_, nhwc() ? std::vector<Extent>{a, rows, columns, b} : std::vector<Extent>{a, b, rows, columns}));
    }
    AnyTensor matrix(const char* name, std::int64_t n, std::int64_t c) const {
        return AnyTensor(name, type_, std::vector<Extent>{n, c});
    }
    ActivationLayout layout() const { return layout_; }
    bool nhwc() const { return layout_ == ActivationLayout::nhwc; }

private:
    ScalarType type_;
    ActivationLayout layout_;
};

/// y itself, or the gradient of sum(dy * y) by x or w.
Pipeline in_direction(ConvolutionPass pass, const AnyTensor& y, const AnyTensor& x, const AnyTensor& w) {
    if (pass == ConvolutionPass::forward) return Pipeline::of({y});
    const std::vector<AnyTensor> by{pass == ConvolutionPass::backward_data ? x : w};
    return Pipeline::of(gradient(y, by));
}

Pipeline convolution(const GpuCase& given, const Tensors& tensors) {
    const ConvolutionShape c = given.convolution();
    const Tensor<4> x = tensors.image("x", c.N, c.C, c.H, c.W), w = tensors.image("w", c.K, c.C / c.groups, c.R, c.S);
    ConvOptions options;
    options.stride = static_cast<int>(c.stride);
    options.padding = static_cast<int>(c.padding);
    options.dilation = static_cast<int>(c.dilation);
    options.groups = static_cast<int>(c.groups);
    options.layout = tensors.layout();
    options.weights = tensors.nhwc() ? WeightLayout::krsc : WeightLayout::kcrs;
    const Tensor<4> y = conv2d(x, w, std::nullopt, options);
    return in_direction(given.pass(), y, x, w);
}

Pipeline average_pool(const GpuCase& given, const Tensors& tensors) {
    const GpuLayer& l = given.layer;
    const AnyTensor x = tensors.image("x", l.N, l.C, l.H, l.W);
    AvgPoolOptions options;
    options.window.kernel_size = {static_cast<int>(l.R), static_cast<int>(l.S)};
    options.window.stride = static_cast<int>(l.stride);
    options.window.padding = static_cast<int>(l.padding);
    options.window.layout = tensors.layout();
    return in_direction(given.pass(), avg_pool(x, options), x, x);
}

Pipeline linear_layer(const GpuCase& given, const Tensors& tensors) {
    const GpuLayer& l = given.layer;
    const AnyTensor x = tensors.matrix("x", l.N, l.C), w = tensors.matrix("w", l.K, l.C);
    return in_direction(given.pass(), linear(x, w), x, w);
}

using Indices = std::array<std::string, 4>;

/// Texts over tensors in one layout.
class Writer {
public:
    Writer(ScalarType type, ActivationLayout layout) : type_(name_of(type)), nhwc_(layout == ActivationLayout::nhwc) {}

    /// "[n,c,h,w]", in this layout.
    std::string at(const Indices& i) const {
        return nhwc_ ? fmt::format("[{},{},{},{}]", i[0], i[2], i[3], i[1])
                     : fmt::format("[{},{},{},{}]", i[0], i[1], i[2], i[3]);
    }
    /// "x: f32[64,3,224,224]\n".
    std::string tensor(const char* name, const std::array<std::int64_t, 4>& sizes, const char* type = nullptr) const {
        Indices texts;
        for (std::size_t i = 0; i < 4; ++i) texts[i] = std::to_string(sizes[i]);
        return fmt::format("{}: {}{}\n", name, type != nullptr ? std::string_view(type) : type_, at(texts));
    }
    std::string rows(const char* name, std::int64_t n, std::int64_t c) const {
        return fmt::format("{}: {}[{},{}]\n", name, type_, n, c);
    }

private:
    std::string_view type_;
    bool nhwc_;
};

/// What an element of dx at `at` gathers along one axis: outputs `source`, each through tap `tap` of the window, for
/// the taps `variable` counts. With a stride it counts every stride-th tap, beginning at (at + padding) % stride.
struct GatherAxis {
    std::string source, tap;
    std::int64_t count;
    bool inside;  ///< every `tap` is one of the window

    GatherAxis(const char* at, const char* variable, std::int64_t taps, std::int64_t stride, std::int64_t padding) {
        if (stride == 1) {
            source = fmt::format("{}+{}-{}", at, padding, variable);
            tap = variable;
        } else {
            source = fmt::format("({}+{})/{}-{}", at, padding, stride, variable);
            tap = fmt::format("({}+{})%{}+{}*{}", at, padding, stride, stride, variable);
        }
        count = (taps + stride - 1) / stride;
        inside = stride == 1 || taps % stride == 0;
    }
};

// The place of a maximum in its window goes beside it, as one byte; the gradient reads the places.
std::string max_pool(const GpuCase& given, const Writer& writer) {
    const GpuLayer& l = given.layer;
    const std::array small{l.N, l.C, l.P, l.Q}, large{l.N, l.C, l.H, l.W};
    if (given.direction == Direction::forward) {
        const std::string read = writer.at(
            {"n", "c", fmt::format("p*{}+r-{}", l.stride, l.padding), fmt::format("q*{}+s-{}", l.stride, l.padding)});
        return writer.tensor("x", large) + writer.tensor("y", small) + writer.tensor("o", small, "u8") +
               fmt::format(
                   "(y{0}, o{0}) reduce first {{(-inf, 0); (a, i), (b, j) -> (max(a, b), select(a < b, j, i))}}"
                   " (skip(x){1}, r*{2}+s) | r<{3} s<{2}",
                   writer.at({"n", "c", "p", "q"}), read, l.S, l.R);
    }
    const GatherAxis rows("h", "r", l.R, l.stride, l.padding), columns("v", "s", l.S, l.stride, l.padding);
    const std::string from = writer.at({"n", "c", rows.source, columns.source});
    std::string value =
        fmt::format("select(zero(o){0} == ({1})*{2}+{3}, zero(dy){0}, 0.0f32)", from, rows.tap, l.S, columns.tap);
    // The number of a tap beyond the window could be one of the next row.
    if (!columns.inside) value = fmt::format("select({} < {}, {}, 0.0f32)", columns.tap, l.S, value);
    return writer.tensor("o", small, "u8") + writer.tensor("dy", small) + writer.tensor("dx", large) +
           fmt::format("dx{} += {} | r<{} s<{}", writer.at({"n", "c", "h", "v"}), value, rows.count, columns.count);
}

std::string softmax(const GpuCase& given, const Writer& writer) {
    const GpuLayer& l = given.layer;
    if (given.direction == Direction::forward)
        return writer.rows("x", l.N, l.C) + writer.rows("y", l.N, l.C) +
               "m[n] max= f32(x[n,c])\n"
               "sum[n] += exp(x[n,c] - m[n])\n"
               "y[n,c] = exp(x[n,c] - m[n]) / sum[n]";
    return writer.rows("y", l.N, l.C) + writer.rows("dy", l.N, l.C) + writer.rows("dx", l.N, l.C) +
           "mean[n] += f32(y[n,c]) * dy[n,c]\n"
           "dx[n,c] = y[n,c] * (dy[n,c] - mean[n])";
}

std::string cross_entropy(const GpuCase& given, const Writer& writer) {
    const GpuLayer& l = given.layer;
    return writer.rows("x", l.N, l.C) + fmt::format("t: i32[{}]\nloss: f32[{}]\n", l.N, l.N) +
           writer.rows("dx", l.N, l.C) +
           fmt::format(
               "m[n] max= f32(x[n,c])\n"
               "sum[n] += exp(x[n,c] - m[n])\n"
               "loss[n] = m[n] + log(sum[n]) - x[n,index_clamped(t[n],{})]\n"
               "dx[n,c] = exp(x[n,c] - m[n]) / sum[n] - select(c == t[n], 1.0f32, 0.0f32)\n"
               "output loss, dx",
               l.C);
}

}  // namespace

Pipeline definition_of(const GpuCase& given, ActivationLayout layout) {
    const Tensors tensors(given, layout);
    const Writer writer(type_of(given.arithmetic), layout);
    switch (given.layer.kind) {
        case LayerKind::convolution:
        case LayerKind::transposed_convolution:
            return convolution(given, tensors);
        case LayerKind::average_pool:
            return average_pool(given, tensors);
        case LayerKind::linear:
            return linear_layer(given, tensors);
        case LayerKind::max_pool:
            return parse_pipeline(max_pool(given, writer));
        case LayerKind::softmax:
            return parse_pipeline(softmax(given, writer));
        case LayerKind::cross_entropy:
            return parse_pipeline(cross_entropy(given, writer));
    }
    throw InternalError("a kind of layer without a definition");
}

}  // namespace heddle::bench
