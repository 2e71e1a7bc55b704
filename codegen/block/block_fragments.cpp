// codegen/block/block_fragments.cpp -- maps over tiles that lie in the registers of warps.
#include "codegen/block/tile_operand.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {

bool BlockLowering::uses_fragment(const Map& map, const Fragment** fragment) const {
    const auto look = [&](const std::shared_ptr<TensorNode>& node) {
        if (const auto found = fragments_.find(node.get()); found != fragments_.end()) *fragment = &found->second;
    };
    for (const Place& place : map.to) look(place.storage.node());
    for (const Expr& value : map.values)
        for_each_node(value, [&](const Expr& node) {
            if (const auto* read = node.as<Read>()) look(read->tensor);
        });
    return *fragment != nullptr;
}

bool BlockLowering::stores_pairs(const Map& map, const Fragment& fragment) const {
    if (map.op != UpdateOp::assign || map.to.size() != 1 || !is_const(map.predicate, 1) || fragment.columns.size() != 1)
        return false;
    const Place& to = map.to[0];
    const ScalarType type = to.storage.type();
    if ((type != f16 && type != bf16) || !is_out_tile(to.storage)) return false;
    const Symbol& column = fragment.columns[0].var;
    for (std::size_t d = 0; d + 1 < to.indices.size(); ++d)
        if (uses(to.indices[d], column)) return false;
    const Layout& layout = layout_of(to.storage);
    bool even = layout.block % 2 == 0 && layout.block_stride % 2 == 0;
    for (std::size_t d = 0; d + 1 < layout.strides.size(); ++d) even = even && layout.strides[d] % 2 == 0;
    return even && equal(to.indices.back(), Expr(column));
}

// Neighbours in a row lie side by side in memory, so that they can be stored at once.
bool BlockLowering::stores_neighbours(const Map& map, const Fragment& fragment) const {
    if (map.op != UpdateOp::assign || map.to.size() != 1 || fragment.columns.size() != 1) return false;
    const Place& to = map.to[0];
    if (fragments_.count(to.storage.node().get()) > 0 || is_out_tile(to.storage) || to.indices.empty()) return false;
    const Symbol& column = fragment.columns[0].var;
    for (std::size_t d = 0; d + 1 < to.indices.size(); ++d)
        if (uses(to.indices[d], column)) return false;
    const Expr first = simplify(substitute(to.indices.back(), {{column, Expr::integer(0)}}));
    return is_const(simplify(to.indices.back() - first - Expr(column)), 0);
}

// Each thread does the points of the elements that it holds.
Stmt BlockLowering::map_fragments(const Map& map) const {
    const Fragment* fragment = nullptr;
    uses_fragment(map, &fragment);
    const Symbol down("down", SymbolKind::loop), across("across", SymbolKind::loop), e("e", SymbolKind::loop);
    const bool neighbours = stores_neighbours(map, *fragment);
    const Symbol half("half", SymbolKind::loop), side("side", SymbolKind::loop);
    const Expr row = fragment->first_row + Expr(down) * Expr::integer(fragment->row_step) +
                     Expr(e) / Expr::integer(2) * Expr::integer(8);
    const Expr column = fragment->first_column + Expr(across) * Expr::integer(8) + Expr(e) % Expr::integer(2);
    const Symbol row_name("row", SymbolKind::loop), column_name("column", SymbolKind::loop);
    Substitution point = point_of(fragment->rows, Expr(row_name));
    point.merge(point_of(fragment->columns, Expr(column_name)));
    const std::vector<Expr> place =
        fragment->flat ? std::vector<Expr>{Expr(down), Expr(across) * Expr::integer(fragment->elements) + Expr(e)}
                       : std::vector<Expr>{Expr(down), Expr(across), Expr(e)};
    const auto in_registers = [&](const Expr& value) {
        return rewrite(value, [&](const Expr& node) -> Expr {
            const auto* read = node.as<Read>();
            if (!read) return {};
            const auto found = fragments_.find(read->tensor.get());
            return found == fragments_.end() ? Expr() : load(found->second.registers, place);
        });
    };
    std::vector<Stmt> stores;
    const bool pairs = stores_pairs(map, *fragment);
    if (pairs) {
        const Expr low = in_registers(map.values[0]);
        Expr high = substitute(low, {{e, Expr(e) + Expr::integer(1)}});
        high = substitute(substitute(high, point), {{column_name, Expr(column_name) + Expr::integer(1)}});
        Call node;
        node.function = "store_pair_" + std::string(name_of(map.to[0].storage.type()));
        node.operands = {address_operand(map.to[0].storage, map.to[0].indices), value_operand(low),
                         value_operand(high)};
        node.writes = true;
        stores.push_back(Stmt::make(std::move(node)));
    }
    for (std::size_t i = 0; !pairs && i < map.to.size(); ++i) {
        Place to = map.to[i];
        if (const auto found = fragments_.find(to.storage.node().get()); found != fragments_.end())
            to = {found->second.registers, place};
        Store node;
        node.to = to;
        node.value = in_registers(map.values[i]);
        if (map.op != UpdateOp::assign) node.value = combine(map.op, load(to.storage, to.indices), node.value);
        node.streaming = map.streaming;
        stores.push_back(Stmt::make(std::move(node)));
    }
    Stmt body = substitute(if_then(in_registers(map.predicate), block(std::move(stores))), point);
    if (neighbours) {
        const Expr element = Expr(half) * Expr::integer(2) + Expr(side);
        const Substitution at = {{e, element}};
        const Ranges ranges = {{half, range_of_extent(Expr::integer(fragment->elements / 2))},
                               {side, range_of_extent(Expr::integer(2))}};
        body = unrolled(side, 2, substitute(substitute(body, {{column_name, simplify(column)}}), at));
        Let let;
        let.var = row_name;
        let.value = simplify(substitute(row, at), ranges);
        let.body = std::move(body);
        body = unrolled(half, fragment->elements / 2, Stmt::make(std::move(let)));
        body = unrolled(across, fragment->across, std::move(body));
        return unrolled(down, fragment->down, std::move(body));
    }
    for (const auto& [name, value] : {std::pair{column_name, column}, std::pair{row_name, row}}) {
        Let let;
        let.var = name;
        let.value = simplify(value);
        let.body = std::move(body);
        body = Stmt::make(std::move(let));
    }
    if (pairs) body = substitute(body, {{e, Expr(e) * Expr::integer(2)}});
    const std::pair<Symbol, int> loops[] = {
        {e, fragment->elements / (pairs ? 2 : 1)}, {across, fragment->across}, {down, fragment->down}};
    for (const auto& [var, extent] : loops) {
        For loop;
        loop.var = var;
        loop.min = Expr::integer(0);
        loop.extent = Expr::integer(extent);
        loop.kind = LoopKind::unrolled;
        loop.body = std::move(body);
        body = Stmt::make(std::move(loop));
    }
    return body;
}

}  // namespace heddle
