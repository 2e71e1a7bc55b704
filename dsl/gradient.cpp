// dsl/gradient.cpp -- the sweep: a pipeline's stages backwards, contributions to the adjoint of each tensor.
#include "dsl/gradient.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>
#include <map>
#include <set>

#include "dsl/adjoint_rules.h"
#include "dsl/adjoint_tensor.h"
#include "dsl/differentiate.h"
#include "dsl/fold_adjoint.h"
#include "dsl/guarded_index.h"
#include "dsl/invert_scatter.h"
#include "dsl/reduction_adjoint.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

std::vector<const Read*> reads_of(const Definition& definition) {
    std::vector<const Read*> reads;
    const auto note = [&](const Expr& e) {
        if (const Read* read = e.as<Read>()) reads.push_back(read);
    };
    for (const Expr& e : definition.left) for_each_node(e, note);
    for (const Expr& e : definition.right) for_each_node(e, note);
    return reads;
}

/// An expression that is computed in some definition, and what stands for it from saved results.
struct KnownValue {
    Expr computed, saved;

    /// The saved value for `e`, where it is the same expression of other variables; undefined: it is not.
    Expr at(const Expr& e) const {
        if (operands_of(e).empty() || e.as<Read>()) return {};
        Substitution variables;
        if (!bind(computed, e, variables) || !equal(substitute(computed, variables), e)) return {};
        for (const Symbol& symbol : symbols_of(saved))
            if (!variables.count(symbol)) return {};
        return substitute(saved, variables);
    }

private:
    static bool bind(const Expr& pattern, const Expr& e, Substitution& variables) {
        if (pattern.kind() != e.kind()) return false;
        if (const Variable* variable = pattern.as<Variable>()) {
            const auto [found, added] = variables.emplace(variable->symbol, e);
            return added || equal(found->second, e);
        }
        const std::vector<Expr> a = operands_of(pattern), b = operands_of(e);
        if (a.size() != b.size()) return false;
        for (std::size_t i = 0; i < a.size(); ++i)
            if (!bind(a[i], b[i], variables)) return false;
        return true;
    }
};

/// Whether a definition adds up products of different tensors: what its adjoint multiplies is read many times, and by
/// sums that are scheduled as products where they read it from memory.
bool sums_products(const Definition& definition) {
    const Binary* product = definition.right[0].as<Binary>();
    if (definition.op != UpdateOp::add || !product || product->op != BinaryOp::mul) return false;
    std::set<const TensorNode*> factors[2];
    for (const int side : {0, 1})
        for_each_node(side ? product->b : product->a, [&](const Expr& e) {
            if (const Read* read = e.as<Read>()) factors[side].insert(read->tensor.get());
        });
    const auto also_right = [&](const TensorNode* node) { return factors[1].count(node) != 0; };
    return !factors[0].empty() && !factors[1].empty() && std::none_of(factors[0].begin(), factors[0].end(), also_right);
}

class Sweep {
public:
    Sweep(const AnyTensor& output, const std::vector<AnyTensor>& wrt, const AnyTensor& seed)
        : pipeline_(Pipeline::of({output})), output_(output), wrt_(wrt) {
        for (const std::vector<AnyTensor>* group : {&pipeline_.inputs, &pipeline_.intermediates, &pipeline_.outputs})
            for (const AnyTensor& tensor : *group) names_.insert(tensor.name());
        find_active();
        check_wrt();
        seed_ =
            seed.defined() ? checked_seed(seed) : AnyTensor(fresh_name(output.name()), output.type(), output.shape());
        names_.insert(seed_.name());
    }

