// ops/row_statistics.cpp -- two reductions along a dimension.
#include "ops/row_statistics.h"

#include <fmt/format.h>

namespace heddle {

int checked_dimension(const AnyTensor& x, int dim, const std::string& operation, const SourceLocation& where) {
    if (dim < -x.rank() || dim >= x.rank())
        throw UserError(where, fmt::format("{}: dim is {}; {} has {} dimensions, so it lies between {} and {}",
                                           operation, dim, x.name(), x.rank(), -x.rank(), x.rank() - 1));
    return dim < 0 ? dim + x.rank() : dim;
}

RowStatistics row_statistics(const AnyTensor& x, int dim, const std::string& operation, const std::string& name,
                             const CallSite& call) {
    const SourceLocation where(call);
    RowStatistics row;
    row.dim = checked_dimension(x, dim, operation, where);
    if (!is_float(x.type()))
        throw UserError(where, fmt::format("{}: {} is {}; it takes floats", operation, x.name(), name_of(x.type())));
    std::vector<Expr> reduced, rest;
    std::vector<Extent> shape;
    for (int d = 0; d < x.rank(); ++d) {
        const Var i(fmt::format("i{}", d));
        row.index.push_back(i);
        if (d != row.dim) {
            rest.push_back(i);
            shape.push_back(x.shape()[d]);
        }
    }
    reduced = row.index;
    reduced[row.dim] = RVar("c");
    const ScalarType type = compute_type(x.type());
    const AnyTensor largest(name + "_max", type, shape, call), sum(name + "_sum", type, shape, call);
    largest.at(rest).maximize({x.at(reduced), call});
    row.largest = stop_gradient(largest.at(rest));
    sum.at(rest) += {exp(Expr(x.at(reduced)) - row.largest), call};
    row.sum = sum.at(rest);
    return row;
}

}  // namespace heddle
