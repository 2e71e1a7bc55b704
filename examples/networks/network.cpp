// examples/networks/network.cpp -- layers get tensors of their own for what they read.
#include "examples/networks/network.h"

#include <fmt/format.h>

namespace heddle::examples {

std::vector<std::int64_t> sizes_of(const std::vector<Extent>& shape) {
    std::vector<std::int64_t> sizes;
    for (const Extent& extent : shape) sizes.push_back(extent.value());
    return sizes;
}

Value Network::input(const std::string& name, ScalarType type, const std::vector<Extent>& shape) {
    values_.push_back({name, type, shape});
    return {values() - 1};
}

Value Network::layer(const std::string& name, const std::vector<Value>& inputs,
                     const std::vector<ParameterShape>& shapes, const Define& define) {
    Layer layer;
    layer.name = name;
    layer.shapes = shapes;
    for (const Value& value : inputs) {
        const std::string number = inputs.size() == 1 ? "" : std::to_string(layer.inputs.size());
        layer.inputs.push_back(value.index);
        layer.x.emplace_back("x" + number, type(value), shape(value));
    }
    for (const ParameterShape& parameter : shapes) layer.parameters.emplace_back(parameter.name, f32, parameter.shape);
    layer.y = define(layer.x, layer.parameters);
    layer.output = values();
    values_.push_back({name, layer.y.type(), layer.y.shape()});
    layers_.push_back(std::move(layer));
    return {layers_.back().output};
}

std::string Network::text() const {
    std::string text;
    std::int64_t all = 0;
    for (const Layer& layer : layers_) {
        std::int64_t count = 0;
        for (const ParameterShape& parameter : layer.shapes) {
            std::int64_t elements = 1;
            for (const std::int64_t size : sizes_of(parameter.shape)) elements *= size;
            count += elements;
        }
        all += count;
        text += fmt::format("  {:12} {:>20} {:>10}\n", layer.name, describe_shape(sizes_of(layer.y.shape())),
                            count ? std::to_string(count) : "");
    }
    return text + fmt::format("  {:12} {:>20} {:>10} parameters\n", "", "", all);
}

}  // namespace heddle::examples
