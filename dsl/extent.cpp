// dsl/extent.cpp -- the size of a dimension or of a variable's range.
#include "dsl/extent.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/error.h"

namespace heddle {

Extent::Extent(Expr expr) {
    if (!expr.defined()) throw UserError("an extent is an undefined expression: give it a value first");
    if (!is_integer(expr.type()))
        throw UserError(
            fmt::format("the extent `{}` has the type {}; an extent is an integer", print(expr), name_of(expr.type())));
    for_each_node(expr, [&](const Expr& e) {
        const Variable* variable = e.as<Variable>();
        if (variable && variable->symbol.kind() != SymbolKind::parameter)
            throw UserError(
                fmt::format("the extent `{}` uses the index variable {}; an extent uses integers and run-time "
                            "sizes (Extent::dynamic) only",
                            print(expr), variable->symbol.name()));
        if (e.kind() == ExprKind::Read || e.kind() == ExprKind::DataIndex)
            throw UserError(
                fmt::format("the extent `{}` reads a tensor; an extent uses integers and run-time sizes "
                            "(Extent::dynamic) only",
                            print(expr)));
    });
    expr = cast(i64, std::move(expr));
    const Expr simple = simplify(expr);
    expr_ = simple.as<IntImm>() ? simple : expr;
}

Extent Extent::dynamic(std::string name, std::int64_t min, std::int64_t max) {
    if (min < 0 || min > max)
        throw UserError(
            fmt::format("the run-time size {} has the range [{}, {}]; legal are 0 <= min <= max", name, min, max));
    return Extent(Expr(Symbol::parameter(std::move(name), min, max)));
}

bool Extent::is_static() const { return expr_.as<IntImm>() != nullptr; }

std::int64_t Extent::value() const {
    if (!is_static()) throw InternalError("the extent `" + print(expr_) + "` is a run-time size, not an integer");
    return expr_.as<IntImm>()->value;
}

}  // namespace heddle
