// bench/gpu_definitions.cpp -- the definitions of all kinds and directions; gradients as gathers, in the text form.
#include <fmt/format.h>

#include "bench/gpu_case.h"
#include "dsl/parse.h"

namespace heddle::bench {
namespace {

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
    std::string_view type() const { return type_; }

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

    GatherAxis(const char* at, const char* variable, std::int64_t taps, std::int64_t stride, std::int64_t padding,
               std::int64_t dilation) {
        if (stride == 1) {
            source = fmt::format("{}+{}-{}*{}", at, padding, variable, dilation);
            tap = variable;
        } else {
            source = fmt::format("({}+{})/{}-{}", at, padding, stride, variable);
            tap = fmt::format("({}+{})%{}+{}*{}", at, padding, stride, stride, variable);
        }
        count = (taps + stride - 1) / stride;
        inside = stride == 1 || taps % stride == 0;
    }
};

std::string padded(const char* tensor, bool needed) {
    return needed ? fmt::format("zero({})", tensor) : std::string(tensor);
}

struct ConvolutionNames {
    const char *large, *small, *filter;
};

ConvolutionNames names_of(const GpuCase& given) {
    const bool transposed = given.layer.kind == LayerKind::transposed_convolution;
    switch (given.direction) {
        case Direction::forward:
            return transposed ? ConvolutionNames{"y", "x", "w"} : ConvolutionNames{"x", "y", "w"};
        case Direction::dx:
            return transposed ? ConvolutionNames{"dy", "dx", "w"} : ConvolutionNames{"dx", "dy", "w"};
        default:
            return transposed ? ConvolutionNames{"dy", "x", "dw"} : ConvolutionNames{"x", "dy", "dw"};
    }
}

Pipeline convolution_forward(const GpuCase& given, ActivationLayout layout) {
    const ConvolutionShape c = given.convolution();
    const ConvolutionNames names = names_of(given);
    const bool nhwc = layout == ActivationLayout::nhwc;
    const auto tensor = [&](const char* name, std::int64_t a, std::int64_t b, std::int64_t rows, std::int64_t columns) {
        const std::vector<Extent> shape =
            nhwc ? std::vector<Extent>{a, rows, columns, b} : std::vector<Extent>{a, b, rows, columns};
        return Tensor<4>(AnyTensor(name, type_of(given.arithmetic), shape));
    };
    Conv2dOptions options;
    options.stride = {static_cast<int>(c.stride), static_cast<int>(c.stride)};
    options.padding = {static_cast<int>(c.padding), static_cast<int>(c.padding)};
    options.dilation = {static_cast<int>(c.dilation), static_cast<int>(c.dilation)};
    options.groups = static_cast<int>(c.groups);
    options.layout = layout;
    options.weights = nhwc ? WeightLayout::krsc : WeightLayout::kcrs;
    return Pipeline::of(
        {conv2d(tensor(names.large, c.N, c.C, c.H, c.W), tensor(names.filter, c.K, c.C / c.groups, c.R, c.S),
                std::nullopt, options, names.small)});
}

std::string convolution_gradient(const GpuCase& given, const Writer& writer) {
    const ConvolutionShape c = given.convolution();
    const ConvolutionNames names = names_of(given);
    const std::int64_t C = c.C / c.groups, K = c.K / c.groups;  // of a group
    std::string text = writer.tensor(names.large, {c.N, c.C, c.H, c.W}) +
                       writer.tensor(names.small, {c.N, c.K, c.P, c.Q}) +
                       writer.tensor(names.filter, {c.K, C, c.R, c.S});
    if (given.pass() == ConvolutionPass::backward_filter) {
        const std::string channel = c.groups == 1 ? "c" : fmt::format("k/{}*{}+c", K, C);
        const auto source = [&](const char* at, const char* tap) {
            return fmt::format("{}*{}+{}*{}-{}", at, c.stride, tap, c.dilation, c.padding);
        };
        return text + fmt::format("{}{} += {}{} * {}{}", names.filter, writer.at({"k", "c", "r", "s"}),
                                  padded(names.large, c.padding > 0),
                                  writer.at({"n", channel, source("p", "r"), source("q", "s")}), names.small,
                                  writer.at({"n", "k", "p", "q"}));
    }
    const GatherAxis rows("h", "r", c.R, c.stride, c.padding, c.dilation);
    const GatherAxis columns("v", "s", c.S, c.stride, c.padding, c.dilation);
    const std::string filter = c.groups == 1 ? "k" : fmt::format("c/{}*{}+k", C, K);
    const std::string channel = c.groups == 1 ? "c" : fmt::format("c%{}", C);
    return text + fmt::format("{}{} += zero({}){} * {}{} | k<{} r<{} s<{}", names.large,
                              writer.at({"n", "c", "h", "v"}), names.small,
                              writer.at({"n", filter, rows.source, columns.source}),
                              padded(names.filter, !rows.inside || !columns.inside),
                              writer.at({filter, channel, rows.tap, columns.tap}), K, rows.count, columns.count);
}

std::string pool(const GpuCase& given, const Writer& writer) {
    const GpuLayer& l = given.layer;
    const bool max = l.kind == LayerKind::max_pool;
    const std::array small{l.N, l.C, l.P, l.Q}, large{l.N, l.C, l.H, l.W};
    const std::string place = writer.at({"n", "c", "p", "q"});
    const std::string share = fmt::format("{:.9g}f32", 1.0 / static_cast<double>(l.R * l.S));
    if (given.direction == Direction::forward) {
        const std::string read = writer.at(
            {"n", "c", fmt::format("p*{}+r-{}", l.stride, l.padding), fmt::format("q*{}+s-{}", l.stride, l.padding)});
        const std::string window = fmt::format("r<{} s<{}", l.R, l.S);
        if (!max)
            return writer.tensor("x", large) + writer.tensor("y", small) +
                   fmt::format("y{} += zero(x){} * {} | {}", place, read, share, window);
        return writer.tensor("x", large) + writer.tensor("y", small) + writer.tensor("o", small, "u8") +
               fmt::format(
                   "(y{0}, o{0}) reduce first {{(-inf, 0); (a, i), (b, j) -> (max(a, b), select(a < b, j, i))}}"
                   " (skip(x){1}, r*{2}+s) | {3}",
                   place, read, l.S, window);
    }
    const GatherAxis rows("h", "r", l.R, l.stride, l.padding, 1), columns("v", "s", l.S, l.stride, l.padding, 1);
    const std::string from = writer.at({"n", "c", rows.source, columns.source});
    std::string value = "zero(dy)" + from;
    if (max)
        value = fmt::format("select(zero(o){} == ({})*{}+{}, {}, 0.0f32)", from, rows.tap, l.S, columns.tap, value);
    else
        value += " * " + share;
    // A tap beyond the window is none of it; for max the number could be one of the next row.
    if (!rows.inside) value = fmt::format("select({} < {}, {}, 0.0f32)", rows.tap, l.R, value);
    if (!columns.inside) value = fmt::format("select({} < {}, {}, 0.0f32)", columns.tap, l.S, value);
    return (max ? writer.tensor("o", small, "u8") : std::string()) + writer.tensor("dy", small) +
           writer.tensor("dx", large) +
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

std::string linear(const GpuCase& given, const Writer& writer) {
    const GpuLayer& l = given.layer;
    switch (given.direction) {
        case Direction::forward:
            return writer.rows("x", l.N, l.C) + writer.rows("w", l.K, l.C) + writer.rows("y", l.N, l.K) +
                   "y[n,k] += x[n,c] * w[k,c]";
        case Direction::dx:
            return writer.rows("dy", l.N, l.K) + writer.rows("w", l.K, l.C) + writer.rows("dx", l.N, l.C) +
                   "dx[n,c] += dy[n,k] * w[k,c]";
        default:
            return writer.rows("x", l.N, l.C) + writer.rows("dy", l.N, l.K) + writer.rows("dw", l.K, l.C) +
                   "dw[k,c] += x[n,c] * dy[n,k]";
    }
}

}  // namespace

Pipeline definition_of(const GpuCase& given, ActivationLayout layout) {
    if (given.is_convolution() && given.pass() == ConvolutionPass::forward) return convolution_forward(given, layout);
    const Writer writer(type_of(given.arithmetic), layout);
    switch (given.layer.kind) {
        case LayerKind::convolution:
        case LayerKind::transposed_convolution:
            return parse_pipeline(convolution_gradient(given, writer));
        case LayerKind::max_pool:
        case LayerKind::average_pool:
            return parse_pipeline(pool(given, writer));
        case LayerKind::softmax:
            return parse_pipeline(softmax(given, writer));
        case LayerKind::cross_entropy:
            return parse_pipeline(cross_entropy(given, writer));
        case LayerKind::linear:
            return parse_pipeline(linear(given, writer));
    }
    throw InternalError("a kind of layer without a definition");
}

}  // namespace heddle::bench
