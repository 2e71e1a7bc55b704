// dsl/point_compile.cpp -- from a definition to the instructions of its points.
#include <fmt/format.h>

#include "dsl/last_nan.h"
#include "dsl/point_builder.h"
#include "dsl/point_expressions.h"
#include "dsl/point_program.h"
#include "dsl/print.h"

namespace heddle {
namespace {

/// Each term of the conjunction is a test at its own depth.
void skip_unless(const Expr& condition, PointBuilder& build, PointExpressions& expressions) {
    if (is_const(condition, 1)) return;
    const Binary* conjunction = condition.as<Binary>();
    if (conjunction && conjunction->op == BinaryOp::logical_and) {
        skip_unless(conjunction->a, build, expressions);
        skip_unless(conjunction->b, build, expressions);
    } else {
        build.skip_unless(expressions.compile(condition));
    }
}

/// Drops the points that write outside of the target, as far as they are not proved inside.
void skip_outside(const Definition& definition, const std::vector<int>& left, const std::vector<std::int64_t>& shape,
                  PointBuilder& build) {
    const Ranges ranges = ranges_of(definition.domain);
    for (std::size_t d = 0; d < left.size(); ++d) {
        const Expr &index = definition.left[d], extent = definition.target().shape()[d].expr();
        if (prove(Expr(0) <= index, ranges) != true)
            build.skip_unless(build.compare(BinaryOp::le, build.constant_int(0), left[d]));
        if (prove(index < extent, ranges) != true)
            build.skip_unless(build.compare(BinaryOp::lt, left[d], build.constant_int(shape[d])));
    }
}

BinaryOp operation_of(UpdateOp op) {
    switch (op) {
        case UpdateOp::add:
            return BinaryOp::add;
        case UpdateOp::mul:
            return BinaryOp::mul;
        case UpdateOp::max:
            return BinaryOp::max;
        case UpdateOp::min:
            return BinaryOp::min;
        default:
            throw InternalError("an update that is no operation on two values");
    }
}

/// Row-major over the reduced variables.
Expr position_of(const Definition& definition) {
    Expr position(0);
    for (const DomainVar& variable : definition.domain)
        if (variable.reduced) position = position * variable.extent.expr() + Expr(variable.symbol);
    return position;
}

void write(const Definition& definition, int offset, PointBuilder& build, PointExpressions& expressions) {
    const ScalarType type = compute_type(definition.target().type());
    PointInstruction last{.op = PointOp::store, .type = type, .a = offset, .extra = 0};
    last.b = expressions.compile(definition.right[0]);
    if (definition.op == UpdateOp::argmax) {
        last.op = PointOp::update_argmax;
        last.sub = takes_last_nan(definition) ? 1 : 0;
        last.type = definition.right[0].type();
        last.c = expressions.compile(position_of(definition));
    } else if (definition.op != UpdateOp::assign) {
        last.op = PointOp::update;
        last.sub = static_cast<std::uint8_t>(operation_of(definition.op));
        last.single = expressions.rounds(type);
    }
    build.emit(last, build.innermost());
}

void write_tuple(const Definition& definition, int offset, PointBuilder& build, PointExpressions& expressions) {
    const Reducer& reducer = definition.reducer;
    std::vector<int> values;
    for (const Expr& e : definition.right) values.push_back(expressions.compile(e));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const ScalarType type = reducer.identity[i].type();
        const int extra = static_cast<int>(i);
        expressions.bind(reducer.right[i], values[i]);
        expressions.bind(reducer.left[i],
                         build.emit({.op = PointOp::load_accumulator, .type = type, .a = offset, .extra = extra},
                                    build.innermost()));
    }
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = expressions.compile(reducer.combine[i]);
    for (std::size_t i = 0; i < values.size(); ++i)
        build.emit({.op = PointOp::store, .a = offset, .b = values[i], .extra = static_cast<int>(i)},
                   build.innermost());
}

}  // namespace

std::int64_t value_of(const Extent& extent, const std::map<Symbol, std::int64_t>& parameters) {
    if (extent.is_static()) return extent.value();
    Substitution values;
    for (const auto& [symbol, value] : parameters) values[symbol] = Expr::integer(value);
    return Extent(substitute(extent.expr(), values)).value();
}

std::vector<std::int64_t> values_of(const std::vector<Extent>& shape,
                                    const std::map<Symbol, std::int64_t>& parameters) {
    std::vector<std::int64_t> values;
    for (const Extent& extent : shape) values.push_back(value_of(extent, parameters));
    return values;
}

std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * shape[d];
    return strides;
}

Value value_of_constant(const Expr& e) {
    if (const FloatImm* literal = e.as<FloatImm>()) return Value{.f = literal->value};
    if (const IntImm* literal = e.as<IntImm>()) return Value{.i = literal->value};
    throw InternalError("`" + print(e) + "` is not a literal");
}

PointProgram::Wanted PointProgram::wanted(const Expr& index) const {
    for (std::size_t loop = 0; loop < loops_.size(); ++loop)
        if (index.as<Variable>() && index.as<Variable>()->symbol == loops_[loop].symbol)
            return {static_cast<int>(loop), -1};
    return {};
}

PointProgram::PointProgram(const Definition& definition, const PointContext& context) : where_(definition.where) {
    PointBuilder build(static_cast<int>(definition.domain.size()));
    PointExpressions expressions(build, definition.domain, context);
    for (const DomainVar& variable : definition.domain) {
        const std::int64_t extent = value_of(variable.extent, context.parameters);
        const int slot = build.new_slot(static_cast<int>(loops_.size()) + 1);
        expressions.bind(variable.symbol, slot);
        loops_.push_back({variable.symbol, slot, extent, 0, extent});
        if (extent == 0 && variable.reduced) empty_reduction_ = true;
    }

    skip_unless(participation(definition), build, expressions);
    std::vector<int> left;
    for (const Expr& index : definition.left) left.push_back(expressions.compile(index));
    const std::vector<std::int64_t> shape = values_of(definition.target().shape(), context.parameters);
    int offset = build.constant_int(0);
    if (context.one_element) {
        for (std::size_t d = 0; d < left.size(); ++d) {
            wanted_.push_back(wanted(definition.left[d]));
            if (wanted_[d].loop >= 0) continue;
            wanted_[d].slot = build.new_slot(0);
            build.skip_unless(build.compare(BinaryOp::eq, left[d], wanted_[d].slot));
        }
    } else {
        skip_outside(definition, left, shape, build);
        offset = expressions.offset_of(definition.left, row_major_strides(shape));
    }
    if (definition.op == UpdateOp::tuple)
        write_tuple(definition, offset, build, expressions);
    else
        write(definition, offset, build, expressions);

    prints_ = expressions.take_prints();
    indices_ = expressions.take_indices();
    sources_ = expressions.take_sources();
    std::vector<int> shown;
    for (const PointPrint& print : prints_)
        for (const auto& [slot, type] : print.shown) shown.push_back(slot);
    code_ = build.take_code(shown);
    slots_ = build.take_slots();
}

}  // namespace heddle
