// examples/networks/training.cpp -- which kernels there are, what they read and write, and their calls.
#include "examples/networks/training.h"

#include <heddle/cuda.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <random>
#include <set>

#include "runtime/timer.h"

namespace heddle::examples {
namespace {

constexpr std::int64_t alignment = 64;  // of parameters, in elements

Buffer memory_for(ScalarType type, const std::vector<std::int64_t>& shape, const Target& target) {
    return target.kind == TargetKind::cuda ? device_buffer(type, shape) : Buffer(type, shape);
}
Buffer on_target(const Buffer& buffer, const Target& target) {
    return target.kind == TargetKind::cuda ? to_device(buffer) : buffer;
}

/// parameter, velocity and gradient at i give the next parameter and velocity.
Pipeline optimizer_step(std::int64_t elements, const OptimizerOptions& options) {
    const std::vector<Extent> shape{elements};
    const AnyTensor parameter("parameter", f32, shape), velocity("velocity", f32, shape),
        gradient("gradient", f32, shape), rate("rate", f32, std::vector<Extent>{}),
        next_velocity("next_velocity", f32, shape), next_parameter("next_parameter", f32, shape);
    const Var i("i");
    next_velocity.at({i}) =
        options.momentum * velocity.at({i}) + gradient.at({i}) + options.weight_decay * parameter.at({i});
    next_parameter.at({i}) = parameter.at({i}) - rate.at({}) * next_velocity.at({i});
    return Pipeline::of({next_parameter, next_velocity});
}

/// The sum of several gradients of one value.
Pipeline sum_of(const AnyTensor& like, std::size_t count) {
    const AnyTensor total("total", f32, like.shape());
    std::vector<Expr> index;
    for (int d = 0; d < like.rank(); ++d) index.emplace_back(Var("i" + std::to_string(d)));
    Expr sum;
    for (std::size_t part = 0; part < count; ++part) {
        const AnyTensor term("part" + std::to_string(part), f32, like.shape());
        sum = part == 0 ? Expr(term.at(index)) : sum + term.at(index);
    }
    total.at(index) = sum;
    return Pipeline::of({total});
}

/// The buffers of a pipeline, by the names of its tensors, in the order of its kernel's calls.
std::vector<int> by_position(const Pipeline& pipeline, const std::map<std::string, int>& names) {
    std::vector<int> buffers;
    for (const AnyTensor& tensor : pipeline.inputs) buffers.push_back(names.at(tensor.name()));
    for (const AnyTensor& tensor : pipeline.outputs) buffers.push_back(names.at(tensor.name()));
    return buffers;
}

}  // namespace

Training::Training(const Network& network, Value loss, const Target& target, const OptimizerOptions& options)
    : network_(network), target_(target), loss_(loss), buffers_(static_cast<std::size_t>(network.values())) {
    place_parameters(options);
    std::vector<LayerPlan> plans = plan_layers();
    plan_forward(plans);
    plan_backward(plans);
    compile_all(options);
}

void Training::place(Value input, const Buffer& buffer) { buffers_[input.index] = on_target(buffer, target_); }

void Training::wait() const {
    if (target_.kind == TargetKind::cuda) to_host(rate_);  // after all that is on the stream
}

int Training::new_buffer(const AnyTensor& like) {
    buffers_.push_back(memory_for(like.type(), sizes_of(like.shape()), target_));
    return static_cast<int>(buffers_.size()) - 1;
}

Buffer Training::view(const Buffer& memory, std::size_t parameter) const {
    const Place& place = places_[parameter];
    return {f32, place.shape, memory.as<float>() + place.offset, {}, memory.device()};
}

void Training::place_parameters(const OptimizerOptions& options) {
    std::int64_t elements = 0;
    for (const Layer& layer : network_.layers())
        for (const ParameterShape& parameter : layer.shapes) {
            const Buffer shape(f32, sizes_of(parameter.shape), nullptr);
            buffers_.resize(buffers_.size() + 2);
            const int last = static_cast<int>(buffers_.size()) - 1;
            places_.push_back({last - 1, last, elements, shape.shape(), parameter});
            elements += (shape.elements() + alignment - 1) / alignment * alignment;
        }
    Buffer first(f32, {elements});
    std::mt19937_64 random(options.seed);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        std::normal_distribution<float> normal(0, 1);
        const Buffer values = view(first, i);
        const ParameterShape& wanted = places_[i].first;
        for (std::int64_t e = 0; e < values.elements(); ++e)
            values.as<float>()[e] = static_cast<float>(wanted.mean + wanted.deviation * normal(random));
    }
    parameters_ = on_target(first, target_);
    next_parameters_ = on_target(Buffer(f32, {elements}), target_);
    velocities_ = on_target(Buffer(f32, {elements}), target_);
    next_velocities_ = on_target(Buffer(f32, {elements}), target_);
    gradients_ = on_target(Buffer(f32, {elements}), target_);
    rate_ = on_target(Buffer(f32, {}), target_);
    for (std::size_t i = 0; i < places_.size(); ++i) {
        buffers_[places_[i].parameter] = view(parameters_, i);
        buffers_[places_[i].gradient] = view(gradients_, i);
    }
}

