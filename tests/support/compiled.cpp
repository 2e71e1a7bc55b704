// tests/support/compiled.cpp -- compiling, running on guarded buffers, and comparing.
#include "tests/support/compiled.h"

#include <fmt/core.h>

#include <cmath>
#include <cstring>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/spoil_result.h"

namespace heddle::test {
namespace {

constexpr std::int64_t margin = 128;  // bytes before and after an output
constexpr int mark = 0x5c;

// An output in the middle of marked memory.
struct Guarded {
    Guarded(ScalarType type, const std::vector<std::int64_t>& shape)
        : memory(ScalarType::u8, {Buffer(type, shape).elements() * bytes_of(type) + 2 * margin}) {
        std::memset(memory.data(), mark, static_cast<std::size_t>(memory.elements()));
        view = Buffer(type, shape, static_cast<std::byte*>(memory.data()) + margin);
        view.poison();
    }
    bool intact() const {
        const auto* bytes = static_cast<const unsigned char*>(memory.data());
        for (std::int64_t i = 0; i < margin; ++i)
            if (bytes[i] != mark || bytes[memory.elements() - 1 - i] != mark) return false;
        return true;
    }
    Buffer memory, view;
};

bool same(double found, double expected, double tolerance) {
    if (std::isnan(found) || std::isnan(expected)) return std::isnan(found) && std::isnan(expected);
    if (found == expected) return true;
    return std::abs(found - expected) <= tolerance * std::max(1.0, std::abs(expected));
}

}  // namespace

std::string first_difference(const std::string& name, const Buffer& found, const Buffer& expected, double tolerance) {
    if (found.type() != expected.type() || found.shape() != expected.shape())
        return fmt::format("{} is {}, not {}", name, describe(found), describe(expected));
    std::string text;
    std::int64_t count = 0;
    for_each_index(expected.shape(), [&](const std::vector<std::int64_t>& index) {
        if (same(found.get(index), expected.get(index), tolerance)) return;
        if (count++) return;
        for (const std::int64_t i : index) text += fmt::format("{}{}", text.empty() ? "" : ",", i);
        text = fmt::format("{}[{}] is {}, not {}", name, text, found.get(index), expected.get(index));
    });
    if (count > 1) text += fmt::format(" ({} of {} elements differ)", count, expected.elements());
    return text;
}

Kernel compile_here(const Pipeline& pipeline, const std::optional<Schedule>& schedule, const Target& target) {
    CompileOptions options;
    options.schedule = schedule ? *schedule : default_schedule(pipeline, target);
    options.use_cache = options.use_database = false;
    options.verify = true;
    return compile(pipeline, target, options);
}

NamedBuffers run_kernel(const Kernel& kernel, const NamedBuffers& inputs) {
    std::vector<std::pair<std::string, Buffer>> arguments(inputs.begin(), inputs.end());
    NamedBuffers outputs;
    for (const AnyTensor& output : kernel.pipeline().outputs) {
        std::vector<std::int64_t> shape;
        for (const Extent& extent : output.shape()) shape.push_back(extent.value());
        const Buffer buffer(output.type(), shape);
        buffer.poison();
        outputs[output.name()] = buffer;
        arguments.emplace_back(output.name(), buffer);
    }
    kernel(arguments);
    return outputs;
}

Compiled::Compiled(Pipeline pipeline, NamedBuffers inputs, double tolerance)
    : pipeline_(std::move(pipeline)),
      inputs_(std::move(inputs)),
      expected_(evaluate(pipeline_, inputs_)),
      tolerance_(tolerance) {}
Compiled::Compiled(Pipeline pipeline, double tolerance)
    : Compiled(pipeline, random_inputs(pipeline, 1, true), tolerance) {}
Compiled::Compiled(const std::string& text, double tolerance) : Compiled(parse_pipeline(text), tolerance) {}

std::string Compiled::difference(const std::optional<Schedule>& schedule, const Target& target) const {
    std::string problem;
    try {
        problem = run(schedule, target);
    } catch (const std::exception& error) {
        problem = error.what();
    }
    if (problem.empty()) return problem;
    return fmt::format("{}\nof\n{}under {}\nfor {}", problem, print(pipeline_),
                       print(schedule ? *schedule : default_schedule(pipeline_, target)), target.text());
}

std::string Compiled::difference(const std::string& schedule, const Target& target) const {
    return difference(parse_schedule(schedule), target);
}

std::string Compiled::run(const std::optional<Schedule>& schedule, const Target& target) const {
    const Kernel kernel = compile_here(pipeline_, schedule, target);
    std::vector<std::pair<std::string, Buffer>> arguments(inputs_.begin(), inputs_.end());
    std::vector<Guarded> outputs;
    for (const auto& [name, expected] : expected_) {
        outputs.emplace_back(expected.type(), expected.shape());
        arguments.emplace_back(name, outputs.back().view);
    }
    kernel(arguments);
    if (!outputs.empty()) spoil_result(pipeline_, outputs[0].view);
    std::size_t i = 0;
    for (const auto& [name, expected] : expected_) {
        if (!outputs[i].intact()) return "memory beside " + name + " was written";
        if (std::string text = first_difference(name, outputs[i++].view, expected, tolerance_); !text.empty())
            return text;
    }
    return {};
}

}  // namespace heddle::test
