// bench/cudnn_descriptors.h -- cuDNN's descriptors of a case: made, set, and destroyed with the last copy.
#pragma once

#include <memory>

#include "bench/cudnn_api.h"
#include "bench/gpu_case.h"

namespace heddle::bench {

using CudnnTensorPointer = std::shared_ptr<cudnnTensorStruct>;
using CudnnFilterPointer = std::shared_ptr<cudnnFilterStruct>;
using CudnnConvolutionPointer = std::shared_ptr<cudnnConvolutionStruct>;
using CudnnPoolingPointer = std::shared_ptr<cudnnPoolingStruct>;

/// How the case keeps its numbers: cudnn_f32, cudnn_f16, cudnn_bf16.
int cudnn_type(Arithmetic arithmetic);

CudnnTensorPointer cudnn_tensor(Arithmetic arithmetic, ActivationLayout layout, std::int64_t n, std::int64_t c,
                                std::int64_t h, std::int64_t w);
/// K C R S, or K R S C beside N H W C.
CudnnFilterPointer cudnn_filter(Arithmetic arithmetic, ActivationLayout layout, std::int64_t k, std::int64_t c,
                                std::int64_t r, std::int64_t s);
/// Sums are in f32. Only tf32 may round f32 factors.
CudnnConvolutionPointer cudnn_convolution(Arithmetic arithmetic, const ConvolutionShape& shape);
CudnnPoolingPointer cudnn_pooling(const GpuLayer& layer);

}  // namespace heddle::bench
