// tools/libtorch_lenet.h -- the network of examples/networks/lenet.h, trained by libtorch: the peer of a benchmark.
#pragma once

#include <memory>

#include "dsl/evaluate.h"

namespace heddle::tools {

/// Stochastic gradient descent with momentum, as libtorch's own optimizer carries it out.
class LibtorchLenet {
public:
    /// Starts from copies of `parameters`: conv1.w, conv1.b, conv2.w, ..., dense2.b. Images (N 1 28 28) and classes
    /// (N, i64) are read where they lie.
    LibtorchLenet(const NamedBuffers& parameters, const Buffer& images, const Buffer& classes, double momentum);
    ~LibtorchLenet();
    LibtorchLenet(LibtorchLenet&&) noexcept;

    /// One step; returns the loss before it.
    double step(double rate);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace heddle::tools
