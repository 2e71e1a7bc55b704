// schedules/tile_box.cpp -- boxes of elements from affine indices.
#include "schedules/tile_box.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>

#include "dsl/affine.h"
#include "dsl/interval.h"
#include "dsl/linear.h"
#include "dsl/simplify.h"
#include "schedules/directive_support.h"
#include "schedules/flat_span.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

const Loop* find_loop(const std::vector<Loop>& loops, const Symbol& var) {
    for (const Loop& loop : loops)
        if (loop.var == var) return &loop;
    return nullptr;
}

bool uses_any(const Expr& e, const std::vector<Loop>& loops) {
    return std::any_of(loops.begin(), loops.end(), [&](const Loop& loop) { return uses(e, loop.var); });
}

// Subexpressions that are constant while the inner loops run but are no sums (the quotients of fused loops): each
// stands as a symbol while boxes are computed.
class Opaque {
public:
    explicit Opaque(const std::vector<Loop>& inner) : inner_(inner) {}

    Expr hide(const Expr& e) {
        return rewrite(e, [&](const Expr& node) {
            const auto* binary = node.as<Binary>();
            const bool sum =
                node.as<IntImm>() || node.as<Variable>() || node.as<Unary>() ||
                (binary && (binary->op == BinaryOp::add || binary->op == BinaryOp::sub || binary->op == BinaryOp::mul));
            return sum || uses_any(node, inner_) ? Expr() : stand_in(node);
        });
    }
    Expr show(Expr e) const {
        for (auto hidden = hidden_.rbegin(); hidden != hidden_.rend(); ++hidden)
            e = substitute(e, {{hidden->first, hidden->second}});
        return e;
    }

private:
    Expr stand_in(const Expr& node) {
        for (const auto& [symbol, value] : hidden_)
            if (equal(value, node)) return Expr(symbol);
        hidden_.emplace_back(Symbol("h", SymbolKind::loop), node);
        return Expr(hidden_.back().first);
    }

    const std::vector<Loop>& inner_;
    std::vector<std::pair<Symbol, Expr>> hidden_;
};

// Indices from `first` on, `span` of them.
struct Span {
    Affine first;
    std::int64_t span = 1;
};

// A sum of what is constant while the inner loops run and of what they bound, quotients of theirs among it.
std::optional<Span> bounded_span_of(const Linear& index, const std::vector<Loop>& inner) {
    Ranges ranges;
    for (const Loop& loop : inner) ranges[loop.var] = range_of_extent(loop.extent);
    Span result;
    Linear moving;
    for (const LinearTerm& term : index.terms) {
        if (uses_any(term.product, inner)) {
            moving.terms.push_back(term);
            continue;
        }
        const auto* variable = term.product.as<Variable>();
        if (!variable) return {};
        result.first.terms[variable->symbol] = term.factor;
    }
    const Interval range = interval_of(to_expr(moving), ranges);
    if (range.min == Interval::minus_infinity || range.max == Interval::plus_infinity) return {};
    result.first.constant = index.constant + range.min;
    result.span = range.max - range.min + 1;
    return result;
}

std::optional<Span> span_of(const Expr& index, const std::vector<Loop>& inner) {
    const Expr sum = simplify(index);
    const std::optional<Affine> affine = affine_of(sum);
    if (!affine) return bounded_span_of(linear_of(sum), inner);
    Span result;
    result.first.constant = affine->constant;
    for (const auto& [symbol, coefficient] : affine->terms) {
        const Loop* loop = find_loop(inner, symbol);
        if (!loop) {
            result.first.terms[symbol] = coefficient;
            continue;
        }
        const std::optional<std::int64_t> extent = static_extent(*loop);
        if (!extent) return {};
        const std::int64_t reach = std::max<std::int64_t>(0, *extent - 1);
        result.span += std::abs(coefficient) * reach;
        if (coefficient < 0) result.first.constant += coefficient * reach;
    }
    return result;
}

std::optional<Span> span_of_all(const std::vector<Expr>& indices, const std::vector<Loop>& inner) {
    std::optional<Span> all;
    for (const Expr& index : indices) {
        const std::optional<Span> one = span_of(index, inner);
        if (!one) return {};
        if (!all) {
            all = one;
            continue;
        }
        const Affine apart = one->first + all->first * -1;
        if (!apart.is_constant()) return {};
        const std::int64_t end = std::max(all->span, apart.constant + one->span);
        if (apart.constant < 0) all->first = one->first;
        all->span = end - std::min<std::int64_t>(0, apart.constant);
    }
    return all;
}

}  // namespace

std::optional<std::int64_t> product_of(const std::vector<Expr>& extents) {
    std::int64_t product = 1;
    for (const Expr& extent : extents) {
        const auto* value = extent.as<IntImm>();
        if (!value || __builtin_mul_overflow(product, value->value, &product)) return {};
    }
    return product;
}

std::optional<std::int64_t> TileBox::elements() const { return product_of(extent); }

bool folds(BoundaryMode mode) {
    return mode == BoundaryMode::replicate || mode == BoundaryMode::reflect || mode == BoundaryMode::symmetric ||
           mode == BoundaryMode::circular;
}

TileBox tile_box(const AnyTensor& tensor, const std::vector<std::vector<Expr>>& reads, const std::vector<Loop>& inner) {
    TileBox box;
    Opaque opaque(inner);
    for (int d = 0; d < tensor.rank(); ++d) {
        std::vector<Expr> indices;
        for (const std::vector<Expr>& read : reads) indices.push_back(opaque.hide(read[d]));
        const std::optional<Span> span = span_of_all(indices, inner);
        box.min.push_back(span ? simplify(opaque.show(to_expr(span->first))) : Expr::integer(0));
        box.extent.push_back(span ? Expr::integer(span->span) : tensor.shape()[d].expr());
    }
    return box;
}

