// codegen/block/tile_operand.h -- operands of products of tiles: which loops run over what, where elements lie.
#pragma once

#include <optional>
#include <vector>

#include "codegen/block/block_lowering.h"
#include "dsl/linear.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {

/// The dims of a product by where they occur: in the first operand and the result, in the second and the result, in
/// both operands.
struct ProductDims {
    std::vector<TileDim> rows, columns, reduced;
};
/// Throws UserError for a dim that occurs otherwise.
ProductDims dims_of(const Mma& mma);

/// The operand of a product: its element at (row, k), as an address in shared memory.
class TileOperand {
public:
    TileOperand(const Expr& read, std::vector<TileDim> rows, std::vector<TileDim> reduced, Layout layout)
        : read_(read), rows_(std::move(rows)), reduced_(std::move(reduced)), layout_(std::move(layout)) {}

    AnyTensor storage() const { return AnyTensor(read_.as<Read>()->tensor); }
    std::vector<Expr> indices(const Expr& row, const Expr& k) const {
        Substitution point = point_of(rows_, row);
        point.merge(point_of(reduced_, k));
        std::vector<Expr> result;
        for (const Expr& index : read_.as<Read>()->indices) result.push_back(simplify(substitute(index, point)));
        return result;
    }
    CallOperand address(const Expr& row, const Expr& k) const { return address_operand(storage(), indices(row, k)); }
    CallOperand start(const Expr& row) const { return unswizzled_operand(storage(), indices(row, Expr::integer(0))); }

    /// Elements between (0, 0) and (row, k), the swizzle left aside. Nothing when an index is no sum of the dims.
    std::optional<std::int64_t> distance(std::int64_t row, std::int64_t k) const {
        const std::vector<Expr> here = indices(Expr::integer(row), Expr::integer(k)),
                                start = indices(Expr::integer(0), Expr::integer(0));
        std::vector<std::int64_t> apart;
        for (std::size_t d = 0; d < here.size(); ++d) {
            const Expr difference = simplify(here[d] - start[d]);
            const auto* constant = difference.as<IntImm>();
            if (!constant) return {};
            apart.push_back(constant->value);
        }
        if (layout_.block > 0 && !is_const(start.back(), 0)) return {};
        return layout_.offset(apart);
    }
    /// Elements from (0, 0) on that follow each other in memory along k, or along rows.
    bool contiguous(bool along_k, int count) const {
        for (int i = 0; i < count; ++i)
            if (distance(along_k ? 0 : i, along_k ? i : 0) != i) return false;
        return true;
    }
    /// Elements that are `count` apart from the first in memory lie at multiples of `count` elements from the tile's
    /// start.
    bool aligned(int count) const {
        const Linear start = linear_of(indices(Expr::integer(0), Expr::integer(0)).back());
        bool fits = !start.overflow && start.constant % count == 0 && layout_.block % count == 0 &&
                    layout_.block_stride % count == 0;
        for (const LinearTerm& term : start.terms) fits = fits && term.factor % count == 0;
        for (std::size_t d = 0; d + 1 < layout_.strides.size(); ++d)
            fits = fits && (layout_.shape[d] == 1 || layout_.strides[d] % count == 0);
        return fits;
    }
    /// Rows of `count` elements along the sum, or else across it, that start at multiples of `count`.
    bool has_rows(bool along_k, int count) const { return contiguous(along_k, count) && aligned(count); }
    /// Elements k and k + 1, k even, lie side by side at a multiple of two elements, of all rows and along the sum.
    bool has_pairs(std::int64_t rows, std::int64_t depth) const {
        const std::vector<Expr> start = indices(Expr::integer(0), Expr::integer(0));
        if (layout_.block > 0 || start.size() != layout_.strides.size()) return false;
        Expr first(0);
        for (std::size_t d = 0; d < start.size(); ++d) first = first + start[d] * Expr::integer(layout_.strides[d]);
        const Linear place = linear_of(simplify(first));
        bool fits = !place.overflow && place.constant % 2 == 0;
        for (const LinearTerm& term : place.terms) fits = fits && term.factor % 2 == 0;
        for (std::int64_t row = 0; fits && row < rows; ++row) fits = distance(row, 0).value_or(1) % 2 == 0;
        for (std::int64_t k = 0; fits && k < depth; k += 2) {
            const std::int64_t here = distance(0, k).value_or(1);
            fits = here % 2 == 0 && distance(0, k + 1) == here + 1;
        }
        return fits;
    }
    const Layout& layout() const { return layout_; }

private:
    Expr read_;
    std::vector<TileDim> rows_, reduced_;
    Layout layout_;
};

/// Arrays in a thread's registers, around the body; `declared`: as in Allocate.
Stmt in_registers(const std::vector<AnyTensor>& arrays, const std::string& declared, Stmt body);
/// A loop that is unrolled.
Stmt unrolled(const Symbol& var, int extent, Stmt body);

}  // namespace heddle
