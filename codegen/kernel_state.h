// codegen/kernel_state.h -- what a Kernel holds: its plan, code for each set of strides, scratch between calls.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "codegen/compile.h"
#include "codegen/cuda_code.h"
#include "codegen/host_code.h"

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
    /// Scratch buffers of one call; kept for the next one (on CUDA: on the same stream, whose order protects them).
    struct Workspace {
        std::vector<Buffer> scratch;
        CudaStream stream = nullptr;
        /// For each packing step what it packed last: the input's view and generation; null: pack again.
        struct Packed {
            const void* address = nullptr;
            Shape strides;
            std::uint64_t generation = 0;
        };
        std::vector<Packed> packed;
    };

    Pipeline pipeline;
    Target target;
    Schedule schedule;
    CompileReport report;
    bool use_cache = true;
    LoweredPlan plan;
    std::vector<AnyTensor> parameters;  ///< inputs, then outputs
    std::vector<Shape> shapes;          ///< of the parameters, when no size is dynamic
    /// For each step, where each parameter comes from: index into `parameters`, or -1 - index into scratch.
    std::vector<std::vector<int>> sources;

    mutable std::mutex mutex;  ///< of all that follows
    mutable std::vector<std::shared_ptr<const Variant>> variants;
    mutable std::vector<std::unique_ptr<Workspace>> idle;
    std::map<std::string, std::uint64_t> constants;  ///< inputs declared constant, with their generation

    /// Fills what follows from the pipeline and the plan.
    void prepare();
    bool dynamic() const { return !pipeline.parameters.empty(); }
    /// "x, w, y".
    std::string names() const;
    std::shared_ptr<const Variant> add_variant(const std::vector<Shape>& strides, bool aligned,
                                               CompileReport& report) const;
    /// Runs on buffers by position.
    void call(std::span<const Buffer> buffers, CudaStream stream) const;

private:
    std::map<Symbol, std::int64_t> check(std::span<const Buffer> buffers) const;
    std::shared_ptr<const Variant> find_variant(std::span<const Buffer> buffers) const;
    std::unique_ptr<Workspace> take_workspace(const std::map<Symbol, std::int64_t>& sizes, CudaStream stream) const;
    void give_back(std::unique_ptr<Workspace> workspace) const;
    bool is_packed(const PlanStep& step, std::size_t index, std::span<const Buffer> buffers,
                   Workspace& workspace) const;
    void poison(std::span<const Buffer> buffers, Workspace& workspace) const;
    void check_written(std::span<const Buffer> buffers) const;
};

}  // namespace heddle
