// codegen/kernel_graph.h -- all launches of a kernel as one CUDA graph: one cheap call runs them.
#pragma once

#include <memory>
#include <span>

#include "codegen/compile.h"

namespace heddle {

/// A kernel for a CUDA target on buffers that it keeps, with scratch memory of its own. Safe from several threads at
/// once; its launches come one after the other.
///     KernelGraph graph(conv, {x, w, y});
///     for (...) graph.launch(stream);
class KernelGraph {
public:
    /// Records the launches; buffers by position, as in Kernel::run. Throws UserError for buffers that do not fit, and
    /// for a kernel of another target.
    KernelGraph(const Kernel& kernel, std::span<const Buffer> buffers);

    /// Puts the launches on a stream, and never waits. Inputs declared constant are packed before the first launch, and
    /// again after Kernel::invalidate.
    void launch(void* stream = nullptr) const;
    /// Other buffers for the launches to come, of other sizes and strides where the kernel takes them.
    void update(std::span<const Buffer> buffers);
    /// Waits for the stream, and throws UserError where an index from data was outside its extent.
    void check(void* stream = nullptr) const;

private:
    struct State;
    std::shared_ptr<State> state_;
};

}  // namespace heddle
