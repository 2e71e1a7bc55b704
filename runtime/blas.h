// runtime/blas.h -- matrix products on the host by a BLAS, which is opened on demand (`HEDDLE_BLAS` names the library).
#pragma once

#include <optional>
#include <string>

#include "runtime/buffer.h"

namespace heddle {

/// What keeps a BLAS from being used, in one line; nothing: it can be. Looked for: OpenBLAS, then whatever the system
/// calls libblas.
std::optional<std::string> blas_problem();
/// The file that opened: "libopenblas.so.0". Throws UserError with blas_problem()'s line.
std::string blas_library();

/// c = a * b, or with `accumulate` c += a * b: a [M,K], b [K,N], c [M,N], all f32 or all f64, in memory of the host;
/// rows or columns of each lie without gaps. On the threads that the library has of its own. Throws UserError naming
/// the buffers for other types, shapes or strides, and with blas_problem()'s line.
///     blas_multiply(a, b, c);
void blas_multiply(const Buffer& a, const Buffer& b, const Buffer& c, bool accumulate = false);

}  // namespace heddle
