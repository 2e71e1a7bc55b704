// codegen/passes/tile_loops.cpp -- what the expansions of tile statements are made of.
#include "codegen/passes/tile_loops.h"

#include "dsl/visit.h"

namespace heddle {

Stmt looped(const std::vector<TileDim>& dims, Stmt body) {
    for (auto dim = dims.rbegin(); dim != dims.rend(); ++dim) {
        For node;
        node.var = dim->var;
        node.min = Expr::integer(0);
        node.extent = dim->extent;
        node.kind = dim->kind;
        node.unroll = dim->unroll;
        node.body = std::move(body);
        body = Stmt::make(std::move(node));
    }
    return body;
}

Stmt with_storage(const std::vector<AnyTensor>& storages, Memory memory, Stmt body) {
    for (const AnyTensor& storage : storages) {
        Allocate node;
        node.storage = storage;
        node.memory = memory;
        node.body = body;
        body = Stmt::make(std::move(node));
    }
    return body;
}

Expr apply_reducer(const Reducer& reducer, std::size_t component, const std::vector<Expr>& left,
                   const std::vector<Expr>& right) {
    return rewrite(reducer.combine[component], [&](const Expr& node) -> Expr {
        const auto* read = node.as<Read>();
        if (!read) return {};
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (read->tensor == reducer.left[i].node()) return left[i];
            if (read->tensor == reducer.right[i].node()) return right[i];
        }
        return {};
    });
}

Stmt combined(const Reduce& reduce, const std::vector<Expr>& left, const std::vector<Expr>& right) {
    std::vector<Stmt> statements;
    if (reduce.op != UpdateOp::tuple)
        return store(reduce.to[0].storage, reduce.to[0].indices, combine(reduce.op, left[0], right[0]));
    std::vector<AnyTensor> next;
    for (std::size_t i = 0; i < reduce.to.size(); ++i) {
        next.push_back(make_storage(reduce.to[i].storage.name() + "_next", reduce.to[i].storage.type(), {}));
        statements.push_back(store(next[i], {}, apply_reducer(reduce.reducer, i, left, right)));
    }
    for (std::size_t i = 0; i < reduce.to.size(); ++i)
        statements.push_back(store(reduce.to[i].storage, reduce.to[i].indices, load(next[i], {})));
    return with_storage(next, Memory::registers, block(std::move(statements)));
}

}  // namespace heddle
