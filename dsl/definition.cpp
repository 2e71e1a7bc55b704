// dsl/definition.cpp -- adding a definition to its tensors: everything the contract asks of it.
#include "dsl/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "dsl/affine.h"
#include "dsl/domain.h"
#include "dsl/print.h"
#include "dsl/unique_index.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

using Targets = std::vector<std::shared_ptr<TensorNode>>;

std::string names_of(const Targets& targets) {
    std::vector<std::string> names;
    for (const auto& target : targets) names.push_back(target->name);
    return join(names, ", ");
}

std::string text_of(const TensorNode& target, const std::vector<Expr>& left) {
    std::vector<std::string> indices;
    for (const Expr& index : left) indices.push_back(print(index));
    return fmt::format("{}[{}]", target.name, join(indices, ","));
}

bool same_targets(const Definition& definition, const Targets& targets) {
    if (definition.targets.size() != targets.size()) return false;
    for (std::size_t i = 0; i < targets.size(); ++i)
        if (definition.targets[i].lock() != targets[i]) return false;
    return true;
}

/// At most one `=`, which comes first; then updates, all with one operator.
void check_order(const TensorNode& target, const Targets& targets, const Definition& added) {
    if (target.definitions.empty()) return;
    const Definition& last = *target.definitions.back();
    const std::string first_place = last.where.text().empty() ? "" : " (" + last.where.text() + ")";
    if (added.op == UpdateOp::assign)
        throw UserError(added.where,
                        fmt::format("{} is already defined{}: an `=` comes first and only once; use an update "
                                    "(+=, *=, max=, min=) or another tensor",
                                    target.name, first_place));
    if (last.op == UpdateOp::assign) {
        if (added.op == UpdateOp::argmax)
            throw UserError(added.where, fmt::format("{} has an `=` before its argmax=: positions start from no value; "
                                                     "remove the `=`",
                                                     target.name));
        return;
    }
    const bool same = last.op == added.op && (added.op != UpdateOp::tuple ||
                                              (last.reducer.name == added.reducer.name && same_targets(last, targets)));
    if (!same)
        throw UserError(added.where,
                        fmt::format("{} is updated with {}{} and with {}: all updates of a tensor use one "
                                    "operator{}; put the second into another tensor",
                                    target.name, name_of(last.op), first_place, name_of(added.op),
                                    added.op == UpdateOp::tuple ? ", one reducer and the same targets" : ""));
}

void check_types(const TensorNode& target, const Definition& added, std::size_t component) {
    const std::string_view op = name_of(added.op), type = name_of(target.type);
    if (added.op == UpdateOp::argmax && !is_integer(target.type))
        throw UserError(added.where,
                        fmt::format("{} argmax= gives positions, and {} holds {}: make it an integer tensor, "
                                    "as i32",
                                    target.name, target.name, type));
    if (target.type == boolean && (added.op == UpdateOp::add || added.op == UpdateOp::mul))
        throw UserError(added.where, fmt::format("{} {} has no meaning in bool: use max= (any), min= (all), or an i32 "
                                                 "tensor",
                                                 target.name, op));
    if (added.op != UpdateOp::tuple) return;
    const ScalarType expected = added.reducer.identity[component].type();
    if (compute_type(target.type) != expected)
        throw UserError(
            added.where,
            fmt::format("component {} of the reducer {} is {}, and {} holds {}: make it a tensor "
                        "that computes in {}",
                        component, added.reducer.name, name_of(expected), target.name, type, name_of(expected)));
}

void check_targets(const Targets& targets, const Definition& added) {
    const std::size_t components = added.op == UpdateOp::tuple ? added.reducer.identity.size() : 1;
    if (targets.size() != components || added.right.size() != components)
        throw UserError(
            added.where,
            fmt::format("the reducer {} has {} components, and {} tensors ({}) are defined by {} values: one of "
                        "each is needed",
                        added.reducer.name, components, targets.size(), names_of(targets), added.right.size()));
    for (std::size_t i = 0; i < targets.size(); ++i) {
        const TensorNode& target = *targets[i];
        if (target.shape && target.shape->size() != added.left.size())
            throw UserError(added.where, fmt::format("{} has {} dimensions and is defined with {} indices", target.name,
                                                     target.shape->size(), added.left.size()));
        for (std::size_t j = 0; j < i; ++j)
            if (targets[j] == targets[i])
                throw UserError(added.where, fmt::format("{} is defined twice by one tuple", target.name));
        check_types(target, added, i);
        check_order(target, targets, added);
    }
}

