// runtime/cublas.cpp -- products of matrices that lie by rows or by columns, as cuBLAS's products by columns.
#include "runtime/cublas.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "runtime/error.h"

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

/// A matrix as cuBLAS takes it. Rows without gaps are, by columns, the transposed matrix.
struct Operand {
    bool by_rows;
    int pitch;
};

std::optional<Operand> operand_of(const Buffer& matrix) {
    for (const int inner : {1, 0}) {
        const std::int64_t extent = matrix.shape()[inner], outer_extent = matrix.shape()[1 - inner];
        const std::int64_t stride = matrix.strides()[inner], outer = matrix.strides()[1 - inner];
        const std::int64_t pitch = outer_extent > 1 ? outer : std::max<std::int64_t>(extent, 1);
        if ((stride == 1 || extent <= 1) && pitch >= extent && pitch <= 0x7fffffff)
            return Operand{inner == 1, static_cast<int>(std::max<std::int64_t>(pitch, 1))};
    }
    return {};
}

Operand checked(const Buffer& matrix, const char* name) {
    if (!matrix.device())
        throw UserError(fmt::format("cuBLAS: {} ({}) lies in memory of the host: pass to_device({})", name,
                                    describe(matrix), name));
    const auto operand = operand_of(matrix);
    if (!operand)
        throw UserError(
            fmt::format("cuBLAS: {} ({}, strides {} and {}): neither its rows nor its columns lie without "
                        "gaps, less than 2^31 elements apart",
                        name, describe(matrix), matrix.strides()[0], matrix.strides()[1]));
    return *operand;
}

void check_product(const Buffer& a, const Buffer& b, const Buffer& c) {
    const std::string text = fmt::format("cuBLAS: c ({}) = a ({}) * b ({})", describe(c), describe(a), describe(b));
    if (a.rank() != 2 || b.rank() != 2 || c.rank() != 2) throw UserError(text + ": all have two dimensions");
    if (a.type() != b.type() || a.type() != c.type() || !arithmetic_of(a.type(), false))
        throw UserError(text + ": all are f32, f64, f16 or bf16, of one type");
    if (a.shape()[0] != c.shape()[0] || b.shape()[1] != c.shape()[1] || a.shape()[1] != b.shape()[0])
        throw UserError(text + ": a is MxK, b KxN and c MxN");
    for (const std::int64_t extent : {a.shape()[0], a.shape()[1], b.shape()[1]})
        if (extent > 0x7fffffff) throw UserError(text + ": extents are less than 2^31");
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

void Cublas::multiply(const Buffer& a, const Buffer& b, const Buffer& c, CudaStream stream, bool tf32) {
    check_product(a, b, c);
    const Operand c_operand = checked(c, "c");
    if (!c_operand.by_rows)  // c^T = b^T * a^T lies by rows
        return multiply(b.permuted({1, 0}), a.permuted({1, 0}), c.permuted({1, 0}), stream, tf32);
    const Operand a_operand = checked(a, "a"), b_operand = checked(b, "b");
    if (c.elements() == 0) return;
    const auto [type, compute] = *arithmetic_of(a.type(), tf32);
    const double one64 = 1, zero64 = 0;
    const float one32 = 1, zero32 = 0;
    const bool wide = a.type() == ScalarType::f64;
    const void* const one = wide ? static_cast<const void*>(&one64) : &one32;
    const void* const zero = wide ? static_cast<const void*>(&zero64) : &zero32;
    const int m = static_cast<int>(c.shape()[0]), n = static_cast<int>(c.shape()[1]),
              k = static_cast<int>(a.shape()[1]);
    const auto operation = [](const Operand& operand) { return operand.by_rows ? cublas_plain : cublas_transposed; };
    const CublasApi& api = cublas_api();
    const std::lock_guard lock(mutex_);
    check_cublas(api.set_stream(handle_, stream), "cublasSetStream");
    check_cublas(api.set_workspace(handle_, workspace_.data(), workspace_bytes), "cublasSetWorkspace");
    // By columns: c^T (n by m) = b^T (n by k) * a^T (k by m).
    check_cublas(api.gemm(handle_, operation(b_operand), operation(a_operand), n, m, k, one, b.data(), type,
                          b_operand.pitch, a.data(), type, a_operand.pitch, zero, c.data(), type, c_operand.pitch,
                          compute, cublas_default_algorithm),
                 fmt::format("cublasGemmEx of c ({}) = a ({}) * b ({})", describe(c), describe(a), describe(b)));
}

}  // namespace heddle
