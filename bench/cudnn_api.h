// bench/cudnn_api.h -- what the benchmarks call of cuDNN 9: handles, constants and a table of functions, declared here.
//
// Nothing of cuDNN is needed to build. The library is opened when it is first asked for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/cuda_api.h"

struct cudnnContext;
struct cudnnTensorStruct;
struct cudnnFilterStruct;
struct cudnnConvolutionStruct;
struct cudnnPoolingStruct;

namespace heddle::bench {

using CudnnHandle = cudnnContext*;
using CudnnTensor = cudnnTensorStruct*;
using CudnnFilter = cudnnFilterStruct*;
using CudnnConvolution = cudnnConvolutionStruct*;
using CudnnPooling = cudnnPoolingStruct*;
using CudnnStatus = int;

enum CudnnType { cudnn_f32 = 0, cudnn_f16 = 2, cudnn_bf16 = 9 };
enum CudnnFormat { cudnn_nchw = 0, cudnn_nhwc = 1 };
enum CudnnConvolutionMode { cudnn_cross_correlation = 1 };
/// `cudnn_default_math` lets f32 products be tf32, `cudnn_fma_math` does not.
enum CudnnMath { cudnn_default_math = 0, cudnn_tensor_op_math = 1, cudnn_fma_math = 3 };
enum CudnnPoolingMode { cudnn_max_pooling = 0, cudnn_average_with_padding = 1 };
enum CudnnNan { cudnn_propagate_nan = 1 };
enum CudnnSoftmax { cudnn_softmax_accurate = 1 };
enum CudnnSoftmaxMode { cudnn_softmax_instance = 0 };

/// One algorithm as a search reports it, for all three passes of a convolution.
struct CudnnPerformance {
    int algorithm;
    CudnnStatus status;
    float milliseconds;
    std::size_t workspace;
    int determinism;
    int math;
    int reserved[3];
};

/// X(member, "symbol", argument types).
#define HEDDLE_CUDNN_FUNCTIONS(X)                                                                                     \
    X(create, "cudnnCreate", CudnnHandle*)                                                                            \
    X(set_stream, "cudnnSetStream", CudnnHandle, CudaStream)                                                          \
    X(create_tensor, "cudnnCreateTensorDescriptor", CudnnTensor*)                                                     \
    X(destroy_tensor, "cudnnDestroyTensorDescriptor", CudnnTensor)                                                    \
    X(set_tensor, "cudnnSetTensor4dDescriptor", CudnnTensor, int, int, int, int, int, int)                            \
    X(create_filter, "cudnnCreateFilterDescriptor", CudnnFilter*)                                                     \
    X(destroy_filter, "cudnnDestroyFilterDescriptor", CudnnFilter)                                                    \
    X(set_filter, "cudnnSetFilter4dDescriptor", CudnnFilter, int, int, int, int, int, int)                            \
    X(create_convolution, "cudnnCreateConvolutionDescriptor", CudnnConvolution*)                                      \
    X(destroy_convolution, "cudnnDestroyConvolutionDescriptor", CudnnConvolution)                                     \
    X(set_convolution, "cudnnSetConvolution2dDescriptor", CudnnConvolution, int, int, int, int, int, int, int, int)   \
    X(set_groups, "cudnnSetConvolutionGroupCount", CudnnConvolution, int)                                             \
    X(set_math, "cudnnSetConvolutionMathType", CudnnConvolution, int)                                                 \
    X(find_forward, "cudnnFindConvolutionForwardAlgorithmEx", CudnnHandle, CudnnTensor, const void*, CudnnFilter,     \
      const void*, CudnnConvolution, CudnnTensor, void*, int, int*, CudnnPerformance*, void*, std::size_t)            \
    X(find_data, "cudnnFindConvolutionBackwardDataAlgorithmEx", CudnnHandle, CudnnFilter, const void*, CudnnTensor,   \
      const void*, CudnnConvolution, CudnnTensor, void*, int, int*, CudnnPerformance*, void*, std::size_t)            \
    X(find_filter, "cudnnFindConvolutionBackwardFilterAlgorithmEx", CudnnHandle, CudnnTensor, const void*,            \
      CudnnTensor, const void*, CudnnConvolution, CudnnFilter, void*, int, int*, CudnnPerformance*, void*,            \
      std::size_t)                                                                                                    \
    X(forward, "cudnnConvolutionForward", CudnnHandle, const void*, CudnnTensor, const void*, CudnnFilter,            \
      const void*, CudnnConvolution, int, void*, std::size_t, const void*, CudnnTensor, void*)                        \
    X(backward_data, "cudnnConvolutionBackwardData", CudnnHandle, const void*, CudnnFilter, const void*, CudnnTensor, \
      const void*, CudnnConvolution, int, void*, std::size_t, const void*, CudnnTensor, void*)                        \
    X(backward_filter, "cudnnConvolutionBackwardFilter", CudnnHandle, const void*, CudnnTensor, const void*,          \
      CudnnTensor, const void*, CudnnConvolution, int, void*, std::size_t, const void*, CudnnFilter, void*)           \
    X(create_pooling, "cudnnCreatePoolingDescriptor", CudnnPooling*)                                                  \
    X(destroy_pooling, "cudnnDestroyPoolingDescriptor", CudnnPooling)                                                 \
    X(set_pooling, "cudnnSetPooling2dDescriptor", CudnnPooling, int, int, int, int, int, int, int, int)               \
    X(pooling_forward, "cudnnPoolingForward", CudnnHandle, CudnnPooling, const void*, CudnnTensor, const void*,       \
      const void*, CudnnTensor, void*)                                                                                \
    X(pooling_backward, "cudnnPoolingBackward", CudnnHandle, CudnnPooling, const void*, CudnnTensor, const void*,     \
      CudnnTensor, const void*, CudnnTensor, const void*, const void*, CudnnTensor, void*)                            \
    X(softmax_forward, "cudnnSoftmaxForward", CudnnHandle, int, int, const void*, CudnnTensor, const void*,           \
      const void*, CudnnTensor, void*)                                                                                \
    X(softmax_backward, "cudnnSoftmaxBackward", CudnnHandle, int, int, const void*, CudnnTensor, const void*,         \
      CudnnTensor, const void*, const void*, CudnnTensor, void*)

struct CudnnApi {
#define HEDDLE_CUDNN_POINTER(member, symbol, ...) CudnnStatus (*member)(__VA_ARGS__) = nullptr;
    HEDDLE_CUDNN_FUNCTIONS(HEDDLE_CUDNN_POINTER)
#undef HEDDLE_CUDNN_POINTER
    std::size_t (*version)() = nullptr;
    const char* (*error_text)(CudnnStatus) = nullptr;
};

/// What keeps cuDNN from being used, in one line; nothing: it can be. `HEDDLE_CUDNN` names the library.
std::optional<std::string> cudnn_problem();
/// "cuDNN 9.19.0"; "" where there is none.
std::string cudnn_version();
/// Throws UserError with cudnn_problem()'s line.
const CudnnApi& cudnn_api();
/// Throws UserError "cuDNN: <what>: CUDNN_STATUS_NOT_SUPPORTED" unless `status` is success.
void check_cudnn(CudnnStatus status, std::string_view what);

}  // namespace heddle::bench