    std::vector<AnyTensor> run() {
        for (auto stage = pipeline_.stages.rbegin(); stage != pipeline_.stages.rend(); ++stage) visit(*stage);
        std::vector<AnyTensor> result;
        for (const AnyTensor& tensor : wrt_) {
            result.push_back(adjoint_of(tensor));
            if (!result.back().defined())
                throw UserError(
                    fmt::format("gradient with respect to {0}: no derivative of {1} reaches {0}; it is used "
                                "in indices, conditions or stop_gradient(...) only",
                                tensor.name(), output_.name()));
        }
        return result;
    }

private:
    /// Tensors that are computed from one of `wrt`.
    void find_active() {
        for (const AnyTensor& tensor : wrt_) active_.insert(tensor.node().get());
        for (const PipelineStage& stage : pipeline_.stages) {
            const std::vector<const Read*> reads = reads_of(*stage.definition);
            if (std::any_of(reads.begin(), reads.end(), [&](const Read* r) { return active_.count(r->tensor.get()); }))
                for (const AnyTensor& target : stage.targets)
                    if (is_float(target.type())) active_.insert(target.node().get());
        }
    }

    void check_wrt() const {
        if (wrt_.empty()) throw UserError(fmt::format("gradient({}, {{}}): name at least one tensor", output_.name()));
        if (!is_float(output_.type()))
            throw UserError(fmt::format("gradient of {}: it holds {}, and a gradient is one of floats", output_.name(),
                                        name_of(output_.type())));
        for (const AnyTensor& tensor : wrt_) {
            if (!tensor.defined()) throw UserError("gradient(): an undefined tensor is asked for");
            if (!is_float(tensor.type()))
                throw UserError(fmt::format("gradient with respect to {}: it holds {}, and a gradient is one of floats",
                                            tensor.name(), name_of(tensor.type())));
            if (pipeline_.find(tensor.name()) == tensor) continue;
            std::vector<std::string> inputs;
            for (const AnyTensor& input : pipeline_.inputs) inputs.push_back(input.name());
            throw UserError(fmt::format("gradient with respect to {}: {} is not computed from it; its inputs are {}",
                                        tensor.name(), output_.name(), join(inputs, ", ")));
        }
    }

    AnyTensor checked_seed(const AnyTensor& seed) const {
        const bool same = seed.rank() == output_.rank() &&
                          std::equal(seed.shape().begin(), seed.shape().end(), output_.shape().begin(),
                                     [](const Extent& a, const Extent& b) { return equal(a.expr(), b.expr()); });
        if (!same || !is_float(seed.type()))
            throw UserError(
                fmt::format("the seed {} of a gradient of {} has the type or shape of another tensor: it "
                            "holds one float an element of {}",
                            seed.name(), output_.name(), output_.name()));
        return seed;
    }

    std::string fresh_name(const std::string& name) const {
        std::string fresh = "d" + name;
        while (names_.count(fresh)) fresh = "d" + fresh;
        return fresh;
    }

    std::string new_name(const std::string& name) {
        std::string fresh = name;
        for (int i = 1; !names_.insert(fresh).second; ++i) fresh = fmt::format("{}_{}", name, i);
        return fresh;
    }

    /// Nothing, where no derivative reaches the tensor. Complete once all readers have been visited.
    AnyTensor adjoint_of(const AnyTensor& tensor) {
        const TensorNode* node = tensor.node().get();
        if (const auto found = adjoints_.find(node); found != adjoints_.end()) return found->second;
        if (tensor == output_) return adjoints_[node] = seed_;
        const std::vector<Contribution> contributions = all_contributions(tensor);
        if (contributions.empty()) return adjoints_[node] = AnyTensor();
        const std::string name = fresh_name(tensor.name());
        names_.insert(name);
        return adjoints_[node] = adjoint_tensor(name, tensor.type(), tensor.shape(), contributions, node->where);
    }

    std::vector<Contribution> all_contributions(const AnyTensor& tensor) {
        const TensorNode* node = tensor.node().get();
        std::vector<Contribution> contributions = contributions_[node];
        for (const auto& [mode, reads] : folded_[node])
            for (const Contribution& part : folded_contributions(
                     tensor, mode, reads, [&](const std::string& name) { return new_name("d" + name); }, node->where))
                contributions.push_back(part);
        return contributions;
    }

