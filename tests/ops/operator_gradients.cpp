// tests/ops/operator_gradients.cpp -- uses of operators, derived.
#include "tests/ops/operator_gradients.h"

#include <algorithm>

#include "dsl/gather_pipeline.h"
#include "schedules/compare.h"
#include "tests/ops/operator_uses.h"
#include "tools/gradient_problem.h"

namespace heddle::test {

OperatorGradient::OperatorGradient(const std::string& text, std::uint64_t seed, bool integers)
    : use(text), forward(tools::make_problem(words_of(text))), derived(tools::gradient_of(forward, "all")) {
    for (tools::Problem* problem : {&forward, &derived}) problem->pipeline = gather_pipeline(problem->written);
    for (const AnyTensor& input : forward.pipeline.inputs)
        if (is_float(input.type())) wrt.push_back(input.name());
    inputs = tools::make_inputs(forward, seed, integers);
    const AnyTensor& output = forward.pipeline.outputs[0];
    std::vector<std::int64_t> shape;
    for (const Extent& extent : output.shape()) shape.push_back(extent.value());
    const Buffer dy(output.type(), shape);
    dy.fill_random(seed + 101, integers);
    inputs["dy"] = dy;
}

NamedBuffers OperatorGradient::derived_inputs() const {
    NamedBuffers read;
    for (const AnyTensor& input : derived.pipeline.inputs) read[input.name()] = inputs.at(input.name());
    return read;
}

std::vector<Buffer> OperatorGradient::evaluated() const {
    const NamedBuffers found = evaluate(derived.pipeline, derived_inputs(), EvaluatePrecision::f64);
    std::vector<Buffer> gradients;
    for (const AnyTensor& output : derived.pipeline.outputs) gradients.push_back(found.at(output.name()));
    return gradients;
}

double OperatorGradient::tolerance() const {
    if (is_exact_on_integers(derived.pipeline)) return 0;
    double widest = 0;
    for (const AnyTensor& output : derived.pipeline.outputs)
        widest = std::max(widest, 2 * tolerance_of(derived.pipeline, output.type()));
    return widest;
}

const std::vector<std::string>& differentiable_uses() {
    static const std::vector<std::string> uses = [] {
        std::vector<std::string> found;
        for (const std::string& use : operator_uses())
            if (use.find(" x=i") == std::string::npos) found.push_back(use);
        return found;
    }();
    return uses;
}

std::string in_double(std::string use) {
    for (const std::string type : {"=f32", "=f16", "=bf16"})
        for (std::size_t at; (at = use.find(type)) != std::string::npos;) use.replace(at, type.size(), "=f64");
    return use;
}

}  // namespace heddle::test
