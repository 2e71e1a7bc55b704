// dsl/point_compile.cpp -- from a definition to the instructions of its points.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "dsl/affine.h"
#include "dsl/point_program.h"
#include "dsl/print.h"
#include "dsl/visit.h"

namespace heddle {

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
    Value value{};
    if (const FloatImm* literal = e.as<FloatImm>())
        value.f = literal->value;
    else if (const IntImm* literal = e.as<IntImm>())
        value.i = literal->value;
    else
        throw InternalError("the identity `" + print(e) + "` is not a literal");
    return value;
}

/// Builds a PointProgram.
class PointCompiler {
public:
    PointCompiler(PointProgram& program, const Definition& definition, const PointContext& context)
        : p_(program), definition_(definition), context_(context) {
        for (const auto& [symbol, value] : context.parameters) parameters_[symbol] = Expr::integer(value);
        p_.where_ = definition.where;
        p_.code_.resize(definition.domain.size() + 1);
        for (const DomainVar& variable : definition.domain) {
            const std::int64_t extent = value_of(variable.extent, context.parameters);
            const int slot = new_slot(static_cast<int>(p_.loops_.size()) + 1);
            variables_[variable.symbol] = slot;
            p_.loops_.push_back({variable.symbol, slot, extent, 0, extent});
            if (extent == 0 && variable.reduced) p_.empty_reduction_ = true;
        }
        std::vector<int> left;
        skip_unless(participation(definition));
        for (const Expr& index : definition.left) left.push_back(compile(substituted(index)));
        select_elements(left);
        write(context.one_element ? constant_int(0) : offset_of(definition.left, target_strides()));
    }

private:
    int innermost() const { return static_cast<int>(p_.loops_.size()); }
    Expr substituted(const Expr& e) const { return parameters_.empty() ? e : substitute(e, parameters_); }

    int new_slot(int depth) {
        p_.slots_.push_back(Value{.i = 0});
        depths_.push_back(depth);
        return static_cast<int>(p_.slots_.size()) - 1;
    }
    int constant_slot(bool floating, std::int64_t bits) {
        const auto [found, added] = constants_.emplace(std::pair(floating, bits), 0);
        if (added) {
            found->second = new_slot(0);
            p_.slots_.back().i = bits;
        }
        return found->second;
    }
    int constant_int(std::int64_t value) { return constant_slot(false, value); }
    int constant_float(double value) { return constant_slot(true, Value{.f = value}.i); }

    /// Appends at the depth of the operands, at least `depth`; of equal instructions without effect only the first.
    int emit(PointInstruction i, int depth = 0, bool repeatable = true) {
        for (int operand : {i.a, i.b, i.c, i.when})
            if (operand >= 0) depth = std::max(depth, depths_[operand]);
        const auto key = std::tuple(i.op, i.type, i.sub, i.single, i.a, i.b, i.c, i.when, i.extra, i.number, depth);
        if (repeatable)
            if (const auto found = emitted_.find(key); found != emitted_.end()) return found->second;
        i.result = new_slot(depth);
        p_.code_[depth].push_back(i);
        if (repeatable) emitted_[key] = i.result;
        return i.result;
    }

    /// Conjunction of two conditions, -1 standing for true.
    int both(int a, int b) {
        if (a < 0 || known_true_.count(a)) return b < 0 || known_true_.count(b) ? -1 : b;
        if (b < 0 || known_true_.count(b) || a == b) return a;
        return emit({.op = PointOp::both, .a = a, .b = b});
    }
    int inverse(int a) {
        return emit({.op = PointOp::int_unary,
                     .type = boolean,
                     .sub = static_cast<std::uint8_t>(UnaryOp::logical_not),
                     .a = a});
    }
    int condition_slot(int a) { return a < 0 ? constant_int(1) : a; }

    // Which points take part, and which elements they write.

    void skip_unless_slot(int condition) {
        if (known_true_.count(condition)) return;
        emit({.op = PointOp::skip_unless, .a = condition}, 0, false);
        known_true_.insert(condition);
        guard_depth_ = std::max(guard_depth_, depths_[condition]);
    }
    void skip_unless(const Expr& condition) {
        if (is_const(condition, 1)) return;
        const Binary* conjunction = condition.as<Binary>();
        if (conjunction && conjunction->op == BinaryOp::logical_and) {
            skip_unless(conjunction->a);
            skip_unless(conjunction->b);
        } else {
            skip_unless_slot(compile(substituted(condition)));
        }
    }

