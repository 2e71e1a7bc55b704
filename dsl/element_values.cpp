// dsl/element_values.cpp -- how elements begin and end.
#include "dsl/element_values.h"

#include <fmt/format.h>

#include "dsl/integer.h"

namespace heddle {

Value starting_value(const Definition& first, ScalarType type, std::size_t component) {
    return value_of_constant(first.op == UpdateOp::tuple ? first.reducer.identity[component]
                                                         : identity_of(first.op, type));
}

Value finished(Value value, ScalarType type, EvaluatePrecision precision) {
    if (!is_float(type)) return Value{.i = wrap(value.i, type)};
    if (precision == EvaluatePrecision::f64) return value;
    std::uint64_t bits = 0;
    store_float(type, &bits, value.f);
    return Value{.f = load_float(type, &bits)};
}

void check_empty_reduction(const AnyTensor& target, const Definition& definition) {
    if (definition.op != UpdateOp::max && definition.op != UpdateOp::min && definition.op != UpdateOp::argmax) return;
    if (target.node()->definitions[0]->op == UpdateOp::assign) return;
    throw UserError(definition.where,
                    fmt::format("{} {} over nothing: a reduced variable has the extent 0 at these sizes, and "
                                "there is no largest or smallest of no values; begin with an `=`",
                                target.name(), name_of(definition.op)));
}

ElementSource source_of(const Buffer& buffer) {
    return {buffer.type(), buffer.data(), buffer.shape(), buffer.strides(), {}};
}

}  // namespace heddle
