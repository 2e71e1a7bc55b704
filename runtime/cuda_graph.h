// runtime/cuda_graph.h -- work recorded from a stream once, and launched as a whole any number of times.
#pragma once

#include <functional>
#include <mutex>

#include "runtime/cuda_stream.h"

namespace heddle {

/// True while what is put on the stream is recorded instead of run. Then nothing may be allocated, loaded or waited
/// for.
bool is_capturing(CudaStream stream);

/// A CUDA graph. Its launches come one after the other, also from several streams. Safe from several threads at once.
class CudaGraph {
public:
    /// What is put on a stream, in order.
    using Work = std::function<void(CudaStream)>;

    /// Records what `work` puts on the stream that it is given. Throws what `work` throws, and UserError for a capture
    /// that it spoils.
    explicit CudaGraph(const Work& work);
    CudaGraph(const CudaGraph&) = delete;
    CudaGraph& operator=(const CudaGraph&) = delete;
    ~CudaGraph();

    /// Records other work in its place: where that differs in arguments alone, at little cost. Launches under way keep
    /// the old, and so do those to come where this throws.
    void record(const Work& work);
    /// Puts all of it on a stream of the context it was recorded in.
    void launch(CudaStream stream = nullptr) const;

private:
    CUgraph_st* capture(const Work& work) const;

    OwnStream recorder_;
    mutable std::mutex mutex_;
    CudaContext context_ = nullptr;
    CUgraphExec_st* executable_ = nullptr;
};

}  // namespace heddle
