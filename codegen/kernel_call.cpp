// codegen/kernel_call.cpp -- the calls of a kernel: buffers checked, code for their strides found, steps run.
#include <algorithm>

#include "codegen/kernel_state.h"
#include "dsl/evaluate.h"
#include "runtime/cuda_graph.h"

namespace heddle {
namespace {

using Shape = std::vector<std::int64_t>;

std::string text_of(const Shape& shape) {
    std::string text = "[";
    for (std::size_t d = 0; d < shape.size(); ++d) text += (d ? "," : "") + std::to_string(shape[d]);
    return text + "]";
}

bool overlap(const Buffer& a, const Buffer& b) {
    const auto [a_first, a_last] = a.byte_range();
    const auto [b_first, b_last] = b.byte_range();
    return a_first < b_last && b_first < a_last;
}

}  // namespace

void Kernel::State::prepare() {
    parameters = pipeline.inputs;
    parameters.insert(parameters.end(), pipeline.outputs.begin(), pipeline.outputs.end());
    if (!dynamic()) {
        for (const AnyTensor& tensor : parameters) shapes.push_back(shape_of(tensor, {}));
        scratch = scratch_layout(plan.plan.scratch, {});
    }
    for (const PlanStep& step : plan.plan.steps) {
        std::vector<int> places;
        for (const AnyTensor& parameter : step.function.parameters) {
            int place = 0;
            for (std::size_t i = 0; i < parameters.size(); ++i)
                if (parameters[i] == parameter) place = static_cast<int>(i);
            for (std::size_t i = 0; i < plan.plan.scratch.size(); ++i)
                if (plan.plan.scratch[i] == parameter) place = -1 - static_cast<int>(i);
            places.push_back(place);
        }
        sources.push_back(std::move(places));
    }
}

std::string Kernel::State::names() const {
    std::string text;
    for (const AnyTensor& tensor : parameters) text += (text.empty() ? "" : ", ") + tensor.name();
    return text;
}

std::shared_ptr<const Kernel::State::Variant> Kernel::State::add_variant(const std::vector<Shape>& strides,
                                                                         bool aligned,
                                                                         CompileReport& compile_report) const {
    std::map<const TensorNode*, Shape> by_tensor;
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (!strides[i].empty()) by_tensor[parameters[i].node().get()] = strides[i];
    auto made = std::make_shared<Variant>();
    made->strides = strides;
    made->aligned = aligned;
    if (target.kind == TargetKind::cuda)
        made->cuda = load_cuda_code(plan, schedule, by_tensor, aligned, target, use_cache, compile_report);
    else
        made->host = load_host_code(plan, by_tensor, target, use_cache, compile_report);
    std::lock_guard lock(mutex);
    variants.push_back(made);
    return made;
}

std::shared_ptr<const Kernel::State::Variant> Kernel::State::find_variant(std::span<const Buffer> buffers,
                                                                          bool capturing) const {
    const bool aligned =
        target.kind == TargetKind::host || std::all_of(buffers.begin(), buffers.end(), [](const Buffer& buffer) {
            return reinterpret_cast<std::uintptr_t>(buffer.data()) % 16 == 0;
        });
    {
        std::lock_guard lock(mutex);
        for (const auto& candidate : variants) {
            bool fits = candidate->aligned == aligned;
            for (std::size_t i = 0; fits && i < buffers.size(); ++i)
                fits = candidate->strides[i].empty() ? buffers[i].contiguous()
                                                     : candidate->strides[i] == buffers[i].strides();
            if (fits) return candidate;
        }
    }
    std::vector<Shape> strides;
    for (const Buffer& buffer : buffers) strides.push_back(buffer.contiguous() ? Shape{} : buffer.strides());
    if (capturing)
        throw UserError("the stream is being captured, and code for these strides of " + names() +
                        " is not loaded yet: call the kernel once before the capture");
    CompileReport ignored;
    return add_variant(strides, aligned, ignored);
}

RunTimeSizes Kernel::State::check(std::span<const Buffer> buffers) const {
    if (buffers.size() != parameters.size())
        throw UserError("the kernel takes " + std::to_string(parameters.size()) + " buffers (" + names() + "), " +
                        std::to_string(buffers.size()) + " were given");
    const bool on_device = target.kind == TargetKind::cuda;
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        if (buffers[i].device().has_value() == on_device || buffers[i].elements() == 0) continue;
        throw UserError(parameters[i].name() + " lies in memory of " + (on_device ? "the host" : "a CUDA device") +
                        ", the kernel is for " + target.text() + ": pass " + (on_device ? "to_device" : "to_host") +
                        "(" + parameters[i].name() + ")");
    }
    RunTimeSizes sizes;
    if (dynamic()) {
        NamedBuffers named;
        for (std::size_t i = 0; i < buffers.size(); ++i) named[parameters[i].name()] = buffers[i];
        sizes = bind_parameters(pipeline, named);
    }
    for (std::size_t i = 0; i < buffers.size(); ++i) {
        const AnyTensor& tensor = parameters[i];
        if (buffers[i].type() != tensor.type())
            throw UserError(tensor.name() + " is " + std::string(name_of(tensor.type())) + ", the buffer given is " +
                            describe(buffers[i]));
        const Shape expected = dynamic() ? shape_of(tensor, sizes) : Shape{};
        const Shape& shape = dynamic() ? expected : shapes[i];
        if (buffers[i].shape() != shape)
            throw UserError(tensor.name() + " has shape " + text_of(shape) + ", the buffer given is " +
                            describe(buffers[i]));
        if (!buffers[i].defined()) throw UserError(tensor.name() + ": the buffer given has no memory");
    }
    for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i)
        for (int d = 0; d < buffers[i].rank(); ++d)
            if (buffers[i].strides()[d] == 0 && buffers[i].shape()[d] > 1 && buffers[i].elements() > 0)
                throw UserError("output " + parameters[i].name() + " has stride 0 in dimension " + std::to_string(d) +
                                " of extent " + std::to_string(buffers[i].shape()[d]) +
                                ": its elements would share memory");
    for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (overlap(buffers[i], buffers[j]))
                throw UserError("output " + parameters[i].name() + " overlaps " + parameters[j].name() +
                                " in memory: give it memory of its own");
    return sizes;
}