std::vector<Training::LayerPlan> Training::plan_layers() {
    std::vector<bool> learned(static_cast<std::size_t>(network_.values()), false);  // depends on parameters
    std::vector<LayerPlan> plans;
    needs_.resize(static_cast<std::size_t>(network_.values()));
    std::size_t place = 0;
    for (const Layer& layer : network_.layers()) {
        LayerPlan plan{{{layer.y.name(), layer.output}}, layer.parameters, {}};
        for (const AnyTensor& parameter : layer.parameters) {
            plan.buffers[parameter.name()] = places_[place].parameter;
            plan.buffers["d" + parameter.name()] = places_[place++].gradient;
        }
        std::set<int> needed{static_cast<int>(plans.size())};
        for (std::size_t k = 0; k < layer.inputs.size(); ++k) {
            const int input = layer.inputs[k];
            plan.buffers[layer.x[k].name()] = input;
            if (learned[input]) plan.wrt.push_back(layer.x[k]);
            needed.insert(needs_[input].begin(), needs_[input].end());
        }
        needs_[layer.output].assign(needed.begin(), needed.end());
        learned[layer.output] = !plan.wrt.empty() && is_float(layer.y.type());
        if (!learned[layer.output]) plan.wrt.clear();
        plans.push_back(std::move(plan));
    }
    return plans;
}

void Training::plan_forward(std::vector<LayerPlan>& plans) {
    const std::vector<int>& for_loss = needs_[loss_.index];
    for (std::size_t i = 0; i < plans.size(); ++i) {
        const Layer& layer = network_.layers()[i];
        LayerPlan& plan = plans[i];
        buffers_[layer.output] = memory_for(layer.y.type(), sizes_of(layer.y.shape()), target_);
        Pipeline forward = Pipeline::of({layer.y});
        if (std::find(for_loss.begin(), for_loss.end(), static_cast<int>(i)) == for_loss.end()) plan.wrt.clear();
        if (!plan.wrt.empty()) {
            const SavedGradient derived = saved_gradient(layer.y, plan.wrt);
            forward = derived.forward;
            plan.backward = derived.backward;
            for (const AnyTensor& result : forward.outputs)
                if (!plan.buffers.count(result.name())) plan.buffers[result.name()] = new_buffer(result);
        }
        forward_.push_back({layer.name, forward, by_position(forward, plan.buffers)});
    }
}

