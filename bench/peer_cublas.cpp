// bench/peer_cublas.cpp -- row-major products as cuBLAS's products by columns.
#include "bench/peer_cublas.h"

#include <fmt/format.h>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"

namespace heddle::bench {
namespace {

constexpr std::int64_t workspace_bytes = 64 << 20;

int cublas_type(Arithmetic arithmetic) {
    if (arithmetic == Arithmetic::f16) return cublas_f16;
    return arithmetic == Arithmetic::bf16 ? cublas_bf16 : cublas_f32;
}

}  // namespace

CublasPeer::CublasPeer(CudaStream stream) {
    const CublasApi& api = cublas_api();
    cuda_context();
    check_cublas(api.create(&handle_), "cublasCreate");
    check_cublas(api.set_stream(handle_, stream), "cublasSetStream");
    workspace_ = device_buffer(u8, {workspace_bytes});
    check_cublas(api.set_workspace(handle_, workspace_.data(), workspace_bytes), "cublasSetWorkspace");
}

std::string CublasPeer::version() const {
    int version = 0;  // 130100 is 13.1.0
    check_cublas(cublas_api().version(handle_, &version), "cublasGetVersion");
    return fmt::format("cuBLAS {}.{}.{}", version / 10000, version / 100 % 100, version % 100);
}

void CublasPeer::multiply(const Gemm& g, Arithmetic arithmetic) const {
    const float one = 1, zero = 0;
    const int type = cublas_type(arithmetic);
    const int compute = arithmetic == Arithmetic::tf32 ? cublas_compute_tf32 : cublas_compute_f32;
    check_cublas(
        cublas_api().gemm(handle_, g.a_operation, g.b_operation, g.m, g.n, g.k, &one, g.a, type, g.a_pitch, g.b, type,
                          g.b_pitch, &zero, g.c, type, g.c_pitch, compute, cublas_default_algorithm),
        fmt::format("cublasGemmEx of {} by {} by {}, {}", g.m, g.n, g.k, name_of(arithmetic)));
}

// A row-major matrix is the transpose of the same memory by columns: y[N,K] = x[N,C] w[K,C]^T is, by columns,
// y (K by N) = w (C by K)^T * x (C by N).
std::optional<Gemm> gemm_of(const GpuCase& given, ActivationLayout layout, const CaseBuffers& buffers) {
    const GpuLayer& l = given.layer;
    const bool point = l.kind == LayerKind::convolution && layout == ActivationLayout::nhwc && l.R == 1 && l.S == 1 &&
                       l.stride == 1 && l.padding == 0 && l.groups == 1;
    if (l.kind != LayerKind::linear && !point) return {};
    const int N = static_cast<int>(l.N * l.H * l.W), C = static_cast<int>(l.C), K = static_cast<int>(l.K);
    const auto memory = [&](const char* name) { return buffers.at(name).data(); };
    switch (given.direction) {
        case Direction::forward:
            return Gemm{cublas_transposed, cublas_plain, K, N, C, C, C, K, memory("w"), memory("x"), memory("y")};
        case Direction::dx:
            return Gemm{cublas_plain, cublas_plain, C, N, K, C, K, C, memory("w"), memory("dy"), memory("dx")};
        default:
            return Gemm{cublas_plain, cublas_transposed, C, K, N, C, K, C, memory("x"), memory("dy"), memory("dw")};
    }
}

std::optional<GpuPeer> CublasPeer::make(const GpuCase& given, ActivationLayout layout,
                                        const CaseBuffers& buffers) const {
    const std::optional<Gemm> gemm = gemm_of(given, layout, buffers);
    if (!gemm) return {};
    return GpuPeer{fmt::format("cublasGemmEx {} by {} by {}", gemm->m, gemm->n, gemm->k),
                   [this, gemm, buffers, arithmetic = given.arithmetic] { multiply(*gemm, arithmetic); }};
}

}  // namespace heddle::bench
