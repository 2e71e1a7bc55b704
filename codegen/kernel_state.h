// codegen/kernel_state.h -- what a Kernel holds: its plan, code for each set of strides, scratch between calls.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "codegen/compile.h"
#include "codegen/cuda_code.h"
#include "codegen/host_code.h"
#include "codegen/workspace.h"

namespace heddle {

struct Kernel::State {
    using Shape = std::vector<std::int64_t>;

    /// Code for one set of strides (empty ones: row-major) and alignments.
    struct Variant {
        std::vector<Shape> strides;
        bool aligned = true;  ///< on CUDA: for buffers at multiples of 16 bytes
        LoadedPlan host;
        LoadedCudaPlan cuda;
    };
    Pipeline pipeline;
    Target target;
    Schedule schedule;
    CompileReport report;
    bool use_cache = true;
    LoweredPlan plan;
    std::vector<AnyTensor> parameters;  ///< inputs, then outputs
    std::vector<Shape> shapes;          ///< of the parameters, when no size is dynamic
    ScratchLayout scratch;              ///< the same
    /// For each step, where each parameter comes from: index into `parameters`, or -1 - index into scratch.
    std::vector<std::vector<int>> sources;

    mutable std::mutex mutex;  ///< of all that follows
    mutable std::vector<std::shared_ptr<const Variant>> variants;
    mutable std::vector<std::unique_ptr<Workspace>> idle;
    std::map<std::string, std::uint64_t> constants;  ///< inputs declared constant, with their generation
    mutable std::optional<bool> has_boxes;           ///< the default schedule copies boxes
    mutable std::shared_ptr<State> of_views;         ///< made by `for_buffers`

    /// Fills what follows from the pipeline and the plan.
    void prepare();
    bool dynamic() const { return !pipeline.parameters.empty(); }
    /// "x, w, y".
    std::string names() const;
    std::shared_ptr<const Variant> add_variant(const std::vector<Shape>& strides, bool aligned,
                                               CompileReport& report) const;
    /// Runs on buffers by position; scratch in `memory` where it is given.
    void call(std::span<const Buffer> buffers, CudaStream stream,
              const std::optional<CallersMemory>& memory = {}) const;

    /// Another kernel of the same pipeline where this one's default schedule copies boxes of tensors that lie row-major
    /// at multiples of 16 bytes, and these buffers do not; else null. `capturing`: it is refused where it is not made
    /// yet.
    std::shared_ptr<State> for_buffers(std::span<const Buffer> buffers, bool capturing) const;

    // The parts of a call.
    /// The run-time sizes; throws UserError for buffers that do not fit the kernel.
    RunTimeSizes check(std::span<const Buffer> buffers) const;
    /// Code for the strides of these buffers, loaded now where it is not; `capturing`: that is refused.
    std::shared_ptr<const Variant> find_variant(std::span<const Buffer> buffers, bool capturing) const;
    /// Throws UserError for a buffer on another device than the one that code is loaded on.
    void check_device(std::span<const Buffer> buffers, int device) const;
    bool is_constant(const PlanStep& step) const;
    /// True where the scratch of this packing step holds the input's values; else notes that it is about to.
    bool is_packed(const PlanStep& step, std::size_t index, std::span<const Buffer> buffers,
                   Workspace& workspace) const;
    /// Runs one step; `sizes` in the order of the pipeline's parameters.
    void run_step(std::size_t step, const Variant& code, std::span<const Buffer> buffers,
                  std::span<const std::int64_t> sizes, const Workspace& workspace, CudaStream stream,
                  KernelReports& reports) const;
    std::vector<std::int64_t> values_of(const RunTimeSizes& sizes) const;

private:
    std::unique_ptr<Workspace> take_workspace(const RunTimeSizes& sizes, CudaStream stream, bool capturing) const;
    void give_back(std::unique_ptr<Workspace> workspace) const;
    void poison(std::span<const Buffer> buffers, Workspace& workspace) const;
    void check_written(std::span<const Buffer> buffers) const;
};

}  // namespace heddle
