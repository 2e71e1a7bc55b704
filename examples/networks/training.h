// examples/networks/training.h -- kernels of a network: each layer forward and backward, and the step of the optimizer.
#pragma once

#include <map>
#include <optional>

#include "examples/networks/network.h"

namespace heddle::examples {

struct OptimizerOptions {
    double momentum = 0.9;
    double weight_decay = 0;  ///< this share of a parameter is added to its gradient
    std::uint64_t seed = 1;   ///< of the first values
};

/// A network with its parameters, values and gradients in memory of the target, trained by stochastic gradient descent
/// with momentum: velocity = momentum * velocity + gradient, parameter = parameter - rate * velocity.
/// All arithmetic is done by kernels, one a layer and direction; the backward ones are derived from the forward ones,
/// which keep what those read of their results. They are compiled on all cores at once.
class Training {
public:
    Training(const Network& network, Value loss, const Target& target, const OptimizerOptions& options = {});

    /// What an input holds from here on: a buffer of its type and shape. On the host it is read where it lies, and for
    /// a device copied.
    void place(Value input, const Buffer& buffer);
    /// Computes a value, and those that it is computed from.
    void forward(Value value);
    /// Computes the gradients of the loss by all parameters; after forward(loss).
    void backward();
    /// forward(loss), backward(), and a step of the optimizer. Returns the loss before the step.
    double step(double rate);

    /// A value as it was computed last, in memory of the host.
    Buffer value(Value value) const;
    /// All parameters, by layer and name ("conv1.w"), in memory of the host.
    NamedBuffers parameters() const;
    const Target& target() const { return target_; }
    /// Returns when everything asked for so far is done.
    void wait() const;
    double compile_seconds() const { return compile_seconds_; }

    /// A compiled kernel, and which buffers it takes, by position.
    struct Call {
        std::string layer;
        Pipeline pipeline;
        std::vector<int> buffers;
        std::optional<Kernel> kernel = std::nullopt;
    };
    /// What forward(loss) and backward() run, in order; for measurements and checks.
    const std::vector<Call>& forward_calls() const { return forward_; }
    const std::vector<Call>& backward_calls() const { return backward_; }
    void run(const Call& call) const;
    /// The buffers of a call by the names of its tensors, in memory of the host.
    NamedBuffers buffers_of(const Call& call) const;

private:
    /// A layer's tensors by name, and the gradient that it needs.
    struct LayerPlan {
        std::map<std::string, int> buffers;
        std::vector<AnyTensor> wrt;  ///< what depends on parameters, and parameters; empty: it has no gradient
        Pipeline backward;
    };
    int new_buffer(const AnyTensor& like);
    std::vector<LayerPlan> plan_layers();
    void plan_forward(std::vector<LayerPlan>& plans);
    void plan_backward(std::vector<LayerPlan>& plans);
    void place_parameters(const OptimizerOptions& options);
    void compile_all(const OptimizerOptions& options);
    Buffer view(const Buffer& memory, std::size_t parameter) const;

    Network network_;
    Target target_;
    Value loss_;
    std::vector<Buffer> buffers_;          ///< values, then whatever else is needed
    std::vector<std::vector<int>> needs_;  ///< for each value, the layers that compute it, in order
    std::vector<Call> forward_, backward_;

    /// All parameters lie behind one another in one buffer, and so do their velocities and gradients: the optimizer is
    /// one definition over all of them. It writes the next ones beside the present ones, which then change places.
    struct Place {
        int parameter, gradient;  ///< buffers
        std::int64_t offset;
        std::vector<std::int64_t> shape;
        ParameterShape first;
    };
    std::vector<Place> places_;
    Buffer parameters_, next_parameters_, velocities_, next_velocities_, gradients_, rate_;
    Call optimizer_;
    double compile_seconds_ = 0;
};

}  // namespace heddle::examples
