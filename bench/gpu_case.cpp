// bench/gpu_case.cpp -- names, costs and tolerances of races.
#include "bench/gpu_case.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/text.h"

namespace heddle::bench {
namespace {

constexpr std::array<std::string_view, 4> direction_names{"forward", "dx", "dw", "forward+dx"};
constexpr std::array<std::string_view, 4> arithmetic_names{"f32", "tf32", "f16", "bf16"};

std::size_t position_of(const std::string& name, const std::array<std::string_view, 4>& names, const char* what) {
    const auto found = std::find(names.begin(), names.end(), name);
    const std::vector<std::string> known(names.begin(), names.end());
    if (found == names.end())
        throw UserError(
            fmt::format("'{}' is no {}{}; there are {}", name, what, did_you_mean(name, known), join(known, ", ")));
    return static_cast<std::size_t>(found - names.begin());
}

std::vector<Direction> directions_of(LayerKind kind) {
    switch (kind) {
        case LayerKind::convolution:
        case LayerKind::transposed_convolution:
        case LayerKind::linear:
            return {Direction::forward, Direction::dx, Direction::dw};
        case LayerKind::cross_entropy:
            return {Direction::both};
        default:
            return {Direction::forward, Direction::dx};
    }
}

template <class T>
bool asked_for(const std::vector<T>& list, T value) {
    return list.empty() || std::find(list.begin(), list.end(), value) != list.end();
}

}  // namespace

std::string_view name_of(Direction direction) { return direction_names[static_cast<std::size_t>(direction)]; }
std::string_view name_of(Arithmetic arithmetic) { return arithmetic_names[static_cast<std::size_t>(arithmetic)]; }

Direction direction_named(const std::string& name) {
    return static_cast<Direction>(position_of(name, direction_names, "direction"));
}
Arithmetic arithmetic_named(const std::string& name) {
    return static_cast<Arithmetic>(position_of(name, arithmetic_names, "type"));
}

ScalarType type_of(Arithmetic arithmetic) {
    if (arithmetic == Arithmetic::f16) return f16;
    return arithmetic == Arithmetic::bf16 ? bf16 : f32;
}

std::string GpuCase::title() const {
    return fmt::format("{} {} {}", layer.name, name_of(direction), name_of(arithmetic));
}

bool GpuCase::is_convolution() const {
    return layer.kind == LayerKind::convolution || layer.kind == LayerKind::transposed_convolution;
}

bool GpuCase::has_products() const { return is_convolution() || layer.kind == LayerKind::linear; }

bool GpuCase::has_layouts() const {
    return is_convolution() || layer.kind == LayerKind::max_pool || layer.kind == LayerKind::average_pool;
}

ConvolutionShape GpuCase::convolution() const {
    const GpuLayer& l = layer;
    if (l.kind == LayerKind::transposed_convolution)
        return {l.N, l.K, l.P, l.Q, l.C, l.R, l.S, l.H, l.W, l.stride, l.padding, l.dilation, l.groups};
    return {l.N, l.C, l.H, l.W, l.K, l.R, l.S, l.P, l.Q, l.stride, l.padding, l.dilation, l.groups};
}

ConvolutionPass GpuCase::pass() const {
    if (direction == Direction::dw) return ConvolutionPass::backward_filter;
    const bool transposed = layer.kind == LayerKind::transposed_convolution;
    return (direction == Direction::forward) != transposed ? ConvolutionPass::forward : ConvolutionPass::backward_data;
}

double GpuCase::operations() const {
    const auto product = [](std::initializer_list<std::int64_t> sizes) {
        double result = 1;
        for (const std::int64_t size : sizes) result *= static_cast<double>(size);
        return result;
    };
    const GpuLayer& l = layer;
    switch (l.kind) {
        case LayerKind::convolution:
        case LayerKind::transposed_convolution: {
            const ConvolutionShape c = convolution();
            return 2 * product({c.N, c.K, c.P, c.Q, c.C / c.groups, c.R, c.S});
        }
        case LayerKind::linear:
            return 2 * product({l.N, l.C, l.K});
        case LayerKind::max_pool:
        case LayerKind::average_pool:
            return product({l.N, l.C, l.P, l.Q, l.R, l.S});
        case LayerKind::softmax:
            return product({l.N, l.C}) * (direction == Direction::forward ? 5 : 3);
        case LayerKind::cross_entropy:
            return product({l.N, l.C}) * 6;
    }
    throw InternalError("a kind of layer without operations");
}

double GpuCase::bytes() const {
    const Cost cost = cost_of(definition_of(*this, ActivationLayout::nchw));
    return cost.input_bytes + cost.output_bytes;
}

double GpuCase::terms() const {
    const Pipeline pipeline = definition_of(*this, ActivationLayout::nchw);
    const Cost cost = cost_of(pipeline);
    return has_products() ? operations() / 2 / cost.output_elements : static_cast<double>(layer.C);
}

double GpuCase::tolerance() const {
    switch (arithmetic) {
        case Arithmetic::f32:
            return 1e-5 * std::max(1.0, std::sqrt(terms() / 1e4));
        case Arithmetic::tf32:
            return 1e-3;
        default:
            return 1e-2;
    }
}

std::vector<GpuCase> gpu_cases(const std::vector<GpuLayer>& layers, const std::vector<Direction>& directions,
                               const std::vector<Arithmetic>& arithmetics) {
    std::vector<GpuCase> cases;
    for (const GpuLayer& layer : layers)
        for (const Direction direction : directions_of(layer.kind))
            for (std::size_t i = 0; i < arithmetic_names.size(); ++i) {
                const auto arithmetic = static_cast<Arithmetic>(i);
                if (!asked_for(directions, direction) || !asked_for(arithmetics, arithmetic)) continue;
                const GpuCase given{layer, direction, arithmetic};
                if (arithmetic != Arithmetic::tf32 || given.has_products()) cases.push_back(given);
            }
    return cases;
}

}  // namespace heddle::bench
