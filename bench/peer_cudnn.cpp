// bench/peer_cudnn.cpp -- a call of cuDNN for each kind and direction.
#include "bench/peer_cudnn.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "bench/cudnn_descriptors.h"
#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "runtime/text.h"

namespace heddle::bench {
namespace {

constexpr float one = 1, zero = 0;

/// The buffers of a convolution by their part in it.
struct ConvolutionBuffers {
    void *large, *small, *filter;
};

ConvolutionBuffers parts_of(const GpuCase& given, const CaseBuffers& buffers) {
    const auto memory = [&](const char* name) { return buffers.at(name).data(); };
    switch (given.pass()) {
        case ConvolutionPass::forward:
            return {memory("x"), memory("y"), memory("w")};
        case ConvolutionPass::backward_data:
            return {memory("dx"), memory("dy"), memory("w")};
        default:
            return {memory("x"), memory("dy"), memory("dw")};
    }
}

struct ConvolutionCall {
    CudnnHandle handle;
    ConvolutionPass pass;
    CudnnTensorPointer large, small;
    CudnnFilterPointer filter;
    CudnnConvolutionPointer convolution;
    ConvolutionBuffers memory;
    Buffer workspace;
    int algorithm = 0;

    std::size_t workspace_bytes() const { return static_cast<std::size_t>(workspace.elements()); }

    CudnnStatus find(std::span<CudnnPerformance> found, int& count) const {
        const CudnnApi& api = cudnn_api();
        const int most = static_cast<int>(found.size());
        const auto find_algorithm = [&](auto function, auto... arguments) {
            return function(handle, arguments..., most, &count, found.data(), workspace.data(), workspace_bytes());
        };
        switch (pass) {
            case ConvolutionPass::forward:
                return find_algorithm(api.find_forward, large.get(), memory.large, filter.get(), memory.filter,
                                      convolution.get(), small.get(), memory.small);
            case ConvolutionPass::backward_data:
                return find_algorithm(api.find_data, filter.get(), memory.filter, small.get(), memory.small,
                                      convolution.get(), large.get(), memory.large);
            default:
                return find_algorithm(api.find_filter, large.get(), memory.large, small.get(), memory.small,
                                      convolution.get(), filter.get(), memory.filter);
        }
    }

