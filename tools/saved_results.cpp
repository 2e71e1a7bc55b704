// tools/saved_results.cpp -- data for a gradient that is given results of its forward.
#include "tools/saved_results.h"

#include "codegen/compile.h"
#include "tools/measure.h"

namespace heddle::tools {

NamedBuffers make_saved_inputs(const Problem& problem, std::uint64_t seed, bool integers) {
    Problem forward = problem;
    forward.forward.reset();
    forward.pipeline = forward.written = *problem.forward;
    const NamedBuffers inputs = make_inputs(forward, seed, integers), results = make_outputs(forward, inputs);
    compile(*problem.forward, Target::host())(bind(inputs, results));

    Problem backward = problem;
    backward.forward.reset();
    for (const AnyTensor& input : problem.pipeline.inputs) {
        const std::string& name = input.name();
        if (backward.given.count(name)) continue;
        if (const auto known = inputs.find(name); known != inputs.end()) backward.given[name] = known->second;
        if (const auto known = results.find(name); known != results.end()) backward.given[name] = known->second;
    }
    return make_inputs(backward, seed, integers);
}

}  // namespace heddle::tools
