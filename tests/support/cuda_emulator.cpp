// tests/support/cuda_emulator.cpp -- programs and pipelines under emulation.
#include "tests/support/cuda_emulator.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>
#include <map>

#include "codegen/cuda_plan.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/kernel.h"
#include "tests/support/cuda_emulator/compiled_text.h"
#include "tests/support/cuda_emulator/machine.h"
#include "tests/support/spoil_result.h"

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
    launch.dynamic_shared_bytes = kernel.shared_bytes;
    for (int i = 0; i < 3; ++i) {
        launch.grid[i] = static_cast<unsigned>(value_of(kernel.grid[i], memory.sizes));
        launch.block[i] = static_cast<unsigned>(value_of(kernel.block[i], memory.sizes));
        if (launch.grid[i] == 0) return;
    }
    std::copy(kernel.cluster.begin(), kernel.cluster.end(), launch.cluster);
    launch.dynamic_shared_bytes = kernel.shared_bytes;
    std::vector<AnyTensor> accessed;
    const auto buffer_of = [&](const AnyTensor& tensor) {
        const TensorNode* node = tensor.node().get();
        const Buffer& buffer = memory.buffers.at(node);
        if (std::find(accessed.begin(), accessed.end(), tensor) == accessed.end())
            launch.buffers.push_back({tensor.name(), buffer.data(), buffer.elements() * bytes_of(buffer.type()),
                                      memory.written[node], memory.constant[node]});
        accessed.push_back(tensor);
        return buffer;
    };
    std::vector<TensorMap> maps;
    for (const TensorMapParameter& map : kernel.tensor_maps) {
        const Buffer buffer = buffer_of(map.buffer);
        TensorMapRecipe recipe = map.recipe;
        for (std::size_t d = 0; d < map.sizes.size(); ++d) recipe.sizes[d] = value_of(map.sizes[d], memory.sizes);
        for (std::size_t d = 0; d < map.byte_strides.size(); ++d)
            recipe.byte_strides[d] = value_of(map.byte_strides[d], memory.sizes);
        // Device buffers lie at multiples of 256 bytes, these need not.
        if (const std::string problem = check(recipe, 256); !problem.empty())
            throw EmulationError(kernel.name + ", map of " + map.buffer.name() + ": " + problem);
        maps.push_back(make_emulated_tensor_map(recipe, buffer.data()));
    }
    for (const TensorMap& map : maps) launch.arguments.push_back(&map);
    std::vector<void*> pointers;
    for (const AnyTensor& tensor : kernel.buffers) pointers.push_back(buffer_of(tensor).data());
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
    for (const AnyTensor& tensor : accessed) memory.written[tensor.node().get()] = true;
}

// A pipeline's plan and its texts.
struct Emission {
    LoweredPlan plan;
    std::vector<CudaSource> sources;

    Emission(const Pipeline& pipeline, const Schedule& schedule, const Target& target, bool aligned = true)
        : plan(make_plan(pipeline, schedule, target, {true, false})),
          sources(cuda_sources(plan, schedule, {}, aligned)) {}
    void add_texts(std::vector<std::string>& texts) const {
        for (const CudaSource& source : sources) texts.push_back(source.text);
    }
};

NamedBuffers run(const Emission& emission, const EmulatedProgram& program, int first_text, const Pipeline& pipeline,
                 const NamedBuffers& inputs) {
    Memory memory;
    for (const auto& [symbol, value] : bind_parameters(pipeline, inputs)) memory.sizes[symbol] = Expr::integer(value);
    for (const AnyTensor& input : pipeline.inputs) {
        memory.buffers[input.node().get()] = inputs.at(input.name());
        memory.written[input.node().get()] = memory.constant[input.node().get()] = true;
    }
    NamedBuffers outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs[output.name()] = memory.add(output);
    for (const AnyTensor& scratch : emission.plan.plan.scratch) memory.add(scratch);
    std::vector<CheckMessage> messages;
    for (const CudaSource& source : emission.sources)
        messages.insert(messages.end(), source.messages.begin(), source.messages.end());
    for (std::size_t step = 0; step < emission.sources.size(); ++step)
        for (const CudaKernel& kernel : emission.sources[step].kernels)
            run_kernel(program, first_text + static_cast<int>(step), kernel, memory, messages);
    return outputs;
}