    CudnnStatus run() const {
        const CudnnApi& api = cudnn_api();
        switch (pass) {
            case ConvolutionPass::forward:
                return api.forward(handle, &one, large.get(), memory.large, filter.get(), memory.filter,
                                   convolution.get(), algorithm, workspace.data(), workspace_bytes(), &zero,
                                   small.get(), memory.small);
            case ConvolutionPass::backward_data:
                return api.backward_data(handle, &one, filter.get(), memory.filter, small.get(), memory.small,
                                         convolution.get(), algorithm, workspace.data(), workspace_bytes(), &zero,
                                         large.get(), memory.large);
            default:
                return api.backward_filter(handle, &one, large.get(), memory.large, small.get(), memory.small,
                                           convolution.get(), algorithm, workspace.data(), workspace_bytes(), &zero,
                                           filter.get(), memory.filter);
        }
    }
};

GpuPeer convolution_peer(CudnnHandle handle, const Buffer& workspace, const GpuCase& given, ActivationLayout layout,
                         const CaseBuffers& buffers) {
    const ConvolutionShape c = given.convolution();
    ConvolutionCall call{handle,
                         given.pass(),
                         cudnn_tensor(given.arithmetic, layout, c.N, c.C, c.H, c.W),
                         cudnn_tensor(given.arithmetic, layout, c.N, c.K, c.P, c.Q),
                         cudnn_filter(given.arithmetic, layout, c.K, c.C / c.groups, c.R, c.S),
                         cudnn_convolution(given.arithmetic, c),
                         parts_of(given, buffers),
                         workspace};
    std::array<CudnnPerformance, 16> found{};
    int count = 0;
    check_cudnn(call.find(found, count), fmt::format("the search for {}", given.title()));
    // Sorted by time; those that failed come last, and have the reason as their status.
    const auto end = found.begin() + count;
    const auto best = std::find_if(found.begin(), end, [&](const CudnnPerformance& p) {
        return p.status == 0 && p.workspace <= call.workspace_bytes();
    });
    if (best == end) throw UserError(fmt::format("cuDNN: no algorithm for {}", given.title()));
    call.algorithm = best->algorithm;
    if (given.arithmetic != Arithmetic::f32)
        check_cudnn(cudnn_api().set_math(call.convolution.get(), best->math), "cudnnSetConvolutionMathType");
    return {
        fmt::format("algorithm {}, workspace {}", best->algorithm, format_bytes(static_cast<double>(best->workspace))),
        [call, buffers, title = given.title()] { check_cudnn(call.run(), title); }};
}

GpuPeer pooling_peer(CudnnHandle handle, const GpuCase& given, ActivationLayout layout, const CaseBuffers& buffers) {
    const GpuLayer& l = given.layer;
    const auto large = cudnn_tensor(given.arithmetic, layout, l.N, l.C, l.H, l.W);
    const auto small = cudnn_tensor(given.arithmetic, layout, l.N, l.C, l.P, l.Q);
    const auto pooling = cudnn_pooling(l);
    const auto memory = [&](const char* name) { return buffers.at(name).data(); };
    if (given.direction == Direction::forward)
        return {"cudnnPoolingForward", [=, x = memory("x"), y = memory("y"), kept = buffers] {
                    check_cudnn(
                        cudnn_api().pooling_forward(handle, pooling.get(), &one, large.get(), x, &zero, small.get(), y),
                        "cudnnPoolingForward");
                }};
    return {"cudnnPoolingBackward",
            [=, x = memory("x"), y = memory("y"), dy = memory("dy"), dx = memory("dx"), kept = buffers] {
                check_cudnn(cudnn_api().pooling_backward(handle, pooling.get(), &one, small.get(), y, small.get(), dy,
                                                         large.get(), x, &zero, large.get(), dx),
                            "cudnnPoolingBackward");
            }};
}

GpuPeer softmax_peer(CudnnHandle handle, const GpuCase& given, const CaseBuffers& buffers) {
    const auto rows = cudnn_tensor(given.arithmetic, ActivationLayout::nchw, given.layer.N, given.layer.C, 1, 1);
    const auto memory = [&](const char* name) { return buffers.at(name).data(); };
    if (given.direction == Direction::forward)
        return {"cudnnSoftmaxForward", [=, x = memory("x"), y = memory("y"), kept = buffers] {
                    check_cudnn(cudnn_api().softmax_forward(handle, cudnn_softmax_accurate, cudnn_softmax_instance,
                                                            &one, rows.get(), x, &zero, rows.get(), y),
                                "cudnnSoftmaxForward");
                }};
    return {"cudnnSoftmaxBackward", [=, y = memory("y"), dy = memory("dy"), dx = memory("dx"), kept = buffers] {
                check_cudnn(cudnn_api().softmax_backward(handle, cudnn_softmax_accurate, cudnn_softmax_instance, &one,
                                                         rows.get(), y, rows.get(), dy, &zero, rows.get(), dx),
                            "cudnnSoftmaxBackward");
            }};
}

}  // namespace

CudnnPeer::CudnnPeer(CudaStream stream) {
    const CudnnApi& api = cudnn_api();
    cuda_context();
    check_cudnn(api.create(&handle_), "cudnnCreate");
    check_cudnn(api.set_stream(handle_, stream), "cudnnSetStream");
    workspace_ = device_buffer(u8, {std::int64_t{2} << 30});
}

std::optional<GpuPeer> CudnnPeer::make(const GpuCase& given, ActivationLayout layout,
                                       const CaseBuffers& buffers) const {
    switch (given.layer.kind) {
        case LayerKind::convolution:
        case LayerKind::transposed_convolution:
            return convolution_peer(handle_, workspace_, given, layout, buffers);
        case LayerKind::max_pool:
        case LayerKind::average_pool:
            return pooling_peer(handle_, given, layout, buffers);
        case LayerKind::softmax:
            return softmax_peer(handle_, given, buffers);
        default:
            return {};
    }
}

}  // namespace heddle::bench
