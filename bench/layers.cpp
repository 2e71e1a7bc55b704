// bench/layers.cpp -- reading the table of layers.
#include "bench/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "bench/layer_tables.h"
#include "dsl/gather_pipeline.h"
#include "runtime/text.h"
#include "tools/gradient_problem.h"
#include "tools/json_fields.h"

namespace heddle::bench {

using tools::rows_of;
using tools::size_field;
using tools::text_of_file;
namespace {

Layer layer_of(const nlohmann::json& row, const std::string& origin) {
    const std::string where = fmt::format("{}, {}", origin, row["name"].get<std::string>());
    const auto size = [&](const char* field, std::int64_t least = 1) { return size_field(row, field, least, where); };
    return {row["name"],
            size("N"),
            size("C"),
            size("H"),
            size("W"),
            size("K"),
            size("R"),
            size("S"),
            static_cast<int>(size("stride")),
            static_cast<int>(size("padding", 0)),
            static_cast<int>(size("dilation")),
            static_cast<int>(size("groups"))};
}

std::string_view built_in_table() {
    for (const LayerTable& table : layer_tables())
        if (table.name == "host") return table.text;
    throw InternalError("the program has no table of layers for the host");
}

}  // namespace

std::vector<Layer> read_layers(const std::filesystem::path& file) {
    const std::string origin = file.empty() ? "bench/layers/host.json" : file.string();
    std::vector<Layer> layers;
    for (const nlohmann::json& row : rows_of(file.empty() ? std::string(built_in_table()) : text_of_file(file), origin))
        layers.push_back(layer_of(row, origin));
    return layers;
}

std::vector<Layer> select_layers(const std::vector<Layer>& layers, const std::vector<std::string>& names) {
    if (names.empty()) return layers;
    std::vector<std::string> known;
    for (const Layer& layer : layers) known.push_back(layer.name);
    std::vector<Layer> chosen;
    for (const std::string& name : names) {
        const auto found = std::find(known.begin(), known.end(), name);
        if (found == known.end())
            throw UserError(fmt::format("there is no layer '{}'{}; there are {}", name, did_you_mean(name, known),
                                        join(known, ", ")));
        chosen.push_back(layers[static_cast<std::size_t>(found - known.begin())]);
    }
    return chosen;
}

ConvOptions options_of(const Layer& layer, ActivationLayout layout) {
    ConvOptions options;
    options.stride = {layer.stride, layer.stride};
    options.padding = {layer.padding, layer.padding};
    options.dilation = {layer.dilation, layer.dilation};
    options.groups = layer.groups;
    options.layout = layout;
    options.weights = layout == ActivationLayout::nhwc ? WeightLayout::krsc : WeightLayout::kcrs;
    return options;
}

tools::Problem problem_of(const Layer& l, ActivationLayout layout, ConvolutionPass pass, ScalarType type) {
    const std::int64_t C = l.C / l.groups;
    std::vector<std::int64_t> x_shape{l.N, l.C, l.H, l.W}, w_shape{l.K, C, l.R, l.S};
    if (layout == ActivationLayout::nhwc) {
        x_shape = {l.N, l.H, l.W, l.C};
        w_shape = {l.K, l.R, l.S, C};
    }
    const auto tensor = [type](const char* name, const std::vector<std::int64_t>& shape) {
        return Tensor<4>(AnyTensor(name, type, std::vector<Extent>(shape.begin(), shape.end())));
    };
    tools::Problem problem;
    problem.title = l.name;
    problem.pipeline =
        Pipeline::of({conv2d(tensor("x", x_shape), tensor("w", w_shape), std::nullopt, options_of(l, layout))});
    problem.shapes = {{"x", x_shape}, {"w", w_shape}};
    if (pass == ConvolutionPass::forward) return problem;
    problem = tools::gradient_of(problem, pass == ConvolutionPass::backward_data ? "x" : "w");
    problem.title = l.name + (pass == ConvolutionPass::backward_data ? " dx" : " dw");
    problem.pipeline = gather_pipeline(problem.written);
    return problem;
}

Buffer in_plain_order(const Buffer& buffer, ActivationLayout layout) {
    return layout == ActivationLayout::nhwc ? buffer.permuted({0, 3, 1, 2}) : buffer;
}

}  // namespace heddle::bench
