// runtime/cublas_api.h -- what is called of cuBLAS: a table of functions, declared here, opened on demand.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/cuda_api.h"

struct cublasContext;

namespace heddle {

using CublasHandle = cublasContext*;
using CublasStatus = int;

enum CublasType { cublas_f32 = 0, cublas_f64 = 1, cublas_f16 = 2, cublas_bf16 = 14 };  // cudaDataType
enum CublasCompute {
    cublas_compute_f32 = 68,
    cublas_compute_f64 = 70,
    cublas_compute_tf32 = 77
};  // cublasComputeType_t
enum CublasOperation { cublas_plain = 0, cublas_transposed = 1 };
inline constexpr int cublas_default_algorithm = -1;

/// X(member, "symbol", argument types).
#define HEDDLE_CUBLAS_FUNCTIONS(X)                                                                                  \
    X(create, "cublasCreate_v2", CublasHandle*)                                                                     \
    X(destroy, "cublasDestroy_v2", CublasHandle)                                                                    \
    X(version, "cublasGetVersion_v2", CublasHandle, int*)                                                           \
    X(set_stream, "cublasSetStream_v2", CublasHandle, CudaStream)                                                   \
    X(set_workspace, "cublasSetWorkspace_v2", CublasHandle, void*, std::size_t)                                     \
    X(gemm, "cublasGemmEx", CublasHandle, int, int, int, int, int, const void*, const void*, int, int, const void*, \
      int, int, const void*, void*, int, int, int, int)

struct CublasApi {
#define HEDDLE_CUBLAS_POINTER(member, symbol, ...) CublasStatus (*member)(__VA_ARGS__) = nullptr;
    HEDDLE_CUBLAS_FUNCTIONS(HEDDLE_CUBLAS_POINTER)
#undef HEDDLE_CUBLAS_POINTER
    const char* (*error_text)(CublasStatus) = nullptr;
};

/// What keeps cuBLAS from being used, in one line; nothing: it can be. `HEDDLE_CUBLAS` names the library.
std::optional<std::string> cublas_problem();
/// Throws UserError with cublas_problem()'s line.
const CublasApi& cublas_api();
/// Throws UserError "cuBLAS: <what>: ..." unless `status` is success.
void check_cublas(CublasStatus status, std::string_view what);

}  // namespace heddle
