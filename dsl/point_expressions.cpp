// dsl/point_expressions.cpp -- from expressions to the instructions that compute them at a point.
#include "dsl/point_expressions.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "dsl/print.h"
#include "dsl/visit.h"

namespace heddle {

int PointExpressions::compile_node(const Expr& e) {
    const std::pair key(e.get(), when_);
    if (const auto found = compiled_.find(key); found != compiled_.end()) return found->second;
    const int slot = compile_kind(e);
    kept_.push_back(e);
    return compiled_[key] = slot;
}

int PointExpressions::compile_kind(const Expr& e) {
    if (e.type() == i64)
        if (const std::optional<Affine> affine = affine_of(e)) return compile_affine(*affine);
    switch (e.kind()) {
        case ExprKind::IntImm:
            return build_.constant_int(e.as<IntImm>()->value);
        case ExprKind::FloatImm:
            return build_.constant_float(e.as<FloatImm>()->value);
        case ExprKind::Variable:
            return variables_.at(e.as<Variable>()->symbol);
        case ExprKind::Read:
            return compile_read(*e.as<Read>());
        case ExprKind::Unary:
            return compile_unary(*e.as<Unary>());
        case ExprKind::Binary:
            return compile_binary(*e.as<Binary>());
        case ExprKind::Select:
            return compile_select(*e.as<Select>());
        case ExprKind::Cast:
            return compile_cast(*e.as<Cast>());
        case ExprKind::DataIndex:
            return compile_index(*e.as<DataIndex>());
        case ExprKind::StopGradient:
            return compile_node(e.as<StopGradient>()->operand);
        case ExprKind::PrintWhen:
            return compile_print(*e.as<PrintWhen>());
    }
    throw InternalError("an unknown expression");
}

int PointExpressions::compile_when(int condition, const Expr& e) {
    const int outer = when_, depth = when_depth_;
    when_ = build_.both(when_, condition);
    when_depth_ = std::max(when_depth_, build_.depth_of(condition));
    const int slot = compile_node(e);
    when_ = outer;
    when_depth_ = depth;
    return slot;
}

/// A chain of multiply_adds, outer variables first.
int PointExpressions::compile_affine(const Affine& affine) {
    std::vector<std::pair<int, std::int64_t>> terms;
    for (const auto& [symbol, coefficient] : affine.terms) terms.emplace_back(variables_.at(symbol), coefficient);
    std::sort(terms.begin(), terms.end(),
              [&](const auto& a, const auto& b) { return build_.depth_of(a.first) < build_.depth_of(b.first); });
    if (terms.size() == 1 && terms[0].second == 1 && affine.constant == 0) return terms[0].first;
    int sum = build_.constant_int(affine.constant);
    for (const auto& [slot, coefficient] : terms)
        sum = build_.emit({.op = PointOp::multiply_add, .a = sum, .b = slot, .number = coefficient});
    return sum;
}

int PointExpressions::offset_of(const std::vector<Expr>& indices, const std::vector<std::int64_t>& strides) {
    Affine affine;
    std::vector<std::pair<int, std::int64_t>> others;
    for (std::size_t d = 0; d < indices.size(); ++d) {
        const Expr index = parameters_.empty() ? indices[d] : substitute(indices[d], parameters_);
        if (const std::optional<Affine> part = affine_of(index))
            affine = affine + *part * strides[d];
        else
            others.emplace_back(compile_node(index), strides[d]);
    }
    int offset = compile_affine(affine);
    for (const auto& [slot, stride] : others)
        offset = build_.emit({.op = PointOp::multiply_add, .a = offset, .b = slot, .number = stride});
    return offset;
}

int PointExpressions::source_of(const TensorNode& tensor) {
    const auto [found, added] = source_numbers_.emplace(&tensor, static_cast<int>(sources_.size()));
    if (added) {
        ElementSource elements = context_.source(tensor);
        std::int64_t first = 0, last = 0;
        for (std::size_t d = 0; d < elements.shape.size(); ++d) {
            const std::int64_t span = (elements.shape[d] - 1) * elements.strides[d];
            (span < 0 ? first : last) += span;
        }
        sources_.push_back({std::move(elements), tensor.name, first, last});
    }
    return found->second;
}

int PointExpressions::compile_read(const Read& read) {
    if (const auto found = placeholders_.find(read.tensor.get()); found != placeholders_.end()) return found->second;
    const ResolvedRead resolved = resolve_boundary(read, domain_);
    const bool tested = !is_const(resolved.inside, 1);
    const int inside = tested ? compile(resolved.inside) : -1;
    const int source = source_of(*read.tensor);
    const std::vector<std::int64_t> strides = sources_[source].elements.strides;  // an index may add sources
    const int offset = offset_of(resolved.indices, strides);
    const ElementSource& elements = sources_[source].elements;
    const PointOp op = !elements.compute && elements.type == f32 ? PointOp::load_f32 : PointOp::load;
    // The offset may be known further out than whether it is inside, which is 1 where points that are not were left.
    const int certain = !tested ? 0 : inside == build_.constant_int(1) ? build_.guard_depth() : build_.depth_of(inside);
    const int depth = std::max(when_depth_, certain);
    const int value = build_.emit({.op = op,
                                   .type = compute_type(read.tensor->type),
                                   .a = offset,
                                   .when = build_.both(when_, inside),
                                   .extra = source},
                                  depth);
    if (inside < 0 || build_.known(inside) || !resolved.outside.defined()) return value;
    return build_.emit({.op = PointOp::select, .a = inside, .b = value, .c = compile_node(resolved.outside)});
}

int PointExpressions::compile_unary(const Unary& unary) {
    const int operand = compile_node(unary.operand);
    const bool floating = is_float(unary.type);
    return build_.emit({.op = floating ? PointOp::float_unary : PointOp::int_unary,
                        .type = unary.type,
                        .sub = static_cast<std::uint8_t>(unary.op),
                        .single = rounds(unary.type),
                        .a = operand});
}

int PointExpressions::compile_binary(const Binary& binary) {
    const int a = compile_node(binary.a);
    if (binary.op == BinaryOp::logical_and) {
        const int b = compile_when(a, binary.b);
        const int conjunction = build_.both(a, b);
        return conjunction < 0 ? build_.constant_int(1) : conjunction;
    }
    if (binary.op == BinaryOp::logical_or) {
        const int b = compile_when(build_.inverse(a), binary.b);
        return build_.emit({.op = PointOp::select, .a = a, .b = build_.constant_int(1), .c = b});
    }
    const int b = compile_node(binary.b);
    const ScalarType type = binary.a.type();
    PointInstruction i{.op = PointOp::int_binary,
                       .type = type,
                       .sub = static_cast<std::uint8_t>(binary.op),
                       .single = rounds(binary.type),
                       .a = a,
                       .b = b};
    if (is_float(type)) {
        i.op = PointOp::float_binary;
        if (binary.op == BinaryOp::add) i.op = PointOp::add;
        if (binary.op == BinaryOp::sub) i.op = PointOp::sub;
        if (binary.op == BinaryOp::mul) i.op = PointOp::mul;
    } else {
        if (binary.op == BinaryOp::lt) i.op = PointOp::less;
        if (binary.op == BinaryOp::le) i.op = PointOp::less_equal;
    }
    return build_.emit(i);
}

int PointExpressions::compile_select(const Select& select) {
    const int condition = compile_node(select.condition);
    const int when_true = compile_when(condition, select.when_true);
    const int when_false = compile_when(build_.inverse(condition), select.when_false);
    return build_.emit({.op = PointOp::select, .a = condition, .b = when_true, .c = when_false});
}

int PointExpressions::compile_cast(const Cast& cast) {
    const ScalarType from = cast.operand.type();
    int value = compile_node(cast.operand);
    if (!is_float(cast.to)) {
        if (is_float(from)) value = build_.emit({.op = PointOp::to_int, .type = cast.type, .a = value});
        return build_.emit({.op = PointOp::narrow_int, .type = cast.to, .a = value});
    }
    if (!is_float(from))
        value = build_.emit({.op = PointOp::to_float, .type = cast.to, .single = rounds(cast.type), .a = value});
    if (context_.precision == EvaluatePrecision::f64 || cast.to == f64) return value;
    return build_.emit({.op = PointOp::narrow_float, .type = cast.to, .a = value});
}

int PointExpressions::compile_index(const DataIndex& index) {
    const int value = compile_node(index.value), extent = compile_node(index.extent);
    std::string tensor;
    for_each_node(index.value, [&](const Expr& e) {
        if (const Read* read = e.as<Read>()) tensor = read->tensor->name;
    });
    const bool clamped = index.mode == IndexMode::clamped;
    indices_.push_back({fmt::format("index({}, {})", print(index.value), print(index.extent)), tensor, clamped});
    return build_.emit({.op = PointOp::data_index,
                        .a = value,
                        .b = extent,
                        .when = when_,
                        .extra = static_cast<int>(indices_.size()) - 1},
                       clamped ? 0 : std::max(build_.guard_depth(), when_depth_));
}

int PointExpressions::compile_print(const PrintWhen& print) {
    const int condition = compile_node(print.condition);
    PointPrint entry{print.label, {}};
    for (const Expr& e : print.shown) entry.shown.emplace_back(compile_when(condition, e), e.type());
    prints_.push_back(std::move(entry));
    const int when = build_.both(when_, condition);
    build_.emit({.op = PointOp::print, .when = when, .extra = static_cast<int>(prints_.size()) - 1},
                build_.innermost());
    return compile_node(print.value);
}

}  // namespace heddle
