// tools/gradient_problem.cpp -- the gradients of a problem's output, as a problem of its own.
#include "tools/gradient_problem.h"

#include <fmt/format.h>

#include "dsl/gradient.h"
#include "dsl/saved_gradient.h"
#include "runtime/text.h"

namespace heddle::tools {
namespace {

std::vector<AnyTensor> inputs_named(const Pipeline& pipeline, const std::string& names) {
    std::vector<AnyTensor> found;
    std::vector<std::string> known;
    for (const AnyTensor& input : pipeline.inputs) {
        known.push_back(input.name());
        if (names == "all" && is_float(input.type())) found.push_back(input);
    }
    if (names == "all") {
        if (found.empty()) throw UserError("--grad all: no input holds floats");
        return found;
    }
    for (const std::string& name : split_names(names)) {
        const AnyTensor tensor = pipeline.find(name);
        if (!tensor.defined() || tensor.has_definition())
            throw UserError(fmt::format("--grad: '{}' is not an input; the inputs are {}{}", name, join(known, ", "),
                                        did_you_mean(name, known)));
        found.push_back(tensor);
    }
    return found;
}

}  // namespace

std::vector<std::string> split_names(std::string names) {
    std::vector<std::string> found;
    names += ",";
    for (std::size_t comma; (comma = names.find(',')) != std::string::npos; names.erase(0, comma + 1))
        found.push_back(names.substr(0, comma));
    return found;
}

Problem gradient_of(const Problem& problem, const std::string& names, const std::string& saved) {
    const std::vector<AnyTensor> wrt = inputs_named(problem.pipeline, names);
    AnyTensor output;
    for (const AnyTensor& each : problem.pipeline.outputs)
        if (!output.defined() && is_float(each.type())) output = each;
    if (!output.defined()) output = problem.pipeline.outputs[0];
    const AnyTensor seed("dy", output.type(), output.shape());
    Problem result = problem;
    result.title = fmt::format("gradient of {} by {}", problem.title, names);
    if (saved.empty()) {
        result.pipeline = result.written = Pipeline::of(gradient(output, wrt, seed));
    } else {
        const SavedGradient given =
            saved_gradient(output, wrt, seed, saved == "all" ? std::vector<std::string>{} : split_names(saved));
        result.forward = given.forward;
        result.pipeline = result.written = given.backward;
        result.title += given.saved.empty() ? ", nothing saved" : fmt::format(", {} saved", join(given.saved, ", "));
        return result;  // what is given for the forward's inputs is given to the forward
    }
    std::erase_if(result.given, [&](const auto& named) { return !result.pipeline.find(named.first).defined(); });
    std::erase_if(result.shapes, [&](const auto& named) { return !result.pipeline.find(named.first).defined(); });
    return result;
}

}  // namespace heddle::tools
