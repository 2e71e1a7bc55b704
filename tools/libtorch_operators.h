// tools/libtorch_operators.h -- the outside oracle and peer: the same operator with the same options by libtorch.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "dsl/evaluate.h"

namespace heddle::tools {

/// A use of an operator (`{"conv2d", "x=f32:...", "stride=2"}`) carried out by libtorch's C++ library on views of
/// `inputs`, which must live as long as it does.
class LibtorchOperator {
public:
    /// Throws UserError for a use that is none, and for an operator that libtorch has no counterpart of.
    LibtorchOperator(const std::vector<std::string>& words, const NamedBuffers& inputs);
    ~LibtorchOperator();
    LibtorchOperator(LibtorchOperator&&) noexcept;

    /// The operator, without recording for derivatives.
    void run();
    /// The outputs of the last run, as copies in the operator's layouts.
    std::vector<Buffer> results() const;

    /// The operator once, recorded for derivatives by the inputs named.
    void record(const std::vector<std::string>& wrt);
    /// The gradients of sum(seed * first output) of what was recorded.
    void run_gradient(const Buffer& seed);
    /// Those of the last run_gradient, in the order of `wrt`.
    std::vector<Buffer> gradients() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// How many threads libtorch runs on from here on.
void set_libtorch_threads(int threads);
std::string libtorch_version();

}  // namespace heddle::tools
