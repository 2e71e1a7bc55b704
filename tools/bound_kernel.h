// tools/bound_kernel.h -- a kernel with its buffers, wherever its target keeps them.
#pragma once

#include <utility>
#include <vector>

#include "codegen/compile.h"
#include "dsl/evaluate.h"

namespace heddle::tools {

/// Runs a kernel on buffers of the host: on them, or for a CUDA target on copies of them on the device.
class BoundKernel {
public:
    BoundKernel(Kernel kernel, const NamedBuffers& inputs, const NamedBuffers& outputs);
    /// One call; it is done on return.
    void operator()() const;
    /// Brings the outputs back to the host's buffers; nothing to do for a host kernel.
    void fetch() const;

private:
    Kernel kernel_;
    std::vector<Buffer> arguments_;
    std::vector<std::pair<Buffer, std::size_t>> outputs_;  ///< the host's, and the position of their arguments
};

}  // namespace heddle::tools
