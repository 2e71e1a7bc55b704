// bench/peer_cublas.h -- the peer for products: cuBLAS, on one stream.
#pragma once

#include <memory>

#include "bench/gpu_peer.h"
#include "runtime/cublas_api.h"

namespace heddle::bench {

/// A product in cuBLAS's own terms: C (m by n) = op(A) * op(B), by columns.
struct Gemm {
    int a_operation, b_operation, m, n, k, a_pitch, b_pitch, c_pitch;
    const void *a, *b;
    void* c;
};

class CublasPeer {
public:
    /// Throws UserError where there is no cuBLAS or no device.
    explicit CublasPeer(CudaStream stream = nullptr);
    /// "cuBLAS 13.1.0".
    std::string version() const;
    /// Linear layers, and convolutions that are one product: 1x1 with stride 1 and one group, channels last. Nothing
    /// for others.
    std::optional<GpuPeer> make(const GpuCase& given, ActivationLayout layout, const CaseBuffers& buffers) const;
    /// Puts a product on the stream; throws UserError where cuBLAS has none.
    void multiply(const Gemm& gemm, Arithmetic arithmetic) const;

private:
    CublasHandle handle_ = nullptr;  ///< lives as long as the process
    Buffer workspace_;
};

/// The product that a case is; nothing where it is none.
std::optional<Gemm> gemm_of(const GpuCase& given, ActivationLayout layout, const CaseBuffers& buffers);

}  // namespace heddle::bench