std::string compared(const NamedBuffers& found, const NamedBuffers& expected, double tolerance) {
    for (const auto& [name, buffer] : expected)
        if (std::string text = first_difference(name, found.at(name), buffer, tolerance); !text.empty()) return text;
    return {};
}

std::string with_subject(const std::string& problem, const Pipeline& pipeline, const Schedule& schedule,
                         const Target& target) {
    if (problem.empty()) return problem;
    return fmt::format("{}\nof\n{}under {}\nfor {}", problem, print(pipeline), print(schedule), target.text());
}

}  // namespace

NamedBuffers emulate(const Pipeline& pipeline, const Schedule& schedule, const Target& target,
                     const NamedBuffers& inputs, const std::function<std::string(const std::string&)>& edit,
                     bool aligned) {
    const Emission emission(pipeline, schedule, target, aligned);
    std::vector<std::string> texts;
    emission.add_texts(texts);
    if (edit) std::transform(texts.begin(), texts.end(), texts.begin(), edit);
    return run(emission, EmulatedProgram(texts), 0, pipeline, inputs);
}

std::string emulated_difference(const Compiled& oracle, const std::optional<Schedule>& schedule, const Target& target,
                                double tolerance) {
    const Pipeline& pipeline = oracle.pipeline();
    const Schedule used = schedule ? *schedule : default_schedule(pipeline, target);
    std::string problem;
    try {
        const NamedBuffers found = emulate(pipeline, used, target, oracle.inputs());
        spoil_result(pipeline, found.at(pipeline.outputs[0].name()));
        problem = compared(found, oracle.expected(), tolerance);
    } catch (const std::exception& error) {
        problem = error.what();
    }
    return with_subject(problem, pipeline, used, target);
}

std::vector<std::string> emulated_differences(const std::vector<EmulationCase>& cases, const Target& target) {
    std::vector<std::string> problems, texts;
    std::vector<std::optional<Emission>> emissions(cases.size());
    std::vector<Schedule> schedules;
    std::vector<int> first;
    const auto attempt = [&](std::size_t i, auto&& body) {
        std::string problem;
        try {
            problem = body();
        } catch (const std::exception& error) {
            problem = error.what();
        }
        if (!problem.empty())
            problems.push_back(cases[i].name + ": " + with_subject(problem, cases[i].pipeline, schedules[i], target));
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        schedules.push_back(cases[i].schedule ? *cases[i].schedule : default_schedule(cases[i].pipeline, target));
        first.push_back(static_cast<int>(texts.size()));
        attempt(i, [&] {
            emissions[i].emplace(cases[i].pipeline, schedules[i], target);
            emissions[i]->add_texts(texts);
            return std::string();
        });
    }
    const EmulatedProgram program(texts);
    for (std::size_t i = 0; i < cases.size(); ++i)
        if (emissions[i])
            attempt(i, [&] {
                return compared(run(*emissions[i], program, first[i], cases[i].pipeline, cases[i].inputs),
                                evaluate(cases[i].pipeline, cases[i].inputs), cases[i].tolerance);
            });
    return problems;
}

std::vector<EmulationCase> part_of(const std::vector<EmulationCase>& cases, int part, int parts) {
    std::vector<EmulationCase> chosen;
    for (std::size_t i = static_cast<std::size_t>(part); i < cases.size(); i += static_cast<std::size_t>(parts))
        chosen.push_back(cases[i]);
    return chosen;
}

}  // namespace heddle::test
