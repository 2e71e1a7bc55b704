// tests/support/cuda_emulator.cpp -- programs and pipelines under emulation.
#include "tests/support/cuda_emulator.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "codegen/cuda_plan.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/kernel.h"
#include "tests/support/cuda_emulator/compiled_text.h"
#include "tests/support/cuda_emulator/machine.h"

namespace heddle::test {

struct EmulatedProgram::State {
    CompiledText text;
};

EmulatedProgram::EmulatedProgram(const std::vector<std::string>& texts)
    : state_(std::make_unique<State>(State{CompiledText(texts)})) {}
EmulatedProgram::~EmulatedProgram() = default;
EmulatedProgram::EmulatedProgram(EmulatedProgram&&) noexcept = default;
EmulatedProgram& EmulatedProgram::operator=(EmulatedProgram&&) noexcept = default;

void EmulatedProgram::launch(const EmulatedLaunch& launch, int text) const {
    const ShimKernel* kernel = state_->text.find(text, launch.kernel);
    if (!kernel) throw EmulationError("text " + std::to_string(text) + " has no kernel " + launch.kernel);
    machine().run(launch, *kernel, state_->text);
}

namespace {

std::int64_t value_of(const Expr& extent, const Substitution& sizes) {
    const Expr value = extent.as<IntImm>() ? extent : simplify(substitute(extent, sizes));
    const auto* constant = value.as<IntImm>();
    require(constant != nullptr, "a size is known once all run-time sizes are");
    return constant->value;
}

// A pipeline's buffers, by tensor.
struct Memory {
    std::map<const TensorNode*, Buffer> buffers;
    std::map<const TensorNode*, bool> written, constant;
    Substitution sizes;

    Buffer add(const AnyTensor& tensor) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : tensor.shape()) shape.push_back(value_of(extent.expr(), sizes));
        Buffer buffer(tensor.type(), shape);
        buffer.poison();
        buffers[tensor.node().get()] = buffer;
        return buffer;
    }
};

void run_kernel(const EmulatedProgram& program, int text, const CudaKernel& kernel, Memory& memory,
                const std::vector<CheckMessage>& messages) {
    EmulatedLaunch launch;
    launch.kernel = kernel.name;
    for (int i = 0; i < 3; ++i) {
        launch.grid[i] = static_cast<unsigned>(value_of(kernel.grid[i], memory.sizes));
        launch.block[i] = static_cast<unsigned>(value_of(kernel.block[i], memory.sizes));
        if (launch.grid[i] == 0) return;
    }
    std::vector<void*> pointers;
    for (const AnyTensor& tensor : kernel.buffers) {
        const TensorNode* node = tensor.node().get();
        const Buffer& buffer = memory.buffers.at(node);
        pointers.push_back(buffer.data());
        launch.buffers.push_back({tensor.name(), buffer.data(), buffer.elements() * bytes_of(buffer.type()),
                                  memory.written[node], memory.constant[node]});
    }
    std::vector<std::int64_t> sizes;
    for (const Symbol& size : kernel.sizes) sizes.push_back(value_of(Expr(size), memory.sizes));
    KernelReports reports;
    void* reports_address = &reports;
    for (void*& pointer : pointers) launch.arguments.push_back(&pointer);
    for (std::int64_t& size : sizes) launch.arguments.push_back(&size);
    if (kernel.reports) {
        launch.arguments.push_back(&reports_address);
        launch.buffers.push_back({"the reports", &reports, sizeof reports, true, false});
    }
    program.launch(launch, text);
    if (reports.failed_check >= 0) throw UserError(message_of(messages, reports));
    for (const AnyTensor& tensor : kernel.buffers) memory.written[tensor.node().get()] = true;
}

}  // namespace

std::vector<std::string> emulation_texts(const Pipeline& pipeline, const Schedule& schedule, const Target& target) {
    std::vector<std::string> texts;
    for (const CudaSource& source : cuda_sources(make_plan(pipeline, schedule, target, {true, false}), schedule))
        texts.push_back(source.text);
    return texts;
}

NamedBuffers emulate(const Pipeline& pipeline, const Schedule& schedule, const Target& target,
                     const NamedBuffers& inputs, const EmulatedProgram* program, int first_text) {
    const LoweredPlan plan = make_plan(pipeline, schedule, target, {true, false});
    const std::vector<CudaSource> sources = cuda_sources(plan, schedule);
    std::optional<EmulatedProgram> own;
    if (!program) {
        std::vector<std::string> texts;
        for (const CudaSource& source : sources) texts.push_back(source.text);
        own.emplace(texts);
        program = &*own;
    }
    Memory memory;
    for (const auto& [symbol, value] : bind_parameters(pipeline, inputs)) memory.sizes[symbol] = Expr::integer(value);
    for (const AnyTensor& input : pipeline.inputs) {
        memory.buffers[input.node().get()] = inputs.at(input.name());
        memory.written[input.node().get()] = memory.constant[input.node().get()] = true;
    }
    NamedBuffers outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs[output.name()] = memory.add(output);
    for (const AnyTensor& scratch : plan.plan.scratch) memory.add(scratch);
    std::vector<CheckMessage> messages;
    for (const CudaSource& source : sources)
        messages.insert(messages.end(), source.messages.begin(), source.messages.end());
    for (std::size_t step = 0; step < sources.size(); ++step)
        for (const CudaKernel& kernel : sources[step].kernels)
            run_kernel(*program, first_text + static_cast<int>(step), kernel, memory, messages);
    return outputs;
}

}  // namespace heddle::test
