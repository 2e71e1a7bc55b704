// tools/libtorch_lenet.cpp -- the network by libtorch; built only where it is installed.
#include "tools/libtorch_lenet.h"

#include <ATen/ATen.h>

namespace heddle::tools {

struct LibtorchLenet::State {
    std::map<std::string, at::Tensor> parameters, velocities;
    at::Tensor images, classes;
    double momentum = 0;

    at::Tensor loss() const {
        const auto& p = parameters;
        at::Tensor x = at::conv2d(images, p.at("conv1.w"), p.at("conv1.b"), 1, 2);
        x = at::relu(at::max_pool2d(x, 2));
        x = at::conv2d(x, p.at("conv2.w"), p.at("conv2.b"), 1, 2);
        x = at::relu(at::max_pool2d(x, 2));
        x = at::relu(at::linear(x.flatten(1), p.at("dense1.w").flatten(1), p.at("dense1.b")));
        x = at::linear(x, p.at("dense2.w"), p.at("dense2.b"));
        return at::cross_entropy_loss(x, classes);
    }
};

LibtorchLenet::LibtorchLenet(const NamedBuffers& parameters, const Buffer& images, const Buffer& classes,
                             double momentum)
    : state_(new State) {
    for (const auto& [name, buffer] : parameters) {
        state_->parameters[name] = at::from_blob(buffer.data(), buffer.shape(), at::kFloat).clone();
        state_->parameters[name].set_requires_grad(true);
        state_->velocities[name] = at::zeros(buffer.shape());
    }
    state_->images = at::from_blob(images.data(), images.shape(), at::kFloat);
    state_->classes = at::from_blob(classes.data(), classes.shape(), at::kLong);
    state_->momentum = momentum;
}
LibtorchLenet::~LibtorchLenet() = default;
LibtorchLenet::LibtorchLenet(LibtorchLenet&&) noexcept = default;

double LibtorchLenet::step(double rate) {
    for (auto& [name, parameter] : state_->parameters) parameter.mutable_grad() = at::Tensor();
    const at::Tensor loss = state_->loss();
    loss.backward();
    const at::NoGradGuard quiet;
    for (auto& [name, parameter] : state_->parameters) {
        at::Tensor& velocity = state_->velocities.at(name);
        velocity.mul_(state_->momentum).add_(parameter.grad());
        parameter.add_(velocity, -rate);
    }
    return loss.item<float>();
}

}  // namespace heddle::tools