void Training::plan_backward(std::vector<LayerPlan>& plans) {
    std::map<int, std::vector<int>> parts;  // for each value, its gradients by the layers that read it
    const Buffer one(f32, {});
    one.fill(1);
    buffers_.push_back(on_target(one, target_));
    parts[loss_.index] = {static_cast<int>(buffers_.size()) - 1};
    for (std::size_t i = plans.size(); i-- > 0;) {
        const Layer& layer = network_.layers()[i];
        LayerPlan& plan = plans[i];
        if (plan.wrt.empty()) continue;
        std::vector<int>& of_y = parts[layer.output];
        if (of_y.size() > 1) {
            std::map<std::string, int> buffers{{"total", new_buffer(layer.y)}};
            for (std::size_t part = 0; part < of_y.size(); ++part) buffers["part" + std::to_string(part)] = of_y[part];
            const Pipeline sum = sum_of(layer.y, of_y.size());
            backward_.push_back({layer.name + " sum", sum, by_position(sum, buffers)});
            of_y = {buffers["total"]};
        }
        plan.buffers["d" + layer.y.name()] = of_y.at(0);
        for (std::size_t k = 0; k < layer.inputs.size(); ++k)
            if (std::find(plan.wrt.begin(), plan.wrt.end(), layer.x[k]) != plan.wrt.end())
                parts[layer.inputs[k]].push_back(plan.buffers["d" + layer.x[k].name()] = new_buffer(layer.x[k]));
        backward_.push_back({layer.name, plan.backward, by_position(plan.backward, plan.buffers)});
    }
}

void Training::compile_all(const OptimizerOptions& options) {
    const Timer timer;
    optimizer_ = {"optimizer", optimizer_step(parameters_.elements(), options), {}};
    std::vector<Call*> calls{&optimizer_};
    for (Call& call : forward_) calls.push_back(&call);
    for (Call& call : backward_) calls.push_back(&call);
    std::atomic<std::size_t> next{0};
    const auto work = [&] {
        for (std::size_t i = next++; i < calls.size(); i = next++)
            calls[i]->kernel = compile(calls[i]->pipeline, target_);
    };
    std::vector<std::future<void>> workers;
    for (int worker = 1; worker < available_cpus(); ++worker) workers.push_back(std::async(std::launch::async, work));
    work();
    for (std::future<void>& worker : workers) worker.get();
    compile_seconds_ = timer.seconds();
}

void Training::run(const Call& call) const {
    std::vector<Buffer> buffers;
    buffers.reserve(call.buffers.size());
    for (const int buffer : call.buffers) buffers.push_back(buffers_[buffer]);
    call.kernel->run(buffers);
}

NamedBuffers Training::buffers_of(const Call& call) const {
    NamedBuffers named;
    std::size_t at = 0;
    for (const auto* tensors : {&call.pipeline.inputs, &call.pipeline.outputs})
        for (const AnyTensor& tensor : *tensors) named[tensor.name()] = to_host(buffers_[call.buffers[at++]]);
    return named;
}

void Training::forward(Value value) {
    for (const int layer : needs_[value.index]) run(forward_[layer]);
}

void Training::backward() {
    for (const Call& call : backward_) run(call);
}

double Training::step(double rate) {
    forward(loss_);
    backward();
    const Buffer wanted(f32, {});
    wanted.fill(rate);
    rate_ = on_target(wanted, target_);
    const std::vector<std::pair<std::string, Buffer>> buffers{{"parameter", parameters_},
                                                              {"velocity", velocities_},
                                                              {"gradient", gradients_},
                                                              {"rate", rate_},
                                                              {"next_parameter", next_parameters_},
                                                              {"next_velocity", next_velocities_}};
    (*optimizer_.kernel)(buffers);
    std::swap(parameters_, next_parameters_);
    std::swap(velocities_, next_velocities_);
    for (std::size_t i = 0; i < places_.size(); ++i) buffers_[places_[i].parameter] = view(parameters_, i);
    return value(loss_).get({});
}

NamedBuffers Training::parameters() const {
    NamedBuffers named;
    std::size_t place = 0;
    for (const Layer& layer : network_.layers())
        for (const ParameterShape& parameter : layer.shapes)
            named[layer.name + "." + parameter.name] = to_host(buffers_[places_[place++].parameter]).copy();
    return named;
}

Buffer Training::value(Value value) const { return to_host(buffers_[value.index]); }

}  // namespace heddle::examples
