// codegen/build_stage.cpp -- building a stage, packed copies, and which storage is used and needed.
#include "codegen/build_stage.h"

#include <algorithm>
#include <set>

#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool mentions(const Expr& e, const std::vector<Loop>& loops) {
    for (const Loop& loop : loops)
        if (uses(e, loop.var)) return true;
    return false;
}

}  // namespace

Stmt build_stage(const LoopNest& nest, const StageNest& stage, const ReadSources& sources, const ReadSources* local) {
    return StageBuilder(nest, stage, sources, local).run();
}

StageSteps build_root_stage(const LoopNest& nest, const StageNest& stage, const ReadSources& sources,
                            const ReadSources* local) {
    StageBuilder builder(nest, stage, sources, local);
    StageSteps steps;
    steps.body = builder.run();
    steps.partials = builder.partials();
    if (steps.partials.defined()) steps.fix_up = builder.fix_up();
    steps.rest = builder.rest();
    if (steps.rest.defined()) steps.prepare = builder.prepare_rest();
    return steps;
}

namespace {

// A thread for each element of the copy: neighbours write side by side.
Stmt by_single_threads(Copy copy, const std::vector<Loop>& loops) {
    const Symbol element("element", SymbolKind::loop);
    Substitution at;
    Expr rest(element), elements = Expr::integer(1);
    for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
        const bool outermost = std::next(loop) == loops.rend();
        at[loop->var] = outermost ? rest : simplify(rest % loop->extent);
        rest = simplify(rest / loop->extent);
        elements = simplify(elements * loop->extent);
    }
    for (Expr& index : copy.to.indices) index = substitute(index, at);
    copy.source = substitute(copy.source, at);
    copy.predicate = substitute(copy.predicate, at);
    Loop all;
    all.var = element;
    all.extent = elements;
    all.kind = LoopKind::parallel;
    return wrap(all, Stmt::make(std::move(copy)));
}

}  // namespace

PackedCopy build_pack(const LoopNest& nest, const StageNest& stage, const Pack& pack) {
    const Definition& definition = *stage.stage.definition;
    PackedCopy packed;
    std::vector<Expr> shape;
    std::vector<Loop> loops;
    Substitution of_variables;
    for (const Symbol& symbol : pack.order) {
        if (const DomainVar* variable = definition.find(symbol)) {
            Loop loop;
            loop.var = Symbol(symbol.name(), SymbolKind::loop);
            loop.extent = variable->extent.expr();
            of_variables[symbol] = Expr(loop.var);
            loops.push_back(loop);
            packed.indices.push_back(stage.index.at(symbol));
        } else {
            const Loop* loop = stage.find(symbol);
            require(loop != nullptr, "a packed copy is ordered by loops of its stage, or by variables");
            loops.push_back(*loop);
            packed.indices.push_back(Expr(symbol));
        }
        shape.push_back(loops.back().extent);
    }
    packed.storage = make_storage(pack.tensor.name() + "_packed", pack.tensor.type(), shape);
    Expr value;
    for (const Expr& right : definition.right)
        for_each_node(right, [&](const Expr& node) {
            const auto* read = node.as<Read>();
            if (read && read->tensor == pack.tensor.node()) value = node;
        });
    require(value.defined(), "a packed tensor is read by its stage");
    const ResolvedValue resolved = resolve_reads(value, definition.domain, UpdateOp::assign, nest, {});
    Substitution index;
    Substitution absent;  // loops of one iteration need not be named
    for (const Loop& loop : stage.loops)
        if (std::find(pack.order.begin(), pack.order.end(), loop.var) == pack.order.end())
            absent[loop.var] = Expr::integer(0);
    for (const auto& [symbol, e] : stage.index) index[symbol] = substitute(e, absent);
    for (const auto& [symbol, e] : of_variables) index[symbol] = e;
    Expr predicate;
    for (const Guard& guard : stage.guards) {
        // A test on other loops protects a variable that the read does not depend on.
        bool here = true;
        for (const Symbol& symbol : symbols_of(guard.condition))
            here = here && (symbol.kind() == SymbolKind::parameter || mentions(Expr(symbol), loops));
        if (here) predicate = conjunction(predicate, guard.condition);
    }
    Copy copy;
    copy.to.storage = packed.storage;
    for (const Loop& loop : loops) copy.to.indices.push_back(Expr(loop.var));
    copy.source = substitute(resolved.value, index);
    copy.predicate = predicate.defined() ? predicate : Expr(true);
    copy.fill = cast(compute_type(pack.tensor.type()), Expr::integer(0));
    if (nest.target.kind == TargetKind::cuda) {
        packed.body = by_single_threads(std::move(copy), loops);
        return packed;
    }
    std::size_t first_dim = loops.size() - 1;
    const auto* last = loops.back().extent.as<IntImm>();
    const bool vector = last && (last->value == 4 || last->value == 8 || last->value == 16 || last->value == 32);
    copy.dims.push_back({loops.back().var, loops.back().extent, vector ? LoopKind::vectorized : LoopKind::serial, 1});
    packed.body = Stmt::make(std::move(copy));
    while (first_dim-- > 0) {
        Loop loop = loops[first_dim];
        loop.kind = first_dim == 0 ? LoopKind::parallel : LoopKind::serial;
        loop.unroll = 1;
        loop.partitioned = loop.clipped = false;
        packed.body = wrap(loop, packed.body);
    }
    return packed;
}