/// All tensors that are read have a shape, the right rank, and are not being defined.
void check_tensors_read(const Expr& root, const Targets& targets, const SourceLocation& where) {
    for_each_node(root, [&](const Expr& e) {
        const Read* read = e.as<Read>();
        if (!read) return;
        const std::string& name = read->tensor->name;
        if (std::find(targets.begin(), targets.end(), read->tensor) != targets.end())
            throw UserError(where, fmt::format("{} is read by its own definition: use an update ({} += ...), or define "
                                               "another tensor from it",
                                               name, name));
        if (!read->tensor->shape)
            throw UserError(where,
                            fmt::format("{} is read and has no shape yet: state one where it is made, or define it "
                                        "first",
                                        name));
        if (read->tensor->shape->size() != read->indices.size())
            throw UserError(where, fmt::format("{} has {} dimensions and is read with {} indices", name,
                                               read->tensor->shape->size(), read->indices.size()));
    });
}

/// Var indexes the output, RVar is summed over.
void check_kinds(const Definition& added, const std::string& target) {
    for (const DomainVar& variable : added.domain) {
        const std::string& name = variable.symbol.name();
        if (variable.reduced && variable.symbol.kind() == SymbolKind::free)
            throw UserError(added.where,
                            fmt::format("{0} is absent from the left of {1}: a variable that is reduced is an "
                                        "RVar; write RVar {0}(\"{0}\"), or put {0} on the left",
                                        name, target));
        const auto bare = [&](const Expr& index) {
            return index.as<Variable>() && index.as<Variable>()->symbol == variable.symbol;
        };
        if (variable.symbol.kind() == SymbolKind::reduction && std::any_of(added.left.begin(), added.left.end(), bare))
            throw UserError(added.where, fmt::format("{0} is an RVar and indexes {1} by itself: write Var {0}(\"{0}\")",
                                                     name, target));
    }
}

std::vector<Extent> infer_shape(const TensorNode& target, const Definition& added) {
    std::vector<Extent> shape;
    for (std::size_t d = 0; d < added.left.size(); ++d) {
        const Variable* variable = added.left[d].as<Variable>();
        const DomainVar* found = variable ? added.find(variable->symbol) : nullptr;
        if (!found)
            throw UserError(added.where,
                            fmt::format("the shape of {} cannot be inferred: its index at dimension {} is `{}`, "
                                        "not a variable alone; state the shape where {} is made",
                                        target.name, d, print(added.left[d]), target.name));
        shape.push_back(found->extent);
    }
    return shape;
}

/// An `=` writes inside, each element at most once.
void check_assignment(const TensorNode& target, const std::vector<Extent>& shape, const Definition& added) {
    for (const DomainVar& variable : added.domain)
        if (is_const(variable.extent.expr(), 0)) return;
    const std::string left = text_of(target, added.left);
    const Ranges ranges = ranges_of(added.domain);
    for (std::size_t d = 0; d < added.left.size(); ++d) {
        const Expr& index = added.left[d];
        const DataIndex* data = index.as<DataIndex>();
        if (data && is_unique(*data)) continue;
        if (data)
            throw UserError(added.where,
                            fmt::format("{} = : the index `{}` is read from data, so that elements could be written "
                                        "twice; use an update, or promise that its values differ: unique_index(...)",
                                        left, print(index)));
        if (!affine_of(index))
            throw UserError(added.where,
                            fmt::format("{} = : the index `{}` is not a sum of constants times variables, so "
                                        "that elements could be written twice; use an update, or index with "
                                        "variables",
                                        left, print(index)));
        if (prove(Expr(0) <= index, ranges) == true && prove(index < shape[d].expr(), ranges) == true) continue;
        const Interval reach = interval_of(index, ranges);
        throw UserError(added.where,
                        fmt::format("{} = : {} is written at dimension {} over [{}, {}], its extent is {}: an `=` "
                                    "must stay inside; shrink the variables, or use an update, which drops what "
                                    "falls outside",
                                    left, target.name, d, reach.min, reach.max, print(shape[d].expr())));
    }
    std::vector<std::string> names;
    for (const Symbol& symbol : colliding_variables(added.left, added.domain)) names.push_back(symbol.name());
    if (!names.empty())
        throw UserError(added.where,
                        fmt::format("{} = : elements could be written more than once, since different values of "
                                    "{} may meet in one element; use an update (+=, max=, ...), or index with "
                                    "distinct variables",
                                    left, join(names, ", ")));
}

