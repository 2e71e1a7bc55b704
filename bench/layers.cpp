// bench/layers.cpp -- reading the table of layers.
#include "bench/layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/text.h"

namespace heddle::bench {
namespace {

std::int64_t size_of(const nlohmann::json& row, const char* field, std::int64_t least, const std::string& where) {
    const auto found = row.find(field);
    if (found == row.end() || !found->is_number_integer() || found->get<std::int64_t>() < least)
        throw UserError(fmt::format("{}: \"{}\" should be a whole number of {} or more", where, field, least));
    return found->get<std::int64_t>();
}

Layer layer_of(const nlohmann::json& row, const std::string& file, std::size_t number) {
    std::string where = fmt::format("{}, layer {}", file, number);
    if (!row.is_object() || !row.contains("name") || !row["name"].is_string())
        throw UserError(where + ": should be an object with a \"name\"");
    where = fmt::format("{}, {}", file, row["name"].get<std::string>());
    const auto size = [&](const char* field, std::int64_t least = 1) { return size_of(row, field, least, where); };
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

}  // namespace

std::vector<Layer> read_layers(const std::filesystem::path& file) {
    std::ifstream stream(file);
    if (!stream) throw UserError(fmt::format("{} cannot be read: give a table of layers by --file", file.string()));
    nlohmann::json table;
    try {
        table = nlohmann::json::parse(stream);
    } catch (const nlohmann::json::exception& error) {
        throw UserError(fmt::format("{} is not JSON: {}", file.string(), error.what()));
    }
    if (!table.is_array() || table.empty())
        throw UserError(fmt::format("{}: should be a list of layers", file.string()));
    std::vector<Layer> layers;
    for (const nlohmann::json& row : table) layers.push_back(layer_of(row, file.string(), layers.size() + 1));
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

tools::Problem problem_of(const Layer& l, ActivationLayout layout) {
    const std::int64_t C = l.C / l.groups;
    std::vector<std::int64_t> x_shape{l.N, l.C, l.H, l.W}, w_shape{l.K, C, l.R, l.S};
    if (layout == ActivationLayout::nhwc) {
        x_shape = {l.N, l.H, l.W, l.C};
        w_shape = {l.K, l.R, l.S, C};
    }
    const auto tensor = [](const char* name, const std::vector<std::int64_t>& shape) {
        return Tensor<4>(AnyTensor(name, f32, std::vector<Extent>(shape.begin(), shape.end())));
    };
    tools::Problem problem;
    problem.title = l.name;
    problem.pipeline =
        Pipeline::of({conv2d(tensor("x", x_shape), tensor("w", w_shape), std::nullopt, options_of(l, layout))});
    problem.shapes = {{"x", x_shape}, {"w", w_shape}};
    return problem;
}

Buffer in_plain_order(const Buffer& buffer, ActivationLayout layout) {
    return layout == ActivationLayout::nhwc ? buffer.permuted({0, 3, 1, 2}) : buffer;
}

}  // namespace heddle::bench
