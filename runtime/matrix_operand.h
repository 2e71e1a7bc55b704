// runtime/matrix_operand.h -- how a matrix lies in memory, as libraries for products of matrices take it.
#pragma once

#include <optional>
#include <string_view>

#include "runtime/buffer.h"

namespace heddle {

/// Rows or columns without gaps, `pitch` elements apart. Rows without gaps are, by columns, the transposed matrix.
struct MatrixOperand {
    bool by_rows;
    int pitch;
};
/// Nothing where neither rows nor columns lie without gaps, less than 2^31 elements apart.
std::optional<MatrixOperand> matrix_operand(const Buffer& matrix);
/// The same, throwing UserError, which begins with `library` and names the matrix.
MatrixOperand checked_matrix_operand(const Buffer& matrix, std::string_view library, std::string_view name);

/// c = a * b: a [M,K], b [K,N], c [M,N], of one of the types, extents below 2^31. Throws UserError beginning with
/// `library` for other shapes and types; `types` says which there are.
void check_matrix_product(const Buffer& a, const Buffer& b, const Buffer& c, std::string_view library, bool known_type,
                          std::string_view types);

}  // namespace heddle
