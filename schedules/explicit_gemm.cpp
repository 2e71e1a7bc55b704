// schedules/explicit_gemm.cpp -- columns of windows, products of matrices, and the way back.
#include "schedules/explicit_gemm.h"

#include <algorithm>

#include "dsl/product_sum.h"
#include "dsl/rebuild_pipeline.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool occurs(const Symbol& symbol, const std::vector<Expr>& indices) {
    return std::any_of(indices.begin(), indices.end(), [&](const Expr& index) { return uses(index, symbol); });
}

/// Each index is a variable of its own that runs through the whole dimension; or the one element of a dimension.
bool is_plain(const std::vector<Expr>& indices, const AnyTensor& tensor, const Definition& definition) {
    std::vector<Symbol> seen;
    for (std::size_t d = 0; d < indices.size(); ++d) {
        const auto* variable = indices[d].as<Variable>();
        if (variable == nullptr || std::count(seen.begin(), seen.end(), variable->symbol) != 0) return false;
        const DomainVar* in_domain = definition.find(variable->symbol);
        if (in_domain == nullptr || !equal(in_domain->extent.expr(), tensor.shape()[d].expr())) return false;
        seen.push_back(variable->symbol);
    }
    return true;
}

/// Variables in the order in which a matrix of columns holds them: first those alone at an index of `indices`, of the
/// group that the output shares; then two groups, inside the one that moves along the last index the most.
std::vector<DomainVar> column_order(const std::vector<Expr>& indices, const std::vector<DomainVar>& one,
                                    const std::vector<DomainVar>& other) {
    const auto sorted = [&](std::vector<DomainVar> group) {
        const auto place = [&](const DomainVar& v) {
            return std::find_if(indices.begin(), indices.end(),
                                [&](const Expr& index) { return uses(index, v.symbol); }) -
                   indices.begin();
        };
        std::stable_sort(group.begin(), group.end(),
                         [&](const DomainVar& a, const DomainVar& b) { return place(a) < place(b); });
        return group;
    };
    std::vector<DomainVar> order, left, right = sorted(other);
    for (const DomainVar& v : sorted(one)) {  // a batch: outermost in memory, before anything else
        const bool leads = !indices.empty() && left.empty() && indices[order.size()].as<Variable>() != nullptr &&
                           uses(indices[order.size()], v.symbol);
        (leads && order.size() + 1 < indices.size() ? order : left).push_back(v);
    }
    const auto reach = [&](const std::vector<DomainVar>& group) {
        std::int64_t most = 0;
        for (const DomainVar& v : group)
            if (!indices.empty() && uses(indices.back(), v.symbol))
                most = std::max(most, v.extent.is_static() ? v.extent.value() : 1024);
        return most;
    };
    const bool left_inside = reach(left) >= reach(right);
    const auto &outside = left_inside ? right : left, &inside = left_inside ? left : right;
    order.insert(order.end(), outside.begin(), outside.end());
    order.insert(order.end(), inside.begin(), inside.end());
    return order;
}

std::vector<Extent> extents_of(const std::vector<DomainVar>& variables) {
    std::vector<Extent> extents;
    for (const DomainVar& v : variables) extents.push_back(v.extent);
    return extents;
}

/// New free variables in the place of others, as indices.
std::vector<Expr> as_free(const std::vector<DomainVar>& variables, Substitution& free) {
    std::vector<Expr> at;
    for (const DomainVar& v : variables) {
        at.push_back(Expr(Symbol(v.symbol.name(), SymbolKind::free)));
        free[v.symbol] = at.back();
    }
    return at;
}

std::vector<Expr> symbols(const std::vector<DomainVar>& variables) {
    std::vector<Expr> at;
    for (const DomainVar& v : variables) at.emplace_back(v.symbol);
    return at;
}

class Rewrite {
public:
    explicit Rewrite(const Pipeline& pipeline) {
        for (const AnyTensor& input : pipeline.inputs) names_.push_back(input.name());
        for (const PipelineStage& stage : pipeline.stages)
            for (const AnyTensor& target : stage.targets) names_.push_back(target.name());
        for (const PipelineStage& stage : pipeline.stages) add(stage);
    }
    AnyTensor of(const AnyTensor& tensor) const { return tensors_.known(tensor); }

private:
    std::string free_name(std::string name) {
        while (std::count(names_.begin(), names_.end(), name) != 0) name += "_";
        names_.push_back(name);
        return name;
    }

    void add(const PipelineStage& stage) {
        const Definition& definition = *stage.definition;
        std::vector<std::shared_ptr<TensorNode>> targets;
        for (const AnyTensor& target : stage.targets) targets.push_back(tensors_.renewed(target).node());
        if (const auto product = product_sum_of(definition)) return add_product(definition, *product);
        if (is_bias(stage)) return add_bias(definition);
        add_definition(targets, tensors_.renewed(definition.left), definition.op, tensors_.renewed(definition.right),
                       definition.reducer, definition.where);
    }

