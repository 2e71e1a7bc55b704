// examples/networks/layers.cpp -- layers as definitions.
#include "examples/networks/layers.h"

#include <cmath>

namespace heddle::examples {
namespace {

using Tensors = std::vector<AnyTensor>;

double he_deviation(std::int64_t fan_in) { return std::sqrt(2.0 / static_cast<double>(fan_in)); }

}  // namespace

Value conv(Network& network, const std::string& name, Value x, int filters, int size, ConvOptions options, bool bias) {
    const std::int64_t channels = network.shape(x)[1].value() / options.groups;
    std::vector<ParameterShape> shapes{{"w", {filters, channels, size, size}, he_deviation(channels * size * size)}};
    if (bias) shapes.push_back({"b", {filters}});
    return network.layer(name, {x}, shapes, [&](const Tensors& x, const Tensors& w) {
        return heddle::conv(x[0], w[0], bias ? std::optional(w[1]) : std::nullopt, options);
    });
}

Value depthwise_conv(Network& network, const std::string& name, Value x, int size, ConvOptions options) {
    options.groups = static_cast<int>(network.shape(x)[1].value());
    return conv(network, name, x, options.groups, size, options, false);
}

Value conv_transpose(Network& network, const std::string& name, Value x, int filters) {
    const std::int64_t channels = network.shape(x)[1].value();
    ConvTransposeOptions options;
    options.stride = 2;
    return network.layer(
        name, {x}, {{"w", {channels, filters, 2, 2}, he_deviation(channels)}, {"b", {filters}}},
        [&](const Tensors& x, const Tensors& w) { return heddle::conv_transpose(x[0], w[0], w[1], options); });
}

Value dense(Network& network, const std::string& name, Value x, int outputs) {
    std::vector<Extent> shape{outputs};
    std::int64_t fan_in = 1;
    for (std::size_t d = 1; d < network.shape(x).size(); ++d) {
        shape.push_back(network.shape(x)[d]);
        fan_in *= shape.back().value();
    }
    return network.layer(name, {x}, {{"w", shape, he_deviation(fan_in)}, {"b", {outputs}}},
                         [&](const Tensors& x, const Tensors& w) {
                             const Var n("n"), k("k");
                             std::vector<Expr> of_x{n}, of_w{k};
                             for (const char* reduced : {"c", "h", "w"})
                                 if (of_x.size() < shape.size()) {
                                     of_x.emplace_back(RVar(reduced));
                                     of_w.push_back(of_x.back());
                                 }
                             const AnyTensor y("y", f32, std::vector<Extent>{x[0].shape()[0], outputs});
                             y.at({n, k}) = w[1].at({k});
                             y.at({n, k}) += x[0].at(of_x) * w[0].at(of_w);
                             return y;
                         });
}

Value max_pool(Network& network, const std::string& name, Value x, const PoolWindow& window) {
    return network.layer(name, {x}, {},
                         [&](const Tensors& x, const Tensors&) { return heddle::max_pool(x[0], window); });
}

Value relu(Network& network, const std::string& name, Value x) {
    return network.layer(name, {x}, {}, [](const Tensors& x, const Tensors&) { return heddle::relu(x[0]); });
}

Value max_pool_relu(Network& network, const std::string& name, Value x, const PoolWindow& window) {
    return network.layer(name, {x}, {}, [&](const Tensors& x, const Tensors&) {
        return heddle::relu(heddle::max_pool(x[0], window, "largest"));
    });
}

Value normalise_relu(Network& network, const std::string& name, Value x) {
    const Extent N = network.shape(x)[0], C = network.shape(x)[1];
    const double elements = static_cast<double>(C.value() * network.shape(x)[2].value() * network.shape(x)[3].value());
    return network.layer(name, {x}, {{"scale", {C}, 0, 1}, {"offset", {C}}}, [&](const Tensors& x, const Tensors& w) {
        const Var n("n"), c("c"), p("p"), q("q");
        const RVar i("i"), j("j"), k("k");
        const AnyTensor sum("sum", f32, std::vector<Extent>{N}), squares("squares", f32, std::vector<Extent>{N});
        const Expr mean = sum.at({n}) / elements, distance = x[0].at({n, i, j, k}) - mean;
        sum.at({n}) += x[0].at({n, i, j, k});
        squares.at({n}) += distance * distance;
        const AnyTensor y("y", f32, x[0].shape());
        const Expr normal = (x[0].at({n, c, p, q}) - mean) * rsqrt(squares.at({n}) / elements + 1e-5);
        y.at({n, c, p, q}) = heddle::relu(normal * w[0].at({c}) + w[1].at({c}));
        return y;
    });
}

Value global_avg_pool(Network& network, const std::string& name, Value x) {
    return network.layer(name, {x}, {}, [](const Tensors& x, const Tensors&) { return heddle::global_avg_pool(x[0]); });
}

Value concatenate(Network& network, const std::string& name, Value a, Value b) {
    return network.layer(name, {a, b}, {}, [](const Tensors& x, const Tensors&) {
        std::vector<Extent> shape = x[0].shape();
        const std::int64_t first = shape[1].value();
        shape[1] = first + x[1].shape()[1].value();
        const AnyTensor y("y", f32, shape);
        const Var n("n"), c("c", shape[1]), p("p"), q("q");
        const Access a(x[0].node(), {n, c, p, q}, {BoundaryMode::zero});
        const Access b(x[1].node(), {n, c - first, p, q}, {BoundaryMode::zero});
        y.at({n, c, p, q}) = select(c < first, Expr(a), Expr(b));
        return y;
    });
}

Value cross_entropy(Network& network, const std::string& name, Value scores, Value classes) {
    return network.layer(name, {scores, classes}, {},
                         [](const Tensors& x, const Tensors&) { return heddle::cross_entropy(x[0], x[1]); });
}

Value mean_square(Network& network, const std::string& name, Value a, Value b) {
    return network.layer(name, {a, b}, {}, [](const Tensors& x, const Tensors&) {
        std::vector<Expr> all;
        double elements = 1;
        for (const Extent& extent : x[0].shape()) {
            all.emplace_back(RVar("i" + std::to_string(all.size())));
            elements *= static_cast<double>(extent.value());
        }
        const AnyTensor sum("sum", f32, std::vector<Extent>{}), y("y", f32, std::vector<Extent>{});
        const Expr difference = x[0].at(all) - x[1].at(all);
        sum.at({}) += difference * difference;
        y.at({}) = sum.at({}) / elements;
        return y;
    });
}

Value predicted_class(Network& network, const std::string& name, Value scores) {
    return network.layer(name, {scores}, {}, [](const Tensors& x, const Tensors&) {
        const AnyTensor y("y", i32, std::vector<Extent>{x[0].shape()[0]});
        const Var n("n");
        y.at({n}).argmax(x[0].at({n, RVar("c")}));
        return y;
    });
}

}  // namespace heddle::examples
