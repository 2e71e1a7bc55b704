// runtime/cublas.h -- matrix products by cuBLAS, which is opened on demand (`HEDDLE_CUBLAS` names the library).
#pragma once

#include <mutex>

#include "runtime/buffer.h"
#include "runtime/cublas_api.h"

namespace heddle {

struct CublasOptions {
    CudaStream stream = nullptr;
    bool tf32 = false;        ///< f32 may be rounded to tf32 before products
    bool accumulate = false;  ///< adds to c
};

/// A handle of cuBLAS in the context that was current when it was made, with memory of its own to work in. Safe from
/// several threads at once, whose products share that memory: put those of one handle on one stream.
class Cublas {
public:
    /// Throws UserError where there is no cuBLAS or no device.
    Cublas();
    Cublas(const Cublas&) = delete;
    Cublas& operator=(const Cublas&) = delete;
    ~Cublas();

    /// Puts c = a * b on the stream: a [M,K], b [K,N], c [M,N], all f32, f64, f16 or bf16, on the device; rows or
    /// columns of each lie without gaps. f16 and bf16 accumulate in f32. Never waits. Throws UserError naming the
    /// buffers for other types, shapes or strides.
    void multiply(const Buffer& a, const Buffer& b, const Buffer& c, const CublasOptions& options = {});

private:
    std::mutex mutex_;
    CudaContext context_ = nullptr;
    CublasHandle handle_ = nullptr;
    Buffer workspace_;
};

}  // namespace heddle
