// bench/peer_cudnn.h -- the peer for images: cuDNN's convolutions (its own search on), pooling and softmax.
#pragma once

#include "bench/cudnn_api.h"
#include "bench/gpu_peer.h"

namespace heddle::bench {

class CudnnPeer {
public:
    /// Throws UserError where there is no cuDNN or no device.
    explicit CudnnPeer(CudaStream stream = nullptr);

    /// The fastest algorithm that cuDNN's search finds within 2 GiB of workspace (convolutions), or its one call
    /// (pooling, softmax); nothing for a case that cuDNN has no call for. The search writes the outputs.
    /// Throws UserError with cuDNN's word where it refuses the case.
    std::optional<GpuPeer> make(const GpuCase& given, ActivationLayout layout, const CaseBuffers& buffers) const;

private:
    CudnnHandle handle_ = nullptr;  ///< lives as long as the process
    Buffer workspace_;
};

}  // namespace heddle::bench
