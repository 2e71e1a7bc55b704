// runtime/matrix_operand.cpp -- what the libraries' interfaces can say of a matrix.
#include "runtime/matrix_operand.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/error.h"

namespace heddle {

std::optional<MatrixOperand> matrix_operand(const Buffer& matrix) {
    for (const int inner : {1, 0}) {
        const std::int64_t extent = matrix.shape()[inner], outer_extent = matrix.shape()[1 - inner];
        const std::int64_t stride = matrix.strides()[inner], outer = matrix.strides()[1 - inner];
        const std::int64_t pitch = outer_extent > 1 ? outer : std::max<std::int64_t>(extent, 1);
        if ((stride == 1 || extent <= 1) && pitch >= extent && pitch <= 0x7fffffff)
            return MatrixOperand{inner == 1, static_cast<int>(std::max<std::int64_t>(pitch, 1))};
    }
    return {};
}

MatrixOperand checked_matrix_operand(const Buffer& matrix, std::string_view library, std::string_view name) {
    const auto operand = matrix_operand(matrix);
    if (!operand)
        throw UserError(
            fmt::format("{}: {} ({}, strides {} and {}): neither its rows nor its columns lie without "
                        "gaps, less than 2^31 elements apart",
                        library, name, describe(matrix), matrix.strides()[0], matrix.strides()[1]));
    return *operand;
}

void check_matrix_product(const Buffer& a, const Buffer& b, const Buffer& c, std::string_view library, bool known_type,
                          std::string_view types) {
    const std::string text =
        fmt::format("{}: c ({}) = a ({}) * b ({})", library, describe(c), describe(a), describe(b));
    if (a.rank() != 2 || b.rank() != 2 || c.rank() != 2) throw UserError(text + ": all have two dimensions");
    if (a.type() != b.type() || a.type() != c.type() || !known_type)
        throw UserError(fmt::format("{}: all are {}, of one type", text, types));
    if (a.shape()[0] != c.shape()[0] || b.shape()[1] != c.shape()[1] || a.shape()[1] != b.shape()[0])
        throw UserError(text + ": a is MxK, b KxN and c MxN");
    for (const std::int64_t extent : {a.shape()[0], a.shape()[1], b.shape()[1]})
        if (extent > 0x7fffffff) throw UserError(text + ": extents are less than 2^31");
}

}  // namespace heddle
