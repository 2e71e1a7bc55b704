// runtime/cuda_graph.cpp -- stream capture, instantiation and update of CUDA graphs through the driver.
#include "runtime/cuda_graph.h"

#include <fmt/format.h>

#include <memory>

#include "runtime/cuda_driver.h"
#include "runtime/cuda_module.h"
#include "runtime/error.h"

namespace heddle {
namespace {

constexpr int of_this_thread = 1;  // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: other threads may allocate meanwhile

struct DestroyGraph {
    void operator()(CUgraph_st* graph) const { cuda_api().graph_destroy(graph); }
};
using GraphHandle = std::unique_ptr<CUgraph_st, DestroyGraph>;

}  // namespace

bool is_capturing(CudaStream stream) {
    if (stream == nullptr) return false;  // the default stream cannot be captured
    int status = 0;
    check_cuda(cuda_api().stream_capturing(stream, &status), "asking whether a CUDA stream is captured");
    return status != 0;
}

CudaGraph::CudaGraph(const Work& work) : context_(cuda_context()) { record(work); }

CudaGraph::~CudaGraph() {
    if (executable_ == nullptr) return;
    if (const CudaContextScope scope(context_); scope.entered()) cuda_api().graph_exec_destroy(executable_);
}

CUgraph_st* CudaGraph::capture(const Work& work) const {
    const CudaApi& api = cuda_api();
    CUgraph_st* graph = nullptr;
    check_cuda(api.begin_capture(recorder_.get(), of_this_thread), "beginning to record a CUDA graph");
    try {
        work(recorder_.get());
    } catch (...) {
        api.end_capture(recorder_.get(), &graph);
        if (graph != nullptr) api.graph_destroy(graph);
        throw;
    }
    check_cuda(api.end_capture(recorder_.get(), &graph), "recording a CUDA graph");
    return graph;
}

void CudaGraph::record(const Work& work) {
    const std::lock_guard lock(mutex_);
    if (cuda_context() != context_)
        throw UserError(
            "the current CUDA context is not the one that the graph was recorded in; make that one current");
    const CudaApi& api = cuda_api();
    const GraphHandle graph(capture(work));
    CudaGraphUpdate update;
    if (executable_ != nullptr && api.graph_update != nullptr &&
        api.graph_update(executable_, graph.get(), &update) == cuda_success)
        return;
    CUgraphExec_st* made = nullptr;
    check_cuda(api.graph_instantiate(&made, graph.get(), 0), "making a CUDA graph ready to launch");
    if (executable_ != nullptr) api.graph_exec_destroy(executable_);
    executable_ = made;
}

void CudaGraph::launch(CudaStream stream) const {
    const std::lock_guard lock(mutex_);
    if (cuda_context() != context_)
        throw UserError(
            "the current CUDA context is not the one that the graph was recorded in; make that one current");
    const CudaResult result = cuda_api().graph_launch(executable_, stream);
    if (result == cuda_success) return;
    const std::string last = cuda_context_lost(result) ? last_cuda_launch() : std::string();
    throw UserError(fmt::format("launching a CUDA graph: {}{}", cuda_error_text(result),
                                last.empty() ? "" : fmt::format("; last launched: {}", last)));
}

}  // namespace heddle
