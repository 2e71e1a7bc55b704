// ops/elementwise.cpp -- activations and arithmetic.
#include "ops/elementwise.h"

#include <fmt/format.h>

#include <cmath>

#include "dsl/print.h"
#include "ops/groups.h"

namespace heddle {
namespace {

Expr number(double value, const Expr& like) {
    return is_float(like.type()) ? Expr::floating(value, like.type()) : cast(like.type(), value);
}

std::vector<Expr> index_of(int rank) {
    std::vector<Expr> index;
    for (int d = 0; d < rank; ++d) index.emplace_back(Var(fmt::format("i{}", d)));
    return index;
}

AnyTensor mapped(std::string_view operation, const AnyTensor& x, Expr (*function)(Expr), std::string name,
                 const CallSite& call, bool floats = true) {
    if (floats && !is_float(x.type()))
        throw UserError(SourceLocation(call),
                        fmt::format("{}: {} is {}; it takes floats", operation, x.name(), name_of(x.type())));
    const AnyTensor y(std::move(name), x.type(), x.shape(), call);
    const std::vector<Expr> index = index_of(x.rank());
    y.at(index) = {function(Expr(x.at(index))), call};
    return y;
}

bool is_one(const Extent& extent) { return extent.is_static() && extent.value() == 1; }

/// A result of the common shape and type, and the reads of both operands at its index.
struct Broadcast {
    AnyTensor y;
    std::vector<Expr> index;
    Expr a, b;
};
Broadcast broadcast(std::string_view operation, const AnyTensor& a, const AnyTensor& b, std::string name,
                    const CallSite& call) {
    const int rank = std::max(a.rank(), b.rank());
    std::vector<Extent> shape;
    const std::vector<Expr> index = index_of(rank);
    std::vector<Expr> of_a, of_b;
    for (int d = 0; d < rank; ++d) {
        const int in_a = d - (rank - a.rank()), in_b = d - (rank - b.rank());
        const Extent one = 1, ea = in_a < 0 ? one : a.shape()[in_a], eb = in_b < 0 ? one : b.shape()[in_b];
        if (!is_one(ea) && !is_one(eb) && differ(ea, eb))
            throw UserError(SourceLocation(call),
                            fmt::format("{}: {} has {} and {} has {} in dimension {}, counted from the end; they are "
                                        "the same, or one of them is 1",
                                        operation, a.name(), print(ea.expr()), b.name(), print(eb.expr()), d - rank));
        shape.push_back(is_one(ea) ? eb : ea);
        if (in_a >= 0) of_a.push_back(is_one(ea) && !is_one(eb) ? Expr(0) : index[d]);
        if (in_b >= 0) of_b.push_back(is_one(eb) && !is_one(ea) ? Expr(0) : index[d]);
    }
    const AnyTensor y(std::move(name), common_type(a.type(), b.type()), shape, call);
    return {y, index, a.at(of_a), b.at(of_b)};
}

}  // namespace

Expr relu(Expr x) { return max(x, number(0, x)); }
Expr silu(Expr x) { return x * sigmoid(x); }
Expr gelu(Expr x) { return x * number(0.5, x) * (number(1, x) + erf(x * number(std::sqrt(0.5), x))); }
Expr gelu_tanh(Expr x) {
    const double pi = 3.14159265358979323846;
    const Expr inner = number(std::sqrt(2 / pi), x) * (x + number(0.044715, x) * x * x * x);
    return x * number(0.5, x) * (number(1, x) + tanh(inner));
}

AnyTensor relu(const AnyTensor& x, std::string name, const CallSite& call) {
    return mapped("relu", x, relu, std::move(name), call, false);
}
AnyTensor silu(const AnyTensor& x, std::string name, const CallSite& call) {
    return mapped("silu", x, silu, std::move(name), call);
}
AnyTensor gelu(const AnyTensor& x, std::string name, const CallSite& call) {
    return mapped("gelu", x, gelu, std::move(name), call);
}
AnyTensor gelu_tanh(const AnyTensor& x, std::string name, const CallSite& call) {
    return mapped("gelu", x, gelu_tanh, std::move(name), call);
}
AnyTensor sigmoid(const AnyTensor& x, std::string name, const CallSite& call) {
    return mapped("sigmoid", x, sigmoid, std::move(name), call);
}
AnyTensor tanh(const AnyTensor& x, std::string name, const CallSite& call) {
    return mapped("tanh", x, tanh, std::move(name), call);
}

AnyTensor add(const AnyTensor& x, const AnyTensor& other, double alpha, std::string name, const CallSite& call) {
    const Broadcast both = broadcast("add", x, other, std::move(name), call);
    both.y.at(both.index) = {both.a + (alpha == 1 ? both.b : both.b * number(alpha, both.b)), call};
    return both.y;
}

AnyTensor mul(const AnyTensor& x, const AnyTensor& other, std::string name, const CallSite& call) {
    const Broadcast both = broadcast("mul", x, other, std::move(name), call);
    both.y.at(both.index) = {both.a * both.b, call};
    return both.y;
}

AnyTensor scale(const AnyTensor& x, double factor, std::string name, const CallSite& call) {
    if (!is_float(x.type()))
        throw UserError(SourceLocation(call),
                        fmt::format("scale: {} is {}; it takes floats", x.name(), name_of(x.type())));
    const AnyTensor y(std::move(name), x.type(), x.shape(), call);
    const std::vector<Expr> index = index_of(x.rank());
    const Expr value = x.at(index);
    y.at(index) = {value * number(factor, value), call};
    return y;
}

}  // namespace heddle
