// codegen/kernel_graph.cpp -- a kernel's launches recorded in a graph; packing of constant inputs beside it.
#include "codegen/kernel_graph.h"

#include <mutex>

#include "codegen/kernel_state.h"
#include "runtime/cuda_graph.h"

namespace heddle {

struct KernelGraph::State {
    Kernel kernel;
    mutable std::mutex mutex;  ///< of all that follows
    std::vector<Buffer> buffers;
    std::vector<std::int64_t> sizes;
    std::shared_ptr<const Kernel::State::Variant> code;
    mutable Workspace workspace;
    std::vector<std::size_t> packed_beside;  ///< steps that are not in the graph: they pack constant inputs
    std::unique_ptr<CudaGraph> graph;

    explicit State(const Kernel& of) : kernel(of) {}
    void record(std::span<const Buffer> given);
    void pack(CudaStream stream) const;
};

void KernelGraph::State::record(std::span<const Buffer> given) {
    if (const auto other = kernel.state().for_buffers(given, false)) {
        kernel = Kernel(other);
        graph.reset();
    }
    const Kernel::State& k = kernel.state();
    if (k.target.kind != TargetKind::cuda)
        throw UserError("a CUDA graph of a kernel for the target " + k.target.text() + ": compile it for cuda");
    const RunTimeSizes run_time_sizes = k.check(given);
    const auto found = k.find_variant(given, false);
    k.check_device(given, found->cuda.device);
    Workspace fresh;
    const bool keeps_workspace = graph && !k.dynamic();
    if (!keeps_workspace) {
        fresh = allocate_workspace(scratch_layout(k.plan.plan.scratch, run_time_sizes), k.target);
        fresh.packed.resize(k.plan.plan.steps.size());
    }
    const std::vector<std::int64_t> values = k.values_of(run_time_sizes);
    std::vector<std::size_t> beside;
    const auto work = [&](CudaStream stream) {
        KernelReports unused;  // those of a device are on the device
        for (std::size_t step = 0; step < k.plan.plan.steps.size(); ++step) {
            if (k.is_constant(k.plan.plan.steps[step]))
                beside.push_back(step);
            else
                k.run_step(step, *found, given, values, keeps_workspace ? workspace : fresh, stream, unused);
        }
    };
    if (graph)
        graph->record(work);
    else
        graph = std::make_unique<CudaGraph>(work);
    if (!keeps_workspace) workspace = std::move(fresh);
    buffers.assign(given.begin(), given.end());
    sizes = values;
    code = found;
    packed_beside = beside;
}

void KernelGraph::State::pack(CudaStream stream) const {
    const Kernel::State& k = kernel.state();
    KernelReports unused;
    for (const std::size_t step : packed_beside)
        if (!k.is_packed(k.plan.plan.steps[step], step, buffers, workspace))
            k.run_step(step, *code, buffers, sizes, workspace, stream, unused);
}

KernelGraph::KernelGraph(const Kernel& kernel, std::span<const Buffer> buffers)
    : state_(std::make_shared<State>(kernel)) {
    state_->record(buffers);
}

void KernelGraph::launch(void* stream) const {
    const std::lock_guard lock(state_->mutex);
    state_->pack(static_cast<CudaStream>(stream));
    state_->graph->launch(static_cast<CudaStream>(stream));
}

void KernelGraph::update(std::span<const Buffer> buffers) {
    const std::lock_guard lock(state_->mutex);
    state_->record(buffers);
}

void KernelGraph::check(void* stream) const {
    const std::lock_guard lock(state_->mutex);
    check_reports(state_->code->cuda, static_cast<CudaStream>(stream));
}

}  // namespace heddle