std::unique_ptr<Workspace> Kernel::State::take_workspace(const RunTimeSizes& sizes, CudaStream stream,
                                                         bool capturing) const {
    const ScratchLayout layout = dynamic() ? scratch_layout(plan.plan.scratch, sizes) : ScratchLayout{};
    const ScratchLayout& wanted = dynamic() ? layout : scratch;
    if (capturing && wanted.bytes > 0)
        throw UserError("the stream is being captured, and the kernel needs " + std::to_string(wanted.bytes) +
                        " B of scratch memory that the capture can keep: pass a workspace, or let KernelGraph capture");
    std::unique_ptr<Workspace> workspace;
    {
        std::lock_guard lock(mutex);
        const auto found = std::find_if(idle.begin(), idle.end(), [&](const auto& candidate) {
            return candidate->stream == stream && candidate->memory.elements() >= wanted.bytes;
        });
        if (found != idle.end()) {
            workspace = std::move(*found);
            idle.erase(found);
        }
    }
    if (workspace && !dynamic()) return workspace;
    if (workspace) {
        workspace->place(wanted, workspace->memory.data(), workspace->memory.device());
        workspace->packed.assign(plan.plan.steps.size(), {});
        return workspace;
    }
    workspace = std::make_unique<Workspace>(allocate_workspace(wanted, target));
    workspace->stream = stream;
    workspace->packed.resize(plan.plan.steps.size());
    return workspace;
}

void Kernel::State::give_back(std::unique_ptr<Workspace> workspace) const {
    std::vector<std::unique_ptr<Workspace>> outgrown;  // freed once the lock is
    std::lock_guard lock(mutex);
    if (dynamic())
        for (auto& other : idle)
            if (other->stream == workspace->stream && other->memory.elements() < workspace->memory.elements())
                outgrown.push_back(std::move(other));
    std::erase(idle, nullptr);
    idle.push_back(std::move(workspace));
}

// An output element that still holds the poison was never written.
void Kernel::State::poison(std::span<const Buffer> buffers, Workspace& workspace) const {
    for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i) buffers[i].poison();
    for (const Buffer& scratch : workspace.scratch) scratch.poison();
    std::fill(workspace.packed.begin(), workspace.packed.end(), Workspace::Packed{});
}

void Kernel::State::check_written(std::span<const Buffer> buffers) const {
    for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i) {
        const Buffer& buffer = buffers[i];
        if (!is_float(buffer.type())) continue;
        Buffer marker(buffer.type(), {1});
        marker.poison();
        const auto* mark = static_cast<const std::byte*>(marker.data());
        const auto size = static_cast<std::size_t>(bytes_of(buffer.type()));
        for_each_index(buffer.shape(), [&](const Shape& index) {
            const auto* element =
                static_cast<const std::byte*>(buffer.data()) + buffer.offset(index) * static_cast<std::int64_t>(size);
            if (std::equal(mark, mark + size, element))
                throw UserError(parameters[i].name() + text_of(index) + " was not written by any definition");
        });
    }
}

