// ops/softmax.cpp -- largest element, sum of exponentials, result: three definitions.
#include "ops/softmax.h"

#include <fmt/format.h>

#include "ops/row_statistics.h"

namespace heddle {

AnyTensor softmax(const AnyTensor& x, int dim, std::string name, const CallSite& call) {
    const RowStatistics row = row_statistics(x, dim, "softmax", name, call);
    const AnyTensor y(std::move(name), x.type(), x.shape(), call);
    y.at(row.index) = {exp(Expr(x.at(row.index)) - row.largest) / row.sum, call};
    return y;
}

AnyTensor log_softmax(const AnyTensor& x, int dim, std::string name, const CallSite& call) {
    const RowStatistics row = row_statistics(x, dim, "log_softmax", name, call);
    const AnyTensor y(std::move(name), x.type(), x.shape(), call);
    y.at(row.index) = {Expr(x.at(row.index)) - row.largest - log(row.sum), call};
    return y;
}

}  // namespace heddle