bool needs_memory(const LoopNest& nest, const AnyTensor& tensor) {
    for (const AnyTensor& output : nest.pipeline.outputs)
        if (output == tensor) return true;
    for (const StageNest& stage : nest.stages) {
        bool epilogue_of_it = false;
        if (stage.placement == Placement::epilogue)
            for (const StageNest& producer : nest.stages)
                if (producer.stage.name() == stage.placed_in && producer.stage.targets[0] == tensor)
                    epilogue_of_it = true;
        if (epilogue_of_it) continue;
        std::vector<Expr> values = stage.stage.definition->right;
        const std::vector<Expr>& left = stage.segments ? stage.segments->left : stage.stage.definition->left;
        values.insert(values.end(), left.begin(), left.end());
        for (const Expr& value : values) {
            bool reads = false;
            for_each_node(value, [&](const Expr& node) {
                const auto* read = node.as<Read>();
                reads = reads || (read && read->tensor == tensor.node());
            });
            if (reads) return true;
        }
    }
    return false;
}

bool writes_output(const LoopNest& nest, const StageNest& stage) {
    const auto output = [&](const AnyTensor& target) {
        return std::find(nest.pipeline.outputs.begin(), nest.pipeline.outputs.end(), target) !=
               nest.pipeline.outputs.end();
    };
    return std::any_of(stage.stage.targets.begin(), stage.stage.targets.end(), output);
}

std::vector<std::shared_ptr<TensorNode>> storage_used(const Stmt& s) {
    std::vector<std::shared_ptr<TensorNode>> used;
    std::set<std::shared_ptr<TensorNode>> seen, inside;
    const auto add = [&](const std::shared_ptr<TensorNode>& node) {
        if (seen.insert(node).second) used.push_back(node);
    };
    for_each_stmt(s, [&](const Stmt& statement) {
        if (const auto* allocate = statement.as<Allocate>()) inside.insert(allocate->storage.node());
        if (const auto* store = statement.as<Store>()) add(store->to.storage.node());
        if (const auto* shuffle = statement.as<Shuffle>()) add(shuffle->to.storage.node());
        if (const auto* copy = statement.as<Copy>()) add(copy->to.storage.node());
        if (const auto* mma = statement.as<Mma>()) add(mma->to.storage.node());
        if (const auto* map = statement.as<Map>())
            for (const Place& place : map->to) add(place.storage.node());
        if (const auto* call = statement.as<Call>()) {
            if (call->to.storage.defined()) add(call->to.storage.node());
            for (const CallOperand& operand : call->operands)
                if (operand.place.storage.defined()) add(operand.place.storage.node());
        }
        if (const auto* reduce = statement.as<Reduce>()) {
            for (const Place& place : reduce->to) add(place.storage.node());
            for (const AnyTensor& source : reduce->sources) add(source.node());
        }
    });
    for_each_expr(s, [&](const Expr& e) {
        for_each_node(e, [&](const Expr& node) {
            if (const auto* read = node.as<Read>()) add(read->tensor);
        });
    });
    std::erase_if(used, [&](const auto& node) { return inside.count(node) > 0; });
    return used;
}

}  // namespace heddle