    std::vector<std::int64_t> target_shape() const {
        return values_of(definition_.target().shape(), context_.parameters);
    }
    std::vector<std::int64_t> target_strides() const { return row_major_strides(target_shape()); }

    void select_elements(const std::vector<int>& left) {
        const std::vector<std::int64_t> shape = target_shape();
        const Ranges ranges = ranges_of(definition_.domain);
        for (std::size_t d = 0; d < left.size(); ++d) {
            if (context_.one_element) {
                p_.wanted_.push_back(wanted(definition_.left[d], left[d]));
                continue;
            }
            const Expr &index = definition_.left[d], extent = definition_.target().shape()[d].expr();
            if (prove(Expr(0) <= index, ranges) != true)
                skip_unless_slot(emit({.op = PointOp::less_equal, .a = constant_int(0), .b = left[d]}));
            if (prove(index < extent, ranges) != true)
                skip_unless_slot(emit({.op = PointOp::less, .a = left[d], .b = constant_int(shape[d])}));
        }
    }

    PointProgram::Wanted wanted(const Expr& index, int slot) {
        for (std::size_t loop = 0; loop < p_.loops_.size(); ++loop)
            if (index.as<Variable>() && index.as<Variable>()->symbol == p_.loops_[loop].symbol)
                return {static_cast<int>(loop), -1};
        const int element = new_slot(0);
        skip_unless_slot(emit({.op = PointOp::int_binary,
                               .type = i64,
                               .sub = static_cast<std::uint8_t>(BinaryOp::eq),
                               .a = slot,
                               .b = element}));
        return {-1, element};
    }

    void write(int offset) {
        const Definition& d = definition_;
        const ScalarType type = compute_type(d.target().type());
        if (d.op == UpdateOp::tuple) return write_tuple(offset);
        const int value = compile(substituted(d.right[0]));
        PointInstruction last{
            .op = PointOp::store, .type = type, .single = rounds(type), .a = offset, .b = value, .extra = 0};
        switch (d.op) {
            case UpdateOp::add:
                last.sub = static_cast<std::uint8_t>(BinaryOp::add);
                break;
            case UpdateOp::mul:
                last.sub = static_cast<std::uint8_t>(BinaryOp::mul);
                break;
            case UpdateOp::max:
                last.sub = static_cast<std::uint8_t>(BinaryOp::max);
                break;
            case UpdateOp::min:
                last.sub = static_cast<std::uint8_t>(BinaryOp::min);
                break;
            default:
                break;
        }
        if (d.op == UpdateOp::argmax) {
            last.op = PointOp::update_argmax;
            last.type = d.right[0].type();
            Expr position(0);
            for (std::size_t i = 0; i < d.domain.size(); ++i)
                if (d.domain[i].reduced)
                    position = position * Expr::integer(p_.loops_[i].extent) + Expr(d.domain[i].symbol);
            last.c = compile(position);
        } else if (d.op != UpdateOp::assign) {
            last.op = PointOp::update;
        }
        emit(last, innermost(), false);
    }

    void write_tuple(int offset) {
        const Reducer& reducer = definition_.reducer;
        const int components = static_cast<int>(reducer.identity.size());
        std::vector<int> values;
        for (const Expr& e : definition_.right) values.push_back(compile(substituted(e)));
        for (int i = 0; i < components; ++i) {
            placeholders_[reducer.right[i].node().get()] = values[i];
            placeholders_[reducer.left[i].node().get()] =
                emit({.op = PointOp::load_accumulator, .type = reducer.identity[i].type(), .a = offset, .extra = i},
                     innermost(), false);
        }
        for (int i = 0; i < components; ++i) values[i] = compile(reducer.combine[i]);
        for (int i = 0; i < components; ++i)
            emit({.op = PointOp::store, .type = reducer.identity[i].type(), .a = offset, .b = values[i], .extra = i},
                 innermost(), false);
    }

    // Expressions. `when_` is the condition under which the present one is wanted.

    bool rounds(ScalarType type) const { return type == f32 && context_.precision == EvaluatePrecision::declared; }

