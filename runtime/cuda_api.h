// runtime/cuda_api.h -- what Heddle takes of the CUDA driver's interface: handles, constants, a table of functions.
//
// Declared here, so that nothing of CUDA is needed to build; the names of the handles are CUDA's own, so that callers
// who include <cuda.h> pass theirs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

struct CUctx_st;
struct CUevent_st;
struct CUfunc_st;
struct CUgraph_st;
struct CUgraphExec_st;
struct CUmod_st;
struct CUstream_st;

namespace heddle {

using CudaContext = CUctx_st*;
using CudaStream = CUstream_st*;  ///< cudaStream_t and CUstream; null: the default stream
using CudaAddress = std::uint64_t;
using CudaResult = int;

inline constexpr CudaResult cuda_success = 0, cuda_out_of_memory = 2, cuda_invalid_image = 200,
                            cuda_no_binary_for_device = 209, cuda_unsupported_ptx = 222, cuda_not_found = 500,
                            cuda_launch_out_of_resources = 701;

/// The driver's cuLaunchKernelEx.
struct CudaLaunchAttribute {
    int id = 0;
    std::byte padding[4] = {};
    alignas(8) int value[16] = {};
};
struct CudaLaunchConfig {
    unsigned grid[3], block[3], shared_bytes;
    CudaStream stream;
    CudaLaunchAttribute* attributes;
    unsigned attribute_count;
};
inline constexpr int cuda_launch_cluster_dimension = 4, cuda_launch_programmatic_serialization = 6;

struct TensorMap;  // runtime/tensor_map.h

/// The driver's CUgraphExecUpdateResultInfo.
struct CudaGraphUpdate {
    int result = 0;
    void *node = nullptr, *source = nullptr;
};

/// X(member, "symbol", argument types). All are in drivers for CUDA 11.4 and later.
#define HEDDLE_CUDA_FUNCTIONS(X)                                                                               \
    X(init, "cuInit", unsigned)                                                                                \
    X(driver_version, "cuDriverGetVersion", int*)                                                              \
    X(error_name, "cuGetErrorName", CudaResult, const char**)                                                  \
    X(error_text, "cuGetErrorString", CudaResult, const char**)                                                \
    X(device_count, "cuDeviceGetCount", int*)                                                                  \
    X(device_name, "cuDeviceGetName", char*, int, int)                                                         \
    X(device_attribute, "cuDeviceGetAttribute", int*, int, int)                                                \
    X(device_memory, "cuDeviceTotalMem_v2", std::size_t*, int)                                                 \
    X(primary_context, "cuDevicePrimaryCtxRetain", CudaContext*, int)                                          \
    X(current_context, "cuCtxGetCurrent", CudaContext*)                                                        \
    X(set_context, "cuCtxSetCurrent", CudaContext)                                                             \
    X(push_context, "cuCtxPushCurrent_v2", CudaContext)                                                        \
    X(pop_context, "cuCtxPopCurrent_v2", CudaContext*)                                                         \
    X(context_device, "cuCtxGetDevice", int*)                                                                  \
    X(load_module, "cuModuleLoadData", CUmod_st**, const void*)                                                \
    X(unload_module, "cuModuleUnload", CUmod_st*)                                                              \
    X(module_function, "cuModuleGetFunction", CUfunc_st**, CUmod_st*, const char*)                             \
    X(function_attribute, "cuFuncGetAttribute", int*, int, CUfunc_st*)                                         \
    X(set_function_attribute, "cuFuncSetAttribute", CUfunc_st*, int, int)                                      \
    X(launch_kernel, "cuLaunchKernel", CUfunc_st*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, \
      unsigned, CudaStream, void**, void**)                                                                    \
    X(stream_synchronize, "cuStreamSynchronize", CudaStream)                                                   \
    X(stream_create, "cuStreamCreate", CudaStream*, unsigned)                                                  \
    X(stream_destroy, "cuStreamDestroy_v2", CudaStream)                                                        \
    X(stream_capturing, "cuStreamIsCapturing", CudaStream, int*)                                               \
    X(begin_capture, "cuStreamBeginCapture_v2", CudaStream, int)                                               \
    X(end_capture, "cuStreamEndCapture", CudaStream, CUgraph_st**)                                             \
    X(graph_instantiate, "cuGraphInstantiateWithFlags", CUgraphExec_st**, CUgraph_st*, unsigned long long)     \
    X(graph_launch, "cuGraphLaunch", CUgraphExec_st*, CudaStream)                                              \
    X(graph_destroy, "cuGraphDestroy", CUgraph_st*)                                                            \
    X(graph_exec_destroy, "cuGraphExecDestroy", CUgraphExec_st*)                                               \
    X(event_create, "cuEventCreate", CUevent_st**, unsigned)                                                   \
    X(event_destroy, "cuEventDestroy_v2", CUevent_st*)                                                         \
    X(event_record, "cuEventRecord", CUevent_st*, CudaStream)                                                  \
    X(event_synchronize, "cuEventSynchronize", CUevent_st*)                                                    \
    X(event_elapsed, "cuEventElapsedTime", float*, CUevent_st*, CUevent_st*)                                   \
    X(allocate, "cuMemAlloc_v2", CudaAddress*, std::size_t)                                                    \
    X(release, "cuMemFree_v2", CudaAddress)                                                                    \
    X(memory_info, "cuMemGetInfo_v2", std::size_t*, std::size_t*)                                              \
    X(copy_to_device, "cuMemcpyHtoDAsync_v2", CudaAddress, const void*, std::size_t, CudaStream)               \
    X(copy_to_host, "cuMemcpyDtoHAsync_v2", void*, CudaAddress, std::size_t, CudaStream)                       \
    X(copy_on_device, "cuMemcpyDtoDAsync_v2", CudaAddress, CudaAddress, std::size_t, CudaStream)               \
    X(fill_bytes, "cuMemsetD8Async", CudaAddress, unsigned char, std::size_t, CudaStream)                      \
    X(fill_words, "cuMemsetD32Async", CudaAddress, unsigned, std::size_t, CudaStream)

struct CudaApi {
#define HEDDLE_CUDA_POINTER(member, symbol, ...) CudaResult (*member)(__VA_ARGS__) = nullptr;
    HEDDLE_CUDA_FUNCTIONS(HEDDLE_CUDA_POINTER)
#undef HEDDLE_CUDA_POINTER
    /// Of CUDA 11.8 and later; null before.
    CudaResult (*launch_kernel_ex)(const CudaLaunchConfig*, CUfunc_st*, void**, void**) = nullptr;
    /// cuTensorMapEncodeTiled and cuTensorMapEncodeIm2col: map, type, rank, address, sizes, strides; box or the
    /// corners, channels and pixels; element strides, interleave, swizzle, L2 promotion, fill. Of CUDA 12.0 and later;
    /// null before.
    CudaResult (*encode_tiled_map)(TensorMap*, int, unsigned, void*, const std::uint64_t*, const std::uint64_t*,
                                   const unsigned*, const unsigned*, int, int, int, int) = nullptr;
    CudaResult (*encode_im2col_map)(TensorMap*, int, unsigned, void*, const std::uint64_t*, const std::uint64_t*,
                                    const int*, const int*, unsigned, unsigned, const unsigned*, int, int, int,
                                    int) = nullptr;
    /// cuGraphExecUpdate_v2, of CUDA 12.0 and later; null before.
    CudaResult (*graph_update)(CUgraphExec_st*, CUgraph_st*, CudaGraphUpdate*) = nullptr;
    /// Any other function of the driver, by its symbol; null where the driver lacks it.
    void* (*other)(const char* symbol) = nullptr;
};

/// The driver, initialised. Throws UserError with cuda_problem()'s line where it cannot be used.
const CudaApi& cuda_api();

/// "CUDA_ERROR_ILLEGAL_ADDRESS (700): an illegal memory access was encountered", and what it means for the process.
std::string cuda_error_text(CudaResult result);
/// True for errors after which every call on the context fails.
bool cuda_context_lost(CudaResult result);
/// Throws UserError "<what>: <error's text>" unless `result` is success.
void check_cuda(CudaResult result, std::string_view what);

}  // namespace heddle
