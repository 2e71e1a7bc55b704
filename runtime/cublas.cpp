// runtime/cublas.cpp -- products of matrices that lie by rows or by columns, as cuBLAS's products by columns.
#include "runtime/cublas.h"

#include <fmt/format.h>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "runtime/error.h"
#include "runtime/matrix_operand.h"

namespace heddle {
namespace {

constexpr std::int64_t workspace_bytes = 32 << 20;  // as much as cuBLAS itself takes on sm_90

struct Arithmetic {
    int type, compute;
};

std::optional<Arithmetic> arithmetic_of(ScalarType type, bool tf32) {
    switch (type) {
        case ScalarType::f32:
            return Arithmetic{cublas_f32, tf32 ? cublas_compute_tf32 : cublas_compute_f32};
        case ScalarType::f64:
            return Arithmetic{cublas_f64, cublas_compute_f64};
        case ScalarType::f16:
            return Arithmetic{cublas_f16, cublas_compute_f32};
        case ScalarType::bf16:
            return Arithmetic{cublas_bf16, cublas_compute_f32};
        default:
            return {};
    }
}

MatrixOperand checked(const Buffer& matrix, const char* name) {
    if (!matrix.device())
        throw UserError(fmt::format("cuBLAS: {} ({}) lies in memory of the host: pass to_device({})", name,
                                    describe(matrix), name));
    return checked_matrix_operand(matrix, "cuBLAS", name);
}

}  // namespace

Cublas::Cublas() {
    const CublasApi& api = cublas_api();
    context_ = cuda_context();
    workspace_ = device_buffer(u8, {workspace_bytes});
    check_cublas(api.create(&handle_), "cublasCreate");
}

Cublas::~Cublas() {
    if (const CudaContextScope scope(context_); scope.entered()) cublas_api().destroy(handle_);
}

void Cublas::multiply(const Buffer& a, const Buffer& b, const Buffer& c, const CublasOptions& options) {
    check_matrix_product(a, b, c, "cuBLAS", arithmetic_of(a.type(), false).has_value(), "f32, f64, f16 or bf16");
    const MatrixOperand c_operand = checked(c, "c");
    if (!c_operand.by_rows)  // c^T = b^T * a^T lies by rows
        return multiply(b.permuted({1, 0}), a.permuted({1, 0}), c.permuted({1, 0}), options);
    const MatrixOperand a_operand = checked(a, "a"), b_operand = checked(b, "b");
    if (c.elements() == 0) return;
    const auto [type, compute] = *arithmetic_of(a.type(), options.tf32);
    const double one64 = 1, beta64 = options.accumulate ? 1 : 0;
    const float one32 = 1, beta32 = options.accumulate ? 1 : 0;
    const bool wide = a.type() == ScalarType::f64;
    const void* const one = wide ? static_cast<const void*>(&one64) : &one32;
    const void* const beta = wide ? static_cast<const void*>(&beta64) : &beta32;
    const int m = static_cast<int>(c.shape()[0]), n = static_cast<int>(c.shape()[1]),
              k = static_cast<int>(a.shape()[1]);
    const auto operation = [](const MatrixOperand& operand) {
        return operand.by_rows ? cublas_plain : cublas_transposed;
    };
    const CublasApi& api = cublas_api();
    const std::lock_guard lock(mutex_);
    check_cublas(api.set_stream(handle_, options.stream), "cublasSetStream");
    check_cublas(api.set_workspace(handle_, workspace_.data(), workspace_bytes), "cublasSetWorkspace");
    // By columns: c^T (n by m) = b^T (n by k) * a^T (k by m).
    check_cublas(api.gemm(handle_, operation(b_operand), operation(a_operand), n, m, k, one, b.data(), type,
                          b_operand.pitch, a.data(), type, a_operand.pitch, beta, c.data(), type, c_operand.pitch,
                          compute, cublas_default_algorithm),
                 fmt::format("cublasGemmEx of c ({}) = a ({}) * b ({})", describe(c), describe(a), describe(b)));
}

}  // namespace heddle
