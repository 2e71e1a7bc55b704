// runtime/blas.cpp -- sgemm and dgemm as every BLAS exports them: Fortran's, by columns, all arguments by address.
#include "runtime/blas.h"

#include <fmt/format.h>

#include "runtime/error.h"
#include "runtime/library_names.h"
#include "runtime/matrix_operand.h"
#include "runtime/shared_library.h"

namespace heddle {
namespace {

/// The lengths of the two letters come last, as Fortran compilers pass them.
template <class T>
using Gemm = void (*)(const char* transposed_a, const char* transposed_b, const int* m, const int* n, const int* k,
                      const T* alpha, const T* a, const int* pitch_a, const T* b, const int* pitch_b, const T* beta,
                      T* c, const int* pitch_c, std::size_t, std::size_t);

struct Library {
    Gemm<float> sgemm = nullptr;
    Gemm<double> dgemm = nullptr;
    std::string name;
    std::optional<std::string> problem;
};

Library open_library() {
    Library library;
    static const SharedLibrary opened(
        library_names("HEDDLE_BLAS", {"libopenblas.so.0", "libopenblas.so", "libblas.so.3", "libblas.so"}));
    if (!opened.opened()) {
        library.problem = fmt::format(
            "no BLAS: {}; HEDDLE_BLAS can name the library, for example that of the package "
            "libopenblas0-pthread",
            opened.problem());
        return library;
    }
    library.name = opened.name();
    library.sgemm = reinterpret_cast<Gemm<float>>(opened.address("sgemm_"));
    library.dgemm = reinterpret_cast<Gemm<double>>(opened.address("dgemm_"));
    if (library.sgemm == nullptr || library.dgemm == nullptr)
        library.problem = fmt::format("BLAS ({}) lacks the functions sgemm_ and dgemm_", opened.name());
    return library;
}

const Library& library() {
    static const Library opened = open_library();
    return opened;
}

MatrixOperand checked(const Buffer& matrix, const char* name) {
    if (matrix.device())
        throw UserError(fmt::format("BLAS: {} ({}) lies on a device: pass to_host({})", name, describe(matrix), name));
    return checked_matrix_operand(matrix, "BLAS", name);
}

template <class T>
void multiply(Gemm<T> gemm, const Buffer& a, const Buffer& b, const Buffer& c, bool accumulate) {
    const MatrixOperand a_operand = checked(a, "a"), b_operand = checked(b, "b"), c_operand = checked(c, "c");
    // By columns: c^T (n by m) = b^T (n by k) * a^T (k by m).
    const int m = static_cast<int>(c.shape()[0]), n = static_cast<int>(c.shape()[1]),
              k = static_cast<int>(a.shape()[1]);
    const T one = 1, beta = accumulate ? 1 : 0;
    const auto letter = [](const MatrixOperand& operand) { return operand.by_rows ? "N" : "T"; };
    gemm(letter(b_operand), letter(a_operand), &n, &m, &k, &one, b.as<T>(), &b_operand.pitch, a.as<T>(),
         &a_operand.pitch, &beta, c.as<T>(), &c_operand.pitch, 1, 1);
}

}  // namespace

std::optional<std::string> blas_problem() { return library().problem; }

std::string blas_library() {
    if (library().problem) throw UserError(*library().problem);
    return library().name;
}

void blas_multiply(const Buffer& a, const Buffer& b, const Buffer& c, bool accumulate) {
    blas_library();
    check_matrix_product(a, b, c, "BLAS", a.type() == f32 || a.type() == f64, "f32 or f64");
    if (!checked(c, "c").by_rows)  // c^T = b^T * a^T lies by rows
        return blas_multiply(b.permuted({1, 0}), a.permuted({1, 0}), c.permuted({1, 0}), accumulate);
    if (c.elements() == 0) return;
    if (c.type() == f32)
        multiply(library().sgemm, a, b, c, accumulate);
    else
        multiply(library().dgemm, a, b, c, accumulate);
}

}  // namespace heddle