    int compile(const Expr& e) {
        const std::pair key(e.get(), when_);
        if (const auto found = compiled_.find(key); found != compiled_.end()) return found->second;
        const int slot = compile_node(e);
        kept_.push_back(e);
        return compiled_[key] = slot;
    }

    int compile_node(const Expr& e) {
        if (e.type() == i64)
            if (const std::optional<Affine> affine = affine_of(e)) return compile(*affine);
        switch (e.kind()) {
            case ExprKind::IntImm:
                return constant_int(e.as<IntImm>()->value);
            case ExprKind::FloatImm:
                return constant_float(e.as<FloatImm>()->value);
            case ExprKind::Variable:
                return variables_.at(e.as<Variable>()->symbol);
            case ExprKind::Read:
                return compile(*e.as<Read>());
            case ExprKind::Unary:
                return compile(*e.as<Unary>());
            case ExprKind::Binary:
                return compile(*e.as<Binary>());
            case ExprKind::Select:
                return compile(*e.as<Select>());
            case ExprKind::Cast:
                return compile(*e.as<Cast>());
            case ExprKind::DataIndex:
                return compile(*e.as<DataIndex>());
            case ExprKind::StopGradient:
                return compile(e.as<StopGradient>()->operand);
            case ExprKind::PrintWhen:
                return compile(*e.as<PrintWhen>());
        }
        throw InternalError("an unknown expression");
    }

    int compile_when(int condition, const Expr& e) {
        const int outer = when_, depth = when_depth_;
        when_ = both(when_, condition);
        when_depth_ = std::max(when_depth_, depths_[condition]);
        const int slot = compile(e);
        when_ = outer;
        when_depth_ = depth;
        return slot;
    }

    /// A chain of multiply_adds, outer variables first.
    int compile(const Affine& affine) {
        std::vector<std::pair<int, std::int64_t>> terms;
        for (const auto& [symbol, coefficient] : affine.terms) terms.emplace_back(variables_.at(symbol), coefficient);
        std::sort(terms.begin(), terms.end(),
                  [&](const auto& a, const auto& b) { return depths_[a.first] < depths_[b.first]; });
        if (terms.size() == 1 && terms[0].second == 1 && affine.constant == 0) return terms[0].first;
        int sum = constant_int(affine.constant);
        for (const auto& [slot, coefficient] : terms)
            sum = emit({.op = PointOp::multiply_add, .a = sum, .b = slot, .number = coefficient});
        return sum;
    }

    int offset_of(const std::vector<Expr>& indices, const std::vector<std::int64_t>& strides) {
        Affine affine;
        std::vector<std::pair<int, std::int64_t>> others;
        for (std::size_t d = 0; d < indices.size(); ++d) {
            const Expr index = substituted(indices[d]);
            if (const std::optional<Affine> part = affine_of(index))
                affine = affine + *part * strides[d];
            else
                others.emplace_back(compile(index), strides[d]);
        }
        int offset = compile(affine);
        for (const auto& [slot, stride] : others)
            offset = emit({.op = PointOp::multiply_add, .a = offset, .b = slot, .number = stride});
        return offset;
    }

    int source_of(const TensorNode& tensor) {
        const auto [found, added] = source_numbers_.emplace(&tensor, static_cast<int>(p_.sources_.size()));
        if (added) {
            ElementSource elements = context_.source(tensor);
            std::int64_t first = 0, last = 0;
            for (std::size_t d = 0; d < elements.shape.size(); ++d) {
                const std::int64_t span = (elements.shape[d] - 1) * elements.strides[d];
                (span < 0 ? first : last) += span;
            }
            p_.sources_.push_back({std::move(elements), tensor.name, first, last});
        }
        return found->second;
    }

    int compile(const Read& read) {
        if (const auto found = placeholders_.find(read.tensor.get()); found != placeholders_.end())
            return found->second;
        const ResolvedRead resolved = resolve_boundary(read, definition_.domain);
        const int inside = is_const(resolved.inside, 1) ? -1 : compile(substituted(resolved.inside));
        const int source = source_of(*read.tensor);
        const int offset = offset_of(resolved.indices, p_.sources_[source].elements.strides);
        const int depth = inside < 0 ? when_depth_ : std::max(when_depth_, depths_[inside]);
        const int value = emit({.op = PointOp::load,
                                .type = compute_type(read.tensor->type),
                                .a = offset,
                                .when = both(when_, inside),
                                .extra = source},
                               depth);
        if (inside < 0 || known_true_.count(inside) || !resolved.outside.defined()) return value;
        return emit({.op = PointOp::select, .a = inside, .b = value, .c = compile(resolved.outside)});
    }

