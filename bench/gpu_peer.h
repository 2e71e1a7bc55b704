// bench/gpu_peer.h -- another library's kernel for a race: a call on buffers that the race has made.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "bench/gpu_case.h"
#include "runtime/buffer.h"

namespace heddle::bench {

/// Device buffers of one layout by the names of the definition. A gradient of max pooling has x and y besides, which
/// cuDNN reads.
using CaseBuffers = std::map<std::string, Buffer>;

struct GpuPeer {
    std::string detail;          ///< algorithm and workspace
    std::function<void()> call;  ///< writes the case's outputs
};

}  // namespace heddle::bench
