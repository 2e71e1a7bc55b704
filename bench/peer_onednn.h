// bench/peer_onednn.h -- the peer: oneDNN's convolution and its gradients, with all that it prepares outside of the
// call.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "bench/layers.h"

namespace heddle::bench {

/// `any`: activations and filters in whatever layout oneDNN likes best; `given`: activations as the layer has them, the
/// filters still as oneDNN likes them.
enum class PeerLayout { any, given };

struct PeerConvolution {
    std::string implementation;      ///< as oneDNN names it: "jit:avx512_core"
    std::function<void()> call;      ///< the convolution alone
    std::function<Buffer()> result;  ///< of the last call, in the layer's layout
};

/// Nothing in a build without oneDNN, or where it has no such primitive on this machine. `inputs`: x, w, dy, those that
/// the pass reads, f32 or bf16. The data is copied (and reordered) here, before any timing. Calls run on `threads`
/// OpenMP threads of the calling thread.
std::optional<PeerConvolution> onednn_convolution(const Layer& layer, ActivationLayout layout, ConvolutionPass pass,
                                                  PeerLayout peer_layout, const NamedBuffers& inputs, int threads);
/// "oneDNN 2.6.3", or "" in a build without.
std::string onednn_version();

/// Pins the OpenMP threads of the calling thread, which stays on the first CPU, to one CPU each.
void pin_peer_threads(const std::vector<int>& cpus);

}  // namespace heddle::bench
