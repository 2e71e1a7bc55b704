// bench/cudnn_descriptors.cpp -- one function a kind of descriptor.
#include "bench/cudnn_descriptors.h"

#include <fmt/format.h>

#include <limits>

namespace heddle::bench {
namespace {

int narrow(std::int64_t size) {
    if (size > std::numeric_limits<int>::max())
        throw UserError(fmt::format("cuDNN takes sizes up to 2^31 - 1, not {}", size));
    return static_cast<int>(size);
}

template <class T>
std::shared_ptr<T> made(CudnnStatus (*create)(T**), CudnnStatus (*destroy)(T*), const char* what) {
    T* descriptor = nullptr;
    check_cudnn(create(&descriptor), what);
    return {descriptor, [destroy](T* owned) { destroy(owned); }};
}

int format_of(ActivationLayout layout) { return layout == ActivationLayout::nhwc ? cudnn_nhwc : cudnn_nchw; }

}  // namespace

int cudnn_type(Arithmetic arithmetic) {
    if (arithmetic == Arithmetic::f16) return cudnn_f16;
    return arithmetic == Arithmetic::bf16 ? cudnn_bf16 : cudnn_f32;
}

CudnnTensorPointer cudnn_tensor(Arithmetic arithmetic, ActivationLayout layout, std::int64_t n, std::int64_t c,
                                std::int64_t h, std::int64_t w) {
    const CudnnApi& api = cudnn_api();
    auto tensor = made(api.create_tensor, api.destroy_tensor, "cudnnCreateTensorDescriptor");
    check_cudnn(api.set_tensor(tensor.get(), format_of(layout), cudnn_type(arithmetic), narrow(n), narrow(c), narrow(h),
                               narrow(w)),
                fmt::format("cudnnSetTensor4dDescriptor of {}x{}x{}x{}", n, c, h, w));
    return tensor;
}

CudnnFilterPointer cudnn_filter(Arithmetic arithmetic, ActivationLayout layout, std::int64_t k, std::int64_t c,
                                std::int64_t r, std::int64_t s) {
    const CudnnApi& api = cudnn_api();
    auto filter = made(api.create_filter, api.destroy_filter, "cudnnCreateFilterDescriptor");
    check_cudnn(api.set_filter(filter.get(), cudnn_type(arithmetic), format_of(layout), narrow(k), narrow(c), narrow(r),
                               narrow(s)),
                fmt::format("cudnnSetFilter4dDescriptor of {}x{}x{}x{}", k, c, r, s));
    return filter;
}

CudnnConvolutionPointer cudnn_convolution(Arithmetic arithmetic, const ConvolutionShape& shape) {
    const CudnnApi& api = cudnn_api();
    auto convolution = made(api.create_convolution, api.destroy_convolution, "cudnnCreateConvolutionDescriptor");
    const int padding = narrow(shape.padding), stride = narrow(shape.stride), dilation = narrow(shape.dilation);
    check_cudnn(api.set_convolution(convolution.get(), padding, padding, stride, stride, dilation, dilation,
                                    cudnn_cross_correlation, cudnn_f32),
                "cudnnSetConvolution2dDescriptor");
    check_cudnn(api.set_groups(convolution.get(), narrow(shape.groups)), "cudnnSetConvolutionGroupCount");
    const int math = arithmetic == Arithmetic::f32    ? cudnn_fma_math
                     : arithmetic == Arithmetic::tf32 ? cudnn_default_math
                                                      : cudnn_tensor_op_math;
    check_cudnn(api.set_math(convolution.get(), math), "cudnnSetConvolutionMathType");
    return convolution;
}

CudnnPoolingPointer cudnn_pooling(const GpuLayer& layer) {
    const CudnnApi& api = cudnn_api();
    auto pooling = made(api.create_pooling, api.destroy_pooling, "cudnnCreatePoolingDescriptor");
    const int padding = narrow(layer.padding), stride = narrow(layer.stride);
    check_cudnn(api.set_pooling(
                    pooling.get(), layer.kind == LayerKind::max_pool ? cudnn_max_pooling : cudnn_average_with_padding,
                    cudnn_propagate_nan, narrow(layer.R), narrow(layer.S), padding, padding, stride, stride),
                "cudnnSetPooling2dDescriptor");
    return pooling;
}

}  // namespace heddle::bench