    /// An `=` of one plain read over a plain left, before sums of products alone.
    static bool is_bias(const PipelineStage& stage) {
        const Definition& definition = *stage.definition;
        const auto& all = stage.targets[0].node()->definitions;
        if (definition.op != UpdateOp::assign || all.size() < 2 || all[0] != stage.definition) return false;
        const Read* read = definition.right[0].as<Read>();
        return read != nullptr && is_plain(read->indices, AnyTensor(read->tensor), definition) &&
               is_plain(definition.left, stage.targets[0], definition) &&
               std::all_of(all.begin() + 1, all.end(), [](const auto& d) {
                   const auto product = product_sum_of(*d);
                   return product.has_value();
               });
    }

    void add_bias(const Definition& definition) {
        const AnyTensor target = tensors_.renewed(definition.target());
        std::vector<DomainVar> others;
        for (const DomainVar& v : definition.domain)
            if (!occurs(v.symbol, definition.right[0].as<Read>()->indices)) others.push_back(v);
        const AnyTensor ones(free_name(target.name() + "_ones"), target.type(), extents_of(others));
        Substitution free;
        const std::vector<Expr> at = as_free(others, free);
        add_definition({ones.node()}, at, UpdateOp::assign, {Expr::floating(1, compute_type(target.type()))}, {},
                       definition.where);
        add_definition({target.node()}, definition.left, UpdateOp::add,
                       {Expr(ones.at(symbols(others))) * tensors_.renewed(definition.right[0])}, {}, definition.where);
    }

    /// The read itself where it is plain, else a read of its columns.
    Expr factor(const Definition& definition, const Expr& e) {
        const Read& read = *e.as<Read>();
        const AnyTensor source(read.tensor);
        if (is_plain(read.indices, source, definition)) {  // a boundary that no index reaches is left out
            return tensors_.known(source).at(read.indices);
        }
        std::vector<DomainVar> kept, reduced;
        for (const DomainVar& v : definition.domain)
            if (occurs(v.symbol, read.indices)) (v.reduced ? reduced : kept).push_back(v);
        const std::vector<DomainVar> order = column_order(read.indices, kept, reduced);
        const AnyTensor columns(free_name(source.name() + "_columns"), source.type(), extents_of(order));
        Substitution free;
        const std::vector<Expr> at = as_free(order, free);
        Expr value = tensors_.renewed(substitute(e, free));
        if (read.boundary.mode == BoundaryMode::skip) {  // what takes no part adds 0
            const Read& outside = *value.as<Read>();
            value = Access(outside.tensor, outside.indices, {BoundaryMode::zero});
        }
        add_definition({columns.node()}, at, UpdateOp::assign, {value}, {}, definition.where);
        return columns.at(symbols(order));
    }

    void add_product(const Definition& definition, const ProductSum& product) {
        const AnyTensor target = tensors_.renewed(definition.target());
        const auto& factors = *definition.right[0].as<Binary>();
        const Expr value = factor(definition, factors.a) * factor(definition, factors.b);
        if (is_plain(definition.left, definition.target(), definition)) {
            add_definition({target.node()}, definition.left, UpdateOp::add, {value}, {}, definition.where);
            return;
        }
        std::vector<DomainVar> of_a, of_b, all;
        for (const DomainVar& v : definition.domain)
            if (occurs(v.symbol, definition.left)) {
                const bool only_b = occurs(v.symbol, product.b->indices) && !occurs(v.symbol, product.a->indices);
                (only_b ? of_b : of_a).push_back(v);
            }
        all = column_order(definition.left, of_a, of_b);
        const AnyTensor columns(free_name(target.name() + "_columns"), target.type(), extents_of(all));
        add_definition({columns.node()}, symbols(all), UpdateOp::add, {value}, {}, definition.where);
        add_definition({target.node()}, definition.left, UpdateOp::add, {Expr(columns.at(symbols(all)))}, {},
                       definition.where);
    }

    RebuiltTensors tensors_;
    std::vector<std::string> names_;
};

}  // namespace

Pipeline explicit_gemm(const Pipeline& pipeline) {
    const Rewrite rewrite(pipeline);
    std::vector<AnyTensor> outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs.push_back(rewrite.of(output));
    return Pipeline::of(outputs);
}
AnyTensor explicit_gemm(const AnyTensor& output) { return explicit_gemm(Pipeline::of({output})).outputs[0]; }

std::optional<MatrixProduct> matrix_product_of(const Definition& definition) {
    const auto product = product_sum_of(definition);
    if (!product) return {};
    const AnyTensor a(product->a->tensor), b(product->b->tensor);
    if (!is_plain(definition.left, definition.target(), definition) || !is_plain(product->a->indices, a, definition) ||
        !is_plain(product->b->indices, b, definition))
        return {};
    MatrixProduct result{a, b, {}, {}, {}, {}};
    for (const DomainVar& v : definition.domain) {
        const bool in_a = occurs(v.symbol, product->a->indices), in_b = occurs(v.symbol, product->b->indices);
        if (v.reduced && !(in_a && in_b)) return {};
        if (!in_a && !in_b) return {};
        (v.reduced ? result.k : in_a && in_b ? result.batch : in_a ? result.m : result.n).push_back(v);
    }
    return result;
}

}  // namespace heddle