bool Kernel::State::is_constant(const PlanStep& step) const {
    std::lock_guard lock(mutex);
    return step.packs.defined() && constants.count(step.packs.name()) > 0;
}

bool Kernel::State::is_packed(const PlanStep& step, std::size_t index, std::span<const Buffer> buffers,
                              Workspace& workspace) const {
    const void* address = nullptr;
    Shape strides;
    for (std::size_t i = 0; i < pipeline.inputs.size(); ++i)
        if (pipeline.inputs[i] == step.packs) {
            address = buffers[i].data();
            strides = buffers[i].strides();
        }
    Workspace::Packed& last = workspace.packed[index];
    std::lock_guard lock(mutex);
    const auto constant = constants.find(step.packs.name());
    if (constant == constants.end()) {
        last = {};
        return false;
    }
    if (address && last.address == address && last.strides == strides && last.generation == constant->second)
        return true;
    last = {address, strides, constant->second};
    return false;
}

void Kernel::State::check_device(std::span<const Buffer> buffers, int device) const {
    for (std::size_t i = 0; i < buffers.size(); ++i)
        if (buffers[i].device() && *buffers[i].device() != device)
            throw UserError(parameters[i].name() + " lies in memory of CUDA device " +
                            std::to_string(*buffers[i].device()) + ", the kernel was loaded on CUDA device " +
                            std::to_string(device));
}

std::vector<std::int64_t> Kernel::State::values_of(const RunTimeSizes& sizes) const {
    std::vector<std::int64_t> values;
    for (const Symbol& symbol : pipeline.parameters) values.push_back(sizes.at(symbol));
    return values;
}

void Kernel::State::run_step(std::size_t step, const Variant& code, std::span<const Buffer> buffers,
                             std::span<const std::int64_t> sizes, const Workspace& workspace, CudaStream stream,
                             KernelReports& reports) const {
    void* addresses[64];
    const std::vector<int>& places = sources[step];
    require(places.size() <= std::size(addresses), "a step has at most 64 buffers");
    for (std::size_t i = 0; i < places.size(); ++i)
        addresses[i] = places[i] >= 0 ? buffers[places[i]].data() : workspace.scratch[-1 - places[i]].data();
    if (target.kind == TargetKind::cuda) {
        launch_step(code.cuda, step, {addresses, places.size()}, pipeline.parameters, sizes, stream);
    } else {
        const KernelArguments arguments{addresses, sizes.data(), &thread_pool(), &reports};
        code.host.functions[step](&arguments);
    }
}

void Kernel::State::call(std::span<const Buffer> buffers, CudaStream stream,
                         const std::optional<CallersMemory>& memory) const {
    const bool on_device = target.kind == TargetKind::cuda;
    const bool capturing = on_device && is_capturing(stream);
    const RunTimeSizes sizes = check(buffers);
    if (const auto other = for_buffers(buffers, capturing)) return other->call(buffers, stream, memory);
    const auto code = find_variant(buffers, capturing);
    if (on_device) check_device(buffers, code->cuda.device);
    std::unique_ptr<Workspace> workspace;
    if (memory) {
        workspace = std::make_unique<Workspace>(
            callers_workspace(dynamic() ? scratch_layout(plan.plan.scratch, sizes) : scratch, target, *memory));
        workspace->packed.resize(plan.plan.steps.size());
    } else {
        workspace = take_workspace(sizes, stream, capturing);
    }
    if (target.checks && !on_device) poison(buffers, *workspace);
    const std::vector<std::int64_t> size_values = values_of(sizes);
    KernelReports reports;
    for (std::size_t step = 0; step < plan.plan.steps.size() && reports.failed_check < 0; ++step) {
        const PlanStep& planned = plan.plan.steps[step];
        if (planned.packs.defined() && is_packed(planned, step, buffers, *workspace)) continue;
        run_step(step, *code, buffers, size_values, *workspace, stream, reports);
    }
    if (!memory) give_back(std::move(workspace));
    if (capturing) return;  // a failed check is kept on the device, for the next one that looks
    if (on_device) return check_reports(code->cuda, stream);
    if (reports.failed_check >= 0) throw UserError(message_of(code->host.messages, reports));
    if (target.checks) check_written(buffers);
}

}  // namespace heddle