bool is_affine_in(const Expr& index, const Loop& loop) {
    const std::vector<Loop> inner = {loop};
    return affine_of(simplify(Opaque(inner).hide(index))).has_value();
}

std::vector<Loop> loops_inside(const StageNest& stage, const Symbol& at) {
    const int position = at.defined() ? stage.position(at) : -1;
    return {stage.loops.begin() + position + 1, stage.loops.end()};
}

TileBox read_box(const StageNest& stage, const AnyTensor& tensor, const Symbol& at) {
    return read_box(stage, tensor, loops_inside(stage, at));
}

std::vector<Loop> loops_sharing(const StageNest& stage, const CacheIn& cache) {
    std::vector<Loop> sharing;
    const std::vector<Loop> inside = loops_inside(stage, cache.at);
    if (cache.memory == Memory::shared)
        for (std::size_t i = 0; i + inside.size() < stage.loops.size(); ++i)
            if (is_thread_axis(stage.loops[i].kind)) sharing.push_back(stage.loops[i]);
    for (const Loop& loop : inside)
        if (cache.memory != Memory::registers || !is_bound(loop)) sharing.push_back(loop);
    return sharing;
}

TileBox read_box(const StageNest& stage, const AnyTensor& tensor, const std::vector<Loop>& inner) {
    std::vector<std::vector<Expr>> reads;
    bool folding = false, to_the_edge = true;
    for (const Read* read : reads_of(*stage.stage.definition, tensor)) {
        folding = folding || folds(read->boundary.mode);
        to_the_edge = to_the_edge && (!folds(read->boundary.mode) || read->boundary.mode == BoundaryMode::replicate);
        std::vector<Expr> indices;
        for (const Expr& index : read->indices) indices.push_back(over_loops(stage, index));
        reads.push_back(std::move(indices));
    }
    TileBox box = tile_box(tensor, reads, inner);
    if (!folding) return box;
    const Ranges ranges = stage.ranges();
    for (int d = 0; d < tensor.rank(); ++d) {
        const Expr extent = tensor.shape()[d].expr();
        bool inside = true;
        for (const std::vector<Expr>& read : reads)
            inside = inside && prove(Expr::integer(0) <= read[d] && read[d] < extent, ranges) == true;
        if (inside) continue;
        // An index beyond the edge means the edge, which a box of the same size that is moved inside has.
        const bool fits = to_the_edge && prove(box.extent[d] <= extent, ranges) == true;
        box.min[d] = fits ? simplify(max(min(box.min[d], extent - box.extent[d]), Expr::integer(0))) : Expr::integer(0);
        if (!fits) box.extent[d] = extent;
    }
    return box;
}

std::vector<Loop> loops_read_by(const StageNest& stage, const AnyTensor& tensor, const std::vector<Loop>& inner) {
    std::vector<Loop> loops;
    const std::vector<const Read*> reads = reads_of(*stage.stage.definition, tensor);
    for (const Loop& loop : inner) {
        bool depends = false;
        for (const Read* read : reads)
            for (const Expr& index : read->indices) depends = depends || uses(over_loops(stage, index), loop.var);
        if (depends) loops.push_back(loop);
    }
    return loops;
}

namespace {

// Lines of an image of few channels, fewer than 16 bytes of them a pixel, from multiples of 16 bytes to multiples of 16
// bytes, where the tensor's lines are: so that they are copied 16 bytes at a time.
void widen_to_vectors(const AnyTensor& tensor, TileBox& box) {
    const std::size_t last = box.min.size() - 1;
    if (box.min.size() < 2 || !is_const(box.min[last], 0) || !equal(box.extent[last], tensor.shape().back().expr()))
        return;
    const auto *channels = box.extent[last].as<IntImm>(), *pixels = box.extent[last - 1].as<IntImm>(),
               *line = tensor.shape()[static_cast<int>(last) - 1].expr().as<IntImm>();
    const std::int64_t pixel = channels ? channels->value * bytes_of(tensor.type()) : 0;
    if (!pixels || !line || pixel < 1 || pixel >= 16 || line->value * pixel % 16 != 0) return;
    const std::int64_t unit = 16 / std::gcd<std::int64_t>(16, pixel);
    const Linear first = linear_of(box.min[last - 1]);
    if (first.overflow || std::any_of(first.terms.begin(), first.terms.end(),
                                      [&](const LinearTerm& term) { return term.factor % unit != 0; }))
        return;
    const std::int64_t before = (first.constant % unit + unit) % unit;
    box.min[last - 1] = simplify(box.min[last - 1] - Expr::integer(before));
    box.extent[last - 1] = Expr::integer((pixels->value + before + unit - 1) / unit * unit);
}

}  // namespace

TileBox cache_box(const StageNest& stage, const CacheIn& cache) {
    TileBox box = read_box(stage, cache.tensor, loops_sharing(stage, cache));
    if (cache.memory == Memory::shared && cache.shape == CacheShape::footprint && cache.atom == "cp_async")
        widen_to_vectors(cache.tensor, box);
    const bool span = cache.shape == CacheShape::flat_span && cache.memory == Memory::shared;
    return span ? clamped(cache.tensor, std::move(box), stage.ranges()) : box;
}

std::vector<Expr> cache_shape(const StageNest& stage, const CacheIn& cache) {
    const std::vector<Loop> inner = loops_sharing(stage, cache);
    if (cache.shape != CacheShape::loop_coordinates) return cache_box(stage, cache).extent;
    std::vector<Expr> shape;
    for (const Loop& loop : loops_read_by(stage, cache.tensor, inner)) shape.push_back(loop.extent);
    return shape;
}

}  // namespace heddle
