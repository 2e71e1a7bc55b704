// examples/networks/network.h -- a network as a list of layers, each a definition with its inputs and parameters.
#pragma once

#include <heddle/heddle.h>

#include <functional>
#include <string>
#include <vector>

namespace heddle::examples {

/// What a layer learns. Its first values are normally distributed around `mean`.
struct ParameterShape {
    std::string name;
    std::vector<Extent> shape;
    double deviation = 0, mean = 0;
};

/// A layer: `y` is defined from tensors that stand for its inputs and parameters, and from nothing else.
struct Layer {
    std::string name;
    std::vector<int> inputs;  ///< values of the network
    std::vector<AnyTensor> x, parameters;
    std::vector<ParameterShape> shapes;  ///< of the parameters
    AnyTensor y;
    int output = 0;  ///< value of the network
};

/// A value of a network: the result of a layer, or an input.
struct Value {
    int index;
};

/// Layers in the order in which they are computed. What is trained, and how gradients flow, follows from the
/// definitions: a layer says nothing but what it computes.
class Network {
public:
    /// Writes y from the layer's inputs x and its parameters w.
    using Define = std::function<AnyTensor(const std::vector<AnyTensor>& x, const std::vector<AnyTensor>& w)>;

    Value input(const std::string& name, ScalarType type, const std::vector<Extent>& shape);
    Value layer(const std::string& name, const std::vector<Value>& inputs, const std::vector<ParameterShape>& shapes,
                const Define& define);

    const std::vector<Extent>& shape(Value value) const { return values_[value.index].shape; }
    ScalarType type(Value value) const { return values_[value.index].type; }
    const std::vector<Layer>& layers() const { return layers_; }
    /// Of inputs and results, in the order in which they came.
    int values() const { return static_cast<int>(values_.size()); }
    /// A line a layer: name, shape of its result, number of parameters; then their sum.
    std::string text() const;

private:
    struct Entry {
        std::string name;
        ScalarType type;
        std::vector<Extent> shape;
    };
    std::vector<Entry> values_;
    std::vector<Layer> layers_;
};

/// Sizes of a tensor of the network, all of which are known.
std::vector<std::int64_t> sizes_of(const std::vector<Extent>& shape);

}  // namespace heddle::examples
