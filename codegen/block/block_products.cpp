// codegen/block/block_products.cpp -- products of tiles on tensor cores: mma.sync and wgmma.
#include <algorithm>
#include <functional>

#include "codegen/block/tile_operand.h"
#include "dsl/affine.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/text.h"
#include "schedules/atom.h"

namespace heddle {
namespace {

std::string dims_text(const std::vector<TileDim>& dims) {
    std::vector<std::string> names;
    for (const TileDim& dim : dims) names.push_back(dim.var.name());
    return join(names, ", ");
}

}  // namespace

Stmt unrolled(const Symbol& var, int extent, Stmt body) {
    For loop;
    loop.var = var;
    loop.min = Expr::integer(0);
    loop.extent = Expr::integer(extent);
    loop.kind = LoopKind::unrolled;
    loop.body = std::move(body);
    return Stmt::make(std::move(loop));
}

ProductDims dims_of(const Mma& mma) {
    ProductDims result;
    for (const TileDim& dim : mma.dims) {
        const bool a = uses(mma.a, dim.var), b = uses(mma.b, dim.var);
        const bool out = std::any_of(mma.to.indices.begin(), mma.to.indices.end(),
                                     [&](const Expr& index) { return uses(index, dim.var); });
        if (is_const(dim.extent, 1)) {
            result.reduced.push_back(dim);
        } else if (!out) {
            result.reduced.push_back(dim);
        } else if (a == b) {
            throw UserError(mma.to.storage.name() + ": the loop " + dim.var.name() +
                            " of the multiplied tile runs over " + (a ? "both operands" : "neither operand") +
                            " and the result; a product of matrices has it in one (reorder it outward)");
        } else {
            (a ? result.rows : result.columns).push_back(dim);
        }
    }
    return result;
}

void BlockLowering::plan_product(const Mma& mma) {
    const Atom& atom = *find_atom(mma.atom, TargetKind::cuda);
    const ProductDims dims = dims_of(mma);
    const std::int64_t m = points_of(dims.rows), n = points_of(dims.columns), k = points_of(dims.reduced);
    warpgroups_ = atom.issuer == "warpgroup";
    int groups_m = team_.warps_m, groups_n = team_.warps_n;
    if (groups_m == 0) {
        int groups = 0;
        for (const Role& role : team_.roles)
            if (role.name != "producer")
                groups = warpgroups_ ? role.count * role.threads / 128 : role.count * role.threads / 32;
        if (groups == 0) groups = warpgroups_ ? 1 : 4;
        // As square as the tile allows.
        groups_m = 1;
        const auto legal = [&](int by) {
            return groups % by == 0 && m % (atom.m * by) == 0 && n % (static_cast<std::int64_t>(groups / by) * 8) == 0;
        };
        if (warpgroups_) {
            for (int by = groups; by >= 1; --by)
                if (legal(by)) {
                    groups_m = by;
                    break;
                }
        } else {
            for (int by = 1; by <= groups; by *= 2)
                if (legal(by) && m / by >= n / (groups / by)) groups_m = by;
        }
        groups_n = groups / groups_m;
    }
    const std::string what = std::to_string(m) + " x " + std::to_string(n) + " x " + std::to_string(k) + " (" +
                             dims_text(dims.rows) + " by " + dims_text(dims.columns) + " over " +
                             dims_text(dims.reduced) + ")";
    if (m % (static_cast<std::int64_t>(atom.m) * groups_m) != 0 || k % atom.k != 0)
        throw UserError("tensorize(" + atom.name + "): a tile of " + what + " is no multiple of " +
                        std::to_string(atom.m * groups_m) + " rows (" + std::to_string(groups_m) + " x " +
                        std::to_string(atom.m) + ") and of " + std::to_string(atom.k) + " along the sum");
    const std::int64_t columns = static_cast<std::int64_t>(atom.n) * groups_n;
    if (warpgroups_ ? n != columns : n % columns != 0)
        throw UserError("tensorize(" + atom.name + "): a tile of " + what + " has " + std::to_string(n) +
                        " columns, and " + std::to_string(groups_n) + " x " + std::to_string(atom.n) +
                        (warpgroups_ ? "" : " or a multiple") + " are legal");
    warps_m_ = groups_m;
    warps_n_ = groups_n;
    Fragment fragment;
    fragment.rows = dims.rows;
    fragment.columns = dims.columns;
    fragment.flat = warpgroups_;
    fragment.elements = atom.m == 8 ? 2 : 4;
    fragment.down = static_cast<int>(m / (static_cast<std::int64_t>(atom.m) * groups_m));
    fragment.across = static_cast<int>(n / (8 * static_cast<std::int64_t>(groups_n)));
    fragment.row_step = atom.m;
    const Expr lane = thread_id_ % Expr::integer(32), warp = thread_id_ / Expr::integer(32);
    const Expr group = warpgroups_ ? thread_id_ / Expr::integer(128) : warp;
    const Expr group_m = simplify(group % Expr::integer(groups_m)),
               group_n = simplify(group / Expr::integer(groups_m) % Expr::integer(groups_n));
    fragment.first_row =
        group_m * Expr::integer(static_cast<std::int64_t>(fragment.down) * atom.m) + lane / Expr::integer(4);
    if (warpgroups_) fragment.first_row = fragment.first_row + warp % Expr::integer(4) * Expr::integer(16);
    fragment.first_row = simplify(fragment.first_row);
    fragment.first_column = simplify(group_n * Expr::integer(static_cast<std::int64_t>(fragment.across) * 8) +
                                     lane % Expr::integer(4) * Expr::integer(2));
    std::vector<Expr> shape = {Expr::integer(fragment.down)};
    if (fragment.flat) {
        shape.push_back(Expr::integer(static_cast<std::int64_t>(fragment.across) * fragment.elements));
    } else {
        shape.push_back(Expr::integer(fragment.across));
        shape.push_back(Expr::integer(fragment.elements));
    }
    fragment.registers = make_storage(mma.to.storage.name(), atom.accumulator, shape);
    if (mma.promote_every > 0) {
        if (k / atom.k != mma.promote_every)
            throw UserError("precision(..., promote=" + std::to_string(mma.promote_every) + "): a tile of " + what +
                            " is " + std::to_string(k / atom.k) + " steps of " + atom.name +
                            ", after which sums are promoted");
        fragment.part = make_storage(mma.to.storage.name() + "_part", atom.accumulator, shape);
    }
    fragments_[mma.to.storage.node().get()] = std::move(fragment);
}

Stmt BlockLowering::product(const Mma& mma, bool waits) {
    const Fragment& fragment = fragments_.at(mma.to.storage.node().get());
    for (const Expr& operand : {mma.a, mma.b}) {
        const auto* read = operand.as<Read>();
        const bool tile = read && std::any_of(tiles_.begin(), tiles_.end(), [&](const Tile& each) {
                              if (each.storage.node() == read->tensor) return true;
                              for (const auto& ring : rings_)
                                  if (const auto found = ring->storages.find(read->tensor.get());
                                      found != ring->storages.end() && found->second == each.storage)
                                      return true;
                              return false;
                          });
        if (!tile)
            throw UserError("tensorize(" + mma.atom + "): the operand " + print(operand) +
                            " is not in shared memory; cache_in(" + (read ? read->tensor->name : "...") +
                            ", shared, ...)");
    }
    if (!warpgroups_) {
        Stmt products = warp_product(mma, fragment);
        return fragment.part.defined() ? promoted(fragment, std::move(products)) : products;
    }
    // Operands in registers are there before the fence.
    Stmt products = mma.pieces > 1 ? warpgroup_product_in_pieces(mma, fragment)
                                   : block({call("wgmma_fence"), warpgroup_product(mma, fragment), call("wgmma_commit"),
                                            waits || fragment.part.defined() ? call("wgmma_wait<0>") : Stmt()});
    return fragment.part.defined() ? promoted(fragment, std::move(products)) : products;
}

Stmt BlockLowering::promoted(const Fragment& fragment, Stmt products) const {
    const auto over_elements = [&](const std::function<Stmt(const std::vector<Expr>&)>& body) {
        std::vector<Symbol> vars;
        std::vector<Expr> indices;
        for (std::size_t d = 0; d < fragment.part.shape().size(); ++d) {
            vars.emplace_back("e", SymbolKind::loop);
            indices.push_back(Expr(vars.back()));
        }
        Stmt result = body(indices);
        for (std::size_t d = vars.size(); d-- > 0;)
            result = unrolled(vars[d], static_cast<int>(fragment.part.shape()[d].value()), std::move(result));
        return result;
    };
    const ScalarType type = fragment.part.type();
    Allocate part;
    part.storage = fragment.part;
    part.memory = Memory::registers;
    part.body = block({over_elements([&](const std::vector<Expr>& at) {
                           return store(fragment.part, at, cast(type, Expr::integer(0)));
                       }),
                       std::move(products), over_elements([&](const std::vector<Expr>& at) {
                           return store(fragment.registers, at, load(fragment.registers, at) + load(fragment.part, at));
                       })});
    return Stmt::make(std::move(part));
}

Layout BlockLowering::tile_layout(const Expr& read) const {
    const auto* tile = read.as<Read>();
    AnyTensor storage(tile->tensor);
    for (const auto& ring : rings_)
        if (const auto found = ring->storages.find(tile->tensor.get()); found != ring->storages.end())
            storage = found->second;
    Layout layout = layout_of(storage);
    const auto slots = static_cast<std::ptrdiff_t>(layout.strides.size() - tile->indices.size());
    layout.strides.erase(layout.strides.begin(), layout.strides.begin() + slots);
    layout.shape.erase(layout.shape.begin(), layout.shape.begin() + slots);
    return layout;
}

}  // namespace heddle
