// ops/linear.cpp -- the linear layer.
#include "ops/linear.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "ops/groups.h"
#include "ops/operator_rows.h"

namespace heddle {

AnyTensor linear(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias, std::string name,
                 const CallSite& call) {
    const SourceLocation where(call);
    if (x.rank() < 1 || w.rank() != 2)
        throw UserError(where, fmt::format("linear: {} has {} dimensions and {} has {}; it takes one or more, and two",
                                           x.name(), x.rank(), w.name(), w.rank()));
    const Extent channels = x.shape().back(), filters = w.shape()[0];
    if (differ(channels, w.shape()[1]))
        throw UserError(where, fmt::format("linear: the last dimension of {} is {}, the last of {} is {}; they are the "
                                           "same",
                                           x.name(), print(channels.expr()), w.name(), print(w.shape()[1].expr())));
    std::vector<Extent> shape = x.shape();
    shape.back() = filters;
    std::vector<Expr> to, from;
    for (int d = 0; d + 1 < x.rank(); ++d) to.emplace_back(Var(x.rank() == 2 ? "n" : fmt::format("n{}", d)));
    from = to;
    const Var k("k");
    const RVar c("c");
    to.push_back(k);
    from.push_back(c);
    const AnyTensor y(std::move(name), x.type(), shape, call);
    if (bias) {
        check_bias("linear", *bias, w, filters, where);
        y.at(to) = {bias->at({k}), call};
    }
    y.at(to) += {Expr(x.at(from)) * Expr(w.at({k, c})), call};
    return y;
}

void append_linear_rows(std::vector<OperatorRow>& rows) {
    rows.push_back({"linear",
                    "the linear layer x w^T + bias, as PyTorch's",
                    {{"x", {}, true, "any dimensions, then channels"},
                     {"w", {"kc"}, true, "weights: filters, channels"},
                     {"bias", {"k"}, false, "one number a filter"}},
                    {},
                    "linear x=f32:64x512 w=f32:1000x512 bias=f32:1000",
                    [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        return {
                            linear(arguments.tensor("x"), arguments.tensor("w"), arguments.optional_tensor("bias"))};
                    }});
}

}  // namespace heddle