    int compile(const Unary& unary) {
        const int operand = compile(unary.operand);
        const bool floating = is_float(unary.type);
        return emit({.op = floating ? PointOp::float_unary : PointOp::int_unary,
                     .type = unary.type,
                     .sub = static_cast<std::uint8_t>(unary.op),
                     .single = rounds(unary.type),
                     .a = operand});
    }

    int compile(const Binary& binary) {
        const int a = compile(binary.a);
        if (binary.op == BinaryOp::logical_and) {
            const int b = compile_when(a, binary.b);
            return condition_slot(both(a, b));
        }
        if (binary.op == BinaryOp::logical_or) {
            const int b = compile_when(inverse(a), binary.b);
            return emit({.op = PointOp::select, .a = a, .b = constant_int(1), .c = b});
        }
        const int b = compile(binary.b);
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
        return emit(i);
    }

    int compile(const Select& select) {
        const int condition = compile(select.condition);
        const int when_true = compile_when(condition, select.when_true);
        const int when_false = compile_when(inverse(condition), select.when_false);
        return emit({.op = PointOp::select, .a = condition, .b = when_true, .c = when_false});
    }

    int compile(const Cast& cast) {
        const ScalarType from = cast.operand.type();
        int value = compile(cast.operand);
        if (!is_float(cast.to)) {
            if (is_float(from)) value = emit({.op = PointOp::to_int, .type = cast.type, .a = value});
            return emit({.op = PointOp::narrow_int, .type = cast.to, .a = value});
        }
        if (!is_float(from))
            value = emit({.op = PointOp::to_float, .type = cast.to, .single = rounds(cast.type), .a = value});
        if (context_.precision == EvaluatePrecision::f64 || cast.to == f64) return value;
        return emit({.op = PointOp::narrow_float, .type = cast.to, .a = value});
    }

    int compile(const DataIndex& index) {
        const int value = compile(index.value), extent = compile(index.extent);
        std::string tensor;
        for_each_node(index.value, [&](const Expr& e) {
            if (const Read* read = e.as<Read>()) tensor = read->tensor->name;
        });
        const bool clamped = index.mode == IndexMode::clamped;
        p_.indices_.push_back({fmt::format("index({}, {})", print(index.value), print(index.extent)), tensor, clamped});
        return emit({.op = PointOp::data_index,
                     .a = value,
                     .b = extent,
                     .when = when_,
                     .extra = static_cast<int>(p_.indices_.size()) - 1},
                    clamped ? 0 : std::max(guard_depth_, when_depth_), false);
    }

    int compile(const PrintWhen& print) {
        const int condition = compile(print.condition);
        PointProgram::Print entry{print.label, {}};
        for (const Expr& e : print.shown) entry.shown.emplace_back(compile_when(condition, e), e.type());
        p_.prints_.push_back(std::move(entry));
        const int when = both(when_, condition);
        emit({.op = PointOp::print, .when = when, .extra = static_cast<int>(p_.prints_.size()) - 1}, innermost(),
             false);
        return compile(print.value);
    }

    PointProgram& p_;
    const Definition& definition_;
    const PointContext& context_;
    Substitution parameters_;
    std::map<Symbol, int> variables_;
    std::map<const TensorNode*, int> placeholders_, source_numbers_;
    std::vector<int> depths_;  ///< of slots
    std::map<std::pair<bool, std::int64_t>, int> constants_;
    std::map<std::tuple<PointOp, ScalarType, std::uint8_t, bool, int, int, int, int, int, std::int64_t, int>, int>
        emitted_;
    std::map<std::pair<const ExprNode*, int>, int> compiled_;  ///< by node and when_
    std::vector<Expr> kept_;                                   ///< keeps their addresses from being used again
    std::set<int> known_true_;                                 ///< conditions of the points that were not skipped
    int guard_depth_ = 0;                                      ///< of the innermost of them
    int when_ = -1, when_depth_ = 0;
};

PointProgram::PointProgram(const Definition& definition, const PointContext& context) {
    PointCompiler(*this, definition, context);
}

}  // namespace heddle
