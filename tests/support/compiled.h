// tests/support/compiled.h -- what compiled code gives, beside what evaluate() gives.
#pragma once

#include <optional>
#include <string>

#include "codegen/compile.h"
#include "dsl/evaluate.h"

namespace heddle::test {

/// A pipeline with its inputs and the values that evaluate() gives, to hold compiled code against.
class Compiled {
public:
    /// Without inputs: whole random numbers in [-3, 3] for every input. `tolerance`: of floats, relative to values of
    /// at least 1; 0: to the last bit (NaN equals NaN).
    explicit Compiled(Pipeline pipeline, double tolerance = 0);
    Compiled(Pipeline pipeline, NamedBuffers inputs, double tolerance = 0);
    /// From the text form.
    explicit Compiled(const std::string& text, double tolerance = 0);

    /// Compiles with the verifier after each pass, runs on poisoned outputs, and says what is wrong: the first element
    /// that differs, memory written beside an output, or an error's text; "" when all is well.
    /// No schedule: the default one.
    std::string difference(const std::optional<Schedule>& schedule = {}, const Target& target = Target::host()) const;
    std::string difference(const std::string& schedule, const Target& target = Target::host()) const;

    const Pipeline& pipeline() const { return pipeline_; }
    const NamedBuffers& inputs() const { return inputs_; }
    const NamedBuffers& expected() const { return expected_; }

private:
    std::string run(const std::optional<Schedule>& schedule, const Target& target) const;

    Pipeline pipeline_;
    NamedBuffers inputs_, expected_;
    double tolerance_ = 0;
};

/// The first element in which two buffers differ: "y[0,1] is 2, not 3"; "" when none does.
std::string first_difference(const std::string& name, const Buffer& found, const Buffer& expected,
                             double tolerance = 0);
/// Compiles without looking at caches and databases.
Kernel compile_here(const Pipeline& pipeline, const std::optional<Schedule>& schedule = {},
                    const Target& target = Target::host());
/// Runs a kernel on inputs by name; outputs are poisoned before.
NamedBuffers run_kernel(const Kernel& kernel, const NamedBuffers& inputs);

}  // namespace heddle::test
