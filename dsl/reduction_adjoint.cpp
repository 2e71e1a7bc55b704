// dsl/reduction_adjoint.cpp -- how an update passes its result's adjoint on to each value that it combined.
#include "dsl/reduction_adjoint.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/adjoint_rules.h"
#include "dsl/differentiate.h"
#include "dsl/invert_scatter.h"
#include "dsl/last_nan.h"
#include "dsl/print.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

std::vector<DomainVar> reduced_of(const Definition& definition) {
    std::vector<DomainVar> reduced;
    for (const DomainVar& v : definition.domain)
        if (v.reduced) reduced.push_back(v);
    return reduced;
}

/// The smallest type that holds positions and one more value, of "none".
ScalarType offset_type(const std::vector<DomainVar>& reduced) {
    double positions = 1;
    for (const DomainVar& v : reduced) positions *= static_cast<double>(interval_of(v.extent.expr(), {}).max);
    return positions < 256 ? u8 : positions < 65536 ? u16 : positions < 2147483648.0 ? i32 : i64;
}

/// Row-major, as argmax= counts.
Expr offset_of(const std::vector<DomainVar>& reduced) {
    Expr offset(0);
    for (const DomainVar& v : reduced)
        offset = is_const(offset, 0) ? Expr(v.symbol) : offset * v.extent.expr() + v.symbol;
    return offset;
}

/// combine over stand-ins is a sum in each component.
bool is_sum(const Reducer& reducer) {
    for (std::size_t i = 0; i < reducer.combine.size(); ++i) {
        const Binary* sum = reducer.combine[i].as<Binary>();
        if (!sum || sum->op != BinaryOp::add) return false;
        const Read *a = sum->a.as<Read>(), *b = sum->b.as<Read>();
        if (!a || !b || a->tensor != reducer.left[i].node() || b->tensor != reducer.right[i].node()) return false;
    }
    return true;
}

class Values {
public:
    explicit Values(const ReductionAdjoint& reduction)
        : r_(reduction), definition_(*reduction.stage.definition), target_(reduction.stage.targets[0]) {}

    std::vector<Expr> run() {
        if (definition_.op == UpdateOp::assign || definition_.op == UpdateOp::add) return r_.adjoints;
        check_form();
        if (definition_.op == UpdateOp::max || definition_.op == UpdateOp::min)
            return {at_winner(winner_of(definition_.right[0]), r_.adjoints[0])};
        if (definition_.op == UpdateOp::tuple) {
            if (is_sum(definition_.reducer)) return r_.adjoints;
            if (definition_.reducer.name == "argmax" || definition_.reducer.name == "argmax_last_nan")
                return of_argmax();
            if (definition_.reducer.name == "max_sum_exp") return of_max_sum_exp();
        }
        return of_pairs();
    }

private:
    void check_form() const {
        if (target_.node()->definitions.size() > 1)
            throw UserError(definition_.where,
                            fmt::format("the gradient of {0} through {1} beside another definition of {0} is not "
                                        "derived: give each a tensor of its own and combine them in a third",
                                        target_.name(), name_of(definition_.op)));
        if (!is_gather(definition_.left, target_.shape(), definition_.domain))
            throw UserError(definition_.where,
                            fmt::format("the gradient of {} through {} at computed indices is not derived: write it as "
                                        "a gather ('heddle show --stage gather' does)",
                                        target_.name(), name_of(definition_.op)));
    }

    /// The position of the largest (or smallest) value, saved beside the forward.
    Expr winner_of(Expr value) const {
        const std::vector<DomainVar> reduced = reduced_of(definition_);
        if (definition_.op == UpdateOp::min) value = -value;
        const AnyTensor at(r_.name(target_.name() + "_at"), offset_type(reduced), target_.shape());
        const Reducer reducer = argmax_last_nan_reducer(value.type());
        add_definition({at.node()}, definition_.left, UpdateOp::argmax, {value}, reducer, definition_.where);
        const Expr position = Access(at.node(), definition_.left);
        return equals(position, cast(position.type(), offset_of(reduced)));
    }
    static Expr at_winner(const Expr& wins, const Expr& g) { return select(wins, g, Expr::floating(0, g.type())); }

    Expr result(std::size_t component) const { return Access(r_.stage.targets[component].node(), definition_.left); }

    std::vector<Expr> of_argmax() const {
        if (!r_.adjoints[0].defined()) return {Expr(), Expr()};
        return {at_winner(equals(result(1), definition_.right[1]), r_.adjoints[0]), Expr()};
    }