    /// The adjoint at the element that a definition writes; undefined: none. Of a tensor between, no more is stored
    /// than helps.
    Expr adjoint_at(const AnyTensor& tensor, const Definition& definition) {
        const TensorNode* node = tensor.node().get();
        const bool asked = tensor == output_ || std::find(wrt_.begin(), wrt_.end(), tensor) != wrt_.end();
        const bool bare = std::all_of(node->definitions.begin(), node->definitions.end(), [&](const auto& each) {
            return is_gather(each->left, tensor.shape(), each->domain);
        });
        if (asked || !bare) {
            const AnyTensor adjoint = adjoint_of(tensor);
            return adjoint.defined() ? read_at_left(adjoint, definition) : Expr();
        }
        if (!values_.count(node)) find_value(tensor, sums_products(definition));
        if (const auto known = adjoints_.find(node); known != adjoints_.end())
            return read_at_left(known->second, definition);
        const AdjointValue& found = values_.at(node);
        if (!found.value.defined()) return {};
        Substitution here;
        for (std::size_t d = 0; d < found.at.size(); ++d) here[found.at[d].as<Variable>()->symbol] = definition.left[d];
        return substitute(found.value, here);
    }

    /// The adjoint as a value, or, where it is asked for and no read alone, as a tensor.
    void find_value(const AnyTensor& tensor, bool as_tensor) {
        const TensorNode* node = tensor.node().get();
        const std::vector<Contribution> contributions = all_contributions(tensor);
        values_[node] = {};
        if (contributions.empty()) return;
        std::string name = new_name("d" + tensor.name());
        const AdjointValue& found = values_[node] =
            adjoint_value(name, tensor.type(), tensor.shape(), contributions, node->where);
        if (!as_tensor || found.value.as<Read>()) return;
        bool taken = false;
        for_each_node(found.value, [&](const Expr& e) {
            if (const Read* read = e.as<Read>()) taken = taken || read->tensor->name == name;
        });
        if (taken) name = new_name(name);
        adjoints_[node] = stored(found, name, tensor.type(), tensor.shape(), node->where);
    }

    void visit(const PipelineStage& stage) {
        const Definition& definition = *stage.definition;
        const auto active = [&](const TensorNode& node) { return active_.count(&node) != 0; };
        ReductionAdjoint reduction{stage, {}, false, [&](const std::string& name) { return new_name(name); }};
        bool any = false;
        for (const AnyTensor& target : stage.targets) {
            reduction.adjoints.push_back(active(*target.node()) ? adjoint_at(target, definition) : Expr());
            any = any || reduction.adjoints.back().defined();
        }
        if (!any) return;
        reduction.shift = is_shift(stage.targets[0]);
        const std::vector<Expr> adjoints = adjoints_of_values(reduction);
        const AnyTensor& target = stage.targets[0];
        const Expr saved = saved_value(stage);
        if (const Binary* quotient = definition.right[0].as<Binary>();
            saved.defined() && quotient && quotient->op == BinaryOp::div)
            known_.push_back({quotient->a, derivative_product(saved, quotient->b)});
        if (const Binary* rest = definition.right[0].as<Binary>(); saved.defined() && rest && rest->op == BinaryOp::sub)
            if (const Unary* logarithm = rest->b.as<Unary>(); logarithm && logarithm->op == UnaryOp::log)
                known_.push_back({exp(rest->a), derivative_product(exp(saved), logarithm->operand)});
        const auto value = [&](const Expr& e) {
            if (e.same_as(definition.right[0]) && saved.defined()) return saved;
            for (const KnownValue& known : known_)
                if (const Expr same = known.at(e); same.defined()) return same;
            return Expr();
        };
        for (std::size_t i = 0; i < adjoints.size(); ++i) {
            if (!adjoints[i].defined()) continue;
            for (const ReadAdjoint& each :
                 differentiate(definition.right[i], adjoints[i], active, value, target.name(), definition.where))
                contribute(*each.read.as<Read>(), each.adjoint, definition);
        }
    }

    /// The adjoint at the written element; 0 for what was dropped.
    static Expr read_at_left(const AnyTensor& adjoint, const Definition& definition) {
        const Ranges ranges = ranges_of(definition.domain);
        bool inside = true;
        for (std::size_t d = 0; d < definition.left.size(); ++d)
            inside = inside && prove(Expr(0) <= definition.left[d], ranges) == true &&
                     prove(definition.left[d] < adjoint.shape()[d].expr(), ranges) == true;
        const Boundary boundary{inside ? BoundaryMode::none : BoundaryMode::zero};
        return Access(adjoint.node(), definition.left, boundary);
    }