/// Of max=, min= and argmax=: over something, and with positions that the target can hold.
void check_reduction(const TensorNode& target, const Definition& added) {
    if (added.op != UpdateOp::max && added.op != UpdateOp::min && added.op != UpdateOp::argmax) return;
    double points = 1;
    std::string empty;
    for (const DomainVar& variable : added.domain) {
        if (!variable.extent.is_static()) continue;
        if (!variable.reduced && variable.extent.value() == 0) return;  // no output either
        if (variable.reduced && variable.extent.value() == 0) empty = variable.symbol.name();
        if (variable.reduced) points *= static_cast<double>(variable.extent.value());
    }
    if (!empty.empty() && target.definitions.empty())
        throw UserError(added.where, fmt::format("{} {} over nothing: {} has the extent 0, and there is no largest or "
                                                 "smallest of no values; begin with an `=`, or give {} at least 1",
                                                 target.name, name_of(added.op), empty, empty));
    const int bits = 8 * bytes_of(target.type) - (is_signed(target.type) ? 1 : 0);
    if (added.op == UpdateOp::argmax && points > std::ldexp(1.0, bits))
        throw UserError(added.where,
                        fmt::format("{} argmax= over {} positions does not fit {}; make {} an i32 or i64 tensor",
                                    target.name, points, name_of(target.type), target.name));
}

}  // namespace

std::string_view name_of(UpdateOp op) {
    switch (op) {
        case UpdateOp::assign:
            return "=";
        case UpdateOp::add:
            return "+=";
        case UpdateOp::mul:
            return "*=";
        case UpdateOp::max:
            return "max=";
        case UpdateOp::min:
            return "min=";
        case UpdateOp::argmax:
            return "argmax=";
        case UpdateOp::tuple:
            return "reduce=";
    }
    throw InternalError("an unknown update");
}

const DomainVar* Definition::find(const Symbol& symbol) const {
    for (const DomainVar& variable : domain)
        if (variable.symbol == symbol) return &variable;
    return nullptr;
}

AnyTensor Definition::target(int i) const {
    std::shared_ptr<TensorNode> node = targets.at(i).lock();
    if (!node)
        throw UserError(where,
                        "a tensor of this tuple reduction no longer exists: keep all tensors that reduce() defines "
                        "while one of them is used");
    return AnyTensor(std::move(node));
}

void add_definition(const Targets& targets, std::vector<Expr> left, UpdateOp op, std::vector<Expr> right,
                    const Reducer& reducer, const SourceLocation& where) {
    require(!targets.empty() && (op != UpdateOp::tuple || reducer.defined()), "a definition without target or reducer");
    for (const auto& target : targets)
        if (!target) throw UserError(where, "an undefined tensor is defined: give it a name and a type first");
    for (const std::vector<Expr>* expressions : {&left, &right})
        for (const Expr& e : *expressions)
            if (!e.defined())
                throw UserError(where, "the definition of " + names_of(targets) + " has an undefined part");

    auto added = std::make_shared<Definition>();
    added->targets.assign(targets.begin(), targets.end());
    added->left = std::move(left);
    for (Expr& index : added->left) index = cast(i64, std::move(index));
    added->op = op;
    added->right = std::move(right);
    added->reducer = reducer;
    added->where = where;
    check_targets(targets, *added);
    for (std::size_t i = 0; i < targets.size() && op != UpdateOp::argmax; ++i)
        added->right[i] = cast(compute_type(targets[i]->type), added->right[i]);
    for (const Expr& e : added->left) check_tensors_read(e, targets, where);
    for (const Expr& e : added->right) check_tensors_read(e, targets, where);

    // Of a tuple, the first target with a shape stands for all.
    std::shared_ptr<TensorNode> shaped = targets[0];
    for (const auto& target : targets)
        if (!shaped->shape) shaped = target;
    added->domain = infer_domain(*shaped, added->left, added->right, where);
    check_kinds(*added, shaped->name);
    const std::vector<Extent> shape = shaped->shape ? *shaped->shape : infer_shape(*shaped, *added);
    for (const auto& target : targets)
        for (std::size_t d = 0; target->shape && d < shape.size(); ++d)
            if (prove(equals((*target->shape)[d].expr(), shape[d].expr()), {}) != true)
                throw UserError(
                    where, fmt::format("{} has the extent {} at dimension {}, and {} has {}: the tensors of a tuple "
                                       "have one shape",
                                       target->name, print((*target->shape)[d].expr()), d, shaped->name,
                                       print(shape[d].expr())));
    for (const Expr& e : added->left) check_reads(e, added->domain, where);
    for (const Expr& e : added->right) check_reads(e, added->domain, where);
    if (op == UpdateOp::assign) check_assignment(*targets[0], shape, *added);
    for (const auto& target : targets) check_reduction(*target, *added);

    for (std::size_t i = 0; i < targets.size(); ++i) {
        targets[i]->shape = shape;
        if (op == UpdateOp::tuple) targets[i]->component = static_cast<int>(i);
        targets[i]->definitions.push_back(added);
    }
}

}  // namespace heddle