    std::vector<Expr> of_max_sum_exp() const {
        const Expr &x = definition_.right[0], &weight = definition_.right[1];
        const Expr &of_max = r_.adjoints[0], &of_sum = r_.adjoints[1];
        Expr of_x, of_weight;
        if (of_sum.defined()) {
            of_weight = derivative_product(of_sum, exp(x - result(0)));
            of_x = derivative_product(of_weight, weight);
        }
        if (r_.shift) return {of_x, of_weight};
        Expr rest;
        if (of_max.defined()) rest = of_max;
        if (of_sum.defined()) {
            const Expr moved = derivative_negated(derivative_product(of_sum, result(1)));
            rest = rest.defined() ? derivative_sum(rest, moved) : moved;
        }
        if (rest.defined()) {
            const Expr winner = at_winner(winner_of(x), rest);
            of_x = of_x.defined() ? derivative_sum(of_x, winner) : winner;
        }
        return {of_x, of_weight};
    }

    /// Tensors over the output's elements and the reduced variables: all values but that one, combined.
    std::vector<Expr> rest_of_values() const {
        Substitution other, own;
        std::vector<Extent> shape = target_.shape();
        std::vector<Expr> left = definition_.left, read = definition_.left;
        Expr same(true);
        for (const DomainVar& v : reduced_of(definition_)) {
            const Symbol others(v.symbol.name() + "_other", SymbolKind::reduction, v.extent.expr().handle());
            const Symbol kept(v.symbol.name(), SymbolKind::free, v.extent.expr().handle());
            other[v.symbol] = Expr(others);
            shape.push_back(v.extent);
            left.push_back(Expr(kept));
            read.push_back(Expr(v.symbol));
            same = same && equals(Expr(others), Expr(kept));
        }
        // The tensors of a tuple live and die together, whichever of them is read.
        const auto group = std::make_shared<std::vector<TensorNode>>(definition_.right.size());
        std::vector<std::shared_ptr<TensorNode>> targets;
        std::vector<Expr> values, reads;
        for (std::size_t i = 0; i < definition_.right.size(); ++i) {
            const AnyTensor& of = r_.stage.targets[i];
            (*group)[i] = *AnyTensor(r_.name(of.name() + "_rest"), of.type(), shape).node();
            const AnyTensor rest(std::shared_ptr<TensorNode>(group, &(*group)[i]));
            const Expr identity = definition_.op == UpdateOp::tuple ? definition_.reducer.identity[i]
                                                                    : identity_of(definition_.op, of.type());
            targets.push_back(rest.node());
            values.push_back(select(same, identity, substitute(definition_.right[i], other)));
            reads.push_back(Access(rest.node(), read));
        }
        add_definition(targets, left, definition_.op, values, definition_.reducer, definition_.where);
        return reads;
    }

    std::vector<Expr> of_pairs() const {
        const std::vector<Expr> rest = rest_of_values();
        if (definition_.op == UpdateOp::mul) return {derivative_product(r_.adjoints[0], rest[0])};
        const Reducer& reducer = definition_.reducer;
        const auto component = [&](const std::vector<AnyTensor>& tensors, const TensorNode& node) {
            return std::find_if(tensors.begin(), tensors.end(),
                                [&](const AnyTensor& t) { return t.node().get() == &node; }) -
                   tensors.begin();
        };
        std::vector<Expr> result(rest.size());
        for (std::size_t j = 0; j < rest.size(); ++j) {
            if (!r_.adjoints[j].defined()) continue;
            const auto is_value = [&](const TensorNode& node) {
                const auto i = static_cast<std::size_t>(component(reducer.left, node));
                return i < rest.size() && is_float(node.type);
            };
            const auto same = [](const Expr&) { return Expr(); };
            for (const ReadAdjoint& each :
                 differentiate(reducer.combine[j], r_.adjoints[j], is_value, same, target_.name(), definition_.where)) {
                Expr& sum = result[static_cast<std::size_t>(component(reducer.left, *each.read.as<Read>()->tensor))];
                sum = sum.defined() ? derivative_sum(sum, each.adjoint) : each.adjoint;
            }
        }
        for (Expr& e : result) {
            if (!e.defined()) continue;
            e = rewrite(e, [&](const Expr& node) {
                const Read* read = node.as<Read>();
                if (!read) return Expr();
                const auto a = static_cast<std::size_t>(component(reducer.left, *read->tensor));
                const auto b = static_cast<std::size_t>(component(reducer.right, *read->tensor));
                return a < rest.size() ? definition_.right[a] : b < rest.size() ? rest[b] : Expr();
            });
        }
        return result;
    }

    const ReductionAdjoint& r_;
    const Definition& definition_;
    const AnyTensor& target_;
};

}  // namespace

std::vector<Expr> adjoints_of_values(const ReductionAdjoint& reduction) { return Values(reduction).run(); }

}  // namespace heddle