    /// The target itself, where it holds the whole right side unrounded.
    static Expr saved_value(const PipelineStage& stage) {
        const Definition& definition = *stage.definition;
        const AnyTensor& target = stage.targets[0];
        const bool holds = definition.op == UpdateOp::assign && target.node()->definitions.size() == 1 &&
                           compute_type(target.type()) == target.type() &&
                           is_gather(definition.left, target.shape(), definition.domain);
        return holds ? Expr(Access(target.node(), definition.left)) : Expr();
    }

    /// Read by stop_gradient alone, and read.
    bool is_shift(const AnyTensor& tensor) const {
        bool stopped = false, otherwise = false;
        const std::function<void(const Expr&, bool)> look = [&](const Expr& e, bool inside) {
            if (const Read* read = e.as<Read>(); read && read->tensor == tensor.node())
                (inside ? stopped : otherwise) = true;
            for (const Expr& operand : operands_of(e)) look(operand, inside || e.as<StopGradient>());
        };
        for (const PipelineStage& stage : pipeline_.stages)
            for (const Expr& right : stage.definition->right) look(right, false);
        return stopped && !otherwise;
    }

    void contribute(const Read& read, const Expr& right, const Definition& definition) {
        const TensorNode* node = read.tensor.get();
        std::vector<Expr> values = definition.left;
        values.insert(values.end(), definition.right.begin(), definition.right.end());
        const std::vector<Expr> guarded = guarded_indices(values);
        const Expr inside = with_clamped(where_skips_are_inside(read, right, definition), guarded);
        const Contribution part{read.indices, inside, definition.domain, guarded};
        switch (read.boundary.mode) {
            case BoundaryMode::none:
            case BoundaryMode::zero:
            case BoundaryMode::constant:
            case BoundaryMode::skip:  // what is written outside is dropped
                contributions_[node].push_back(part);
                return;
            case BoundaryMode::replicate:
            case BoundaryMode::reflect:
            case BoundaryMode::symmetric:
            case BoundaryMode::circular:
                folded_[node][read.boundary.mode].push_back(part);
        }
    }

    /// A point that a `skip` read leaves out contributes to nothing.
    static Expr where_skips_are_inside(const Read& of, const Expr& right, const Definition& definition) {
        std::vector<Expr> kept;
        for_each_node(right, [&](const Expr& e) {
            if (e.as<Read>()) kept.push_back(e);
        });
        const Ranges ranges = ranges_of(definition.domain);
        Expr inside(true);
        for (const Expr& value : definition.right)
            for_each_node(value, [&](const Expr& e) {
                const Read* read = e.as<Read>();
                if (!read || read->boundary.mode != BoundaryMode::skip) return;
                if (read == &of || std::any_of(kept.begin(), kept.end(), [&](const Expr& k) { return equal(k, e); }))
                    return;
                for (std::size_t d = 0; d < read->indices.size(); ++d) {
                    const Expr test =
                        Expr(0) <= read->indices[d] && read->indices[d] < (*read->tensor->shape)[d].expr();
                    inside = inside && simplify(test, ranges);
                }
            });
        return select(inside, right, Expr::floating(0, right.type()));
    }

    Pipeline pipeline_;
    AnyTensor output_, seed_;
    std::vector<AnyTensor> wrt_;
    std::set<std::string> names_;
    std::set<const TensorNode*> active_;
    std::map<const TensorNode*, std::vector<Contribution>> contributions_;
    std::map<const TensorNode*, std::map<BoundaryMode, std::vector<Contribution>>> folded_;
    std::map<const TensorNode*, AnyTensor> adjoints_;
    std::map<const TensorNode*, AdjointValue> values_;
    std::vector<KnownValue> known_;
};

}  // namespace

std::vector<AnyTensor> gradient(const AnyTensor& output, const std::vector<AnyTensor>& wrt, const AnyTensor& seed) {
    return Sweep(output, wrt, seed).run();
}

}  // namespace heddle
