// codegen/block/block_boxes.cpp -- copies of boxes by the tensor memory accelerator: which box of which view of a
// tensor.
#include <algorithm>
#include <numeric>

#include "codegen/block/block_lowering.h"
#include "codegen/passes/conditions.h"
#include "dsl/interval.h"
#include "dsl/linear.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t most_of_box = 256, most_pixels = 1024;

// factor * ((number / divisor) % modulus) + rest, where `number` counts the points of a fused loop; modulus 0: none.
struct Digit {
    Expr number, rest;
    std::int64_t factor = 1, divisor = 1, modulus = 0;
};

std::optional<Digit> digit_of(const Expr& index, const Symbol& along) {
    const Linear sum = linear_of(index);
    if (sum.overflow) return {};
    Digit digit;
    Linear rest = sum;
    rest.terms.clear();
    std::vector<LinearTerm> moving;
    for (const LinearTerm& term : sum.terms) (uses(term.product, along) ? moving : rest.terms).push_back(term);
    digit.rest = to_expr(rest);
    const auto constant = [](const Expr& e) {
        const auto* value = e.as<IntImm>();
        return value ? value->value : 0;
    };
    if (moving.size() == 1) {
        const Expr& atom = moving[0].product;
        digit.number = atom;
        digit.factor = moving[0].factor;
        if (const auto* mod = atom.as<Binary>(); mod && mod->op == BinaryOp::mod && constant(mod->b) > 0) {
            digit.modulus = constant(mod->b);
            digit.number = mod->a;
        }
        if (const auto* div = digit.number.as<Binary>(); div && div->op == BinaryOp::div && constant(div->b) > 0) {
            digit.divisor = constant(div->b);
            digit.number = div->a;
        }
        if (digit.modulus > 0 || digit.divisor > 1) return digit;
    }
    // The number itself: all that varies with the loop, and what goes with it.
    digit = {};
    digit.number = index;
    digit.rest = Expr::integer(0);
    return digit;
}

}  // namespace

/// What a copy asks of the accelerator: a map, the coordinates of the first box, and further boxes beside it.
struct BlockLowering::BoxCopies {
    std::shared_ptr<TensorMapPlan> map = std::make_shared<TensorMapPlan>();
    std::vector<Expr> coordinates, offsets;  ///< innermost first
    std::vector<Expr> tile;                  ///< where the first box goes
    struct Repeat {
        int coordinate = 0;   ///< that moves
        std::size_t dim = 0;  ///< of the tile that moves
        std::int64_t count = 1, step = 1;
    };
    std::vector<Repeat> repeats;
};

BlockLowering::BoxCopies BlockLowering::plan_boxes(const Copy& copy, bool store) const {
    const auto* read = copy.source.as<Read>();
    require(read != nullptr, "a copy of boxes reads a tensor");
    const AnyTensor tensor = store ? copy.to.storage : AnyTensor(read->tensor);
    const AnyTensor tile = store ? AnyTensor(read->tensor) : copy.to.storage;
    const std::vector<Expr>& indices = store ? copy.to.indices : read->indices;
    const auto refuse = [&](const std::string& why) {
        throw UserError("atom=" + copy.atom + " of " + tensor.name() + ": " + why + "; atom=cp_async copies any tile");
    };
    BoxCopies plan;
    plan.tile = store ? read->indices : copy.to.indices;
    const std::size_t slots = plan.tile.size() - copy.dims.size();
    Layout layout = layout_of(tile);
    layout.strides.erase(layout.strides.begin(), layout.strides.begin() + static_cast<std::ptrdiff_t>(slots));
    const int bytes = bytes_of(tensor.type());
    const std::int64_t width = layout.swizzle.bits > 0 ? (std::int64_t{16} << layout.swizzle.bits) / bytes : 0;
    plan.map->buffer = tensor;
    plan.map->name = tensor.name() + "_map";
    plan.map->swizzle_bytes = layout.swizzle.bits > 0 ? 16 << layout.swizzle.bits : 0;
    if (const auto* value = copy.fill.defined() ? copy.fill.as<FloatImm>() : nullptr; value && value->value != 0)
        refuse("what lies outside is filled with 0 only");

    Substitution start;
    for (const TileDim& dim : copy.dims) start[dim.var] = Expr::integer(0);
    const auto at_start = [&](const Expr& e) { return simplify(substitute(e, start), ranges_); };
    for (const Extent& extent : tensor.shape())
        if (!extent.is_static()) refuse("its sizes are not constant");

    // What runs along each dimension of the tile: one dimension of the tensor, several joined, or pixels of an image.
    struct Axis {
        std::vector<int> dims;
        Expr coordinate;
        std::int64_t extent = 1, stride = 0;
        std::size_t tile_dim = 0;
    };
    std::vector<Axis> axes;
    std::vector<bool> covered(static_cast<std::size_t>(tensor.rank()), false);
    std::vector<Expr> allowed;  // tests that the accelerator does
    for (int d = 0; d < tensor.rank(); ++d) {
        allowed.push_back(Expr::integer(0) <= indices[d]);
        allowed.push_back(indices[d] < tensor.shape()[d].expr());
    }
    for (std::size_t i = 0; i < copy.dims.size(); ++i) {
        const TileDim& dim = copy.dims[i];
        const auto* extent = dim.extent.as<IntImm>();
        require(extent != nullptr, "a tile in shared memory has constant sizes");
        Axis axis;
        axis.extent = extent->value;
        axis.stride = layout.strides[i];
        axis.tile_dim = i;
        for (int d = 0; d < tensor.rank(); ++d)
            if (uses(indices[d], dim.var)) axis.dims.push_back(d);
        if (axis.dims.empty()) {
            if (axis.extent > 1) refuse("the loop " + dim.var.name() + " does not move what is copied");
            continue;
        }
        for (const int d : axis.dims) {
            if (covered[static_cast<std::size_t>(d)]) refuse("two loops run over one of its dimensions");
            covered[static_cast<std::size_t>(d)] = true;
        }
        if (axis.dims.size() == 1) {
            const Expr& index = indices[axis.dims[0]];
            const Expr first = simplify(substitute(index, {{dim.var, Expr::integer(0)}}));
            if (!is_const(simplify(index - first - Expr(dim.var)), 0))
                refuse("its index " + print(index) + " does not move by 1 with " + dim.var.name());
            axis.coordinate = at_start(index);
            axes.push_back(std::move(axis));
            continue;
        }
        // A fused loop: every index is a digit of one number.
        std::vector<Digit> digits;
        for (const int d : axis.dims) {
            const std::optional<Digit> digit = digit_of(simplify(indices[d], ranges_), dim.var);
            if (!digit) refuse("its index " + print(indices[d]) + " has no form that boxes have");
            digits.push_back(*digit);
        }
        std::int64_t below = 1;
        for (std::size_t k = digits.size(); k-- > 0;) {
            const bool outermost = k == 0;
            if (!equal(digits[k].number, digits.back().number) || digits[k].divisor != below ||
                (!outermost && digits[k].modulus == 0))
                refuse("its indices " + print(indices[axis.dims.front()]) + ", ..., " +
                       print(indices[axis.dims.back()]) + " are no walk over an image");
            if (!outermost) below *= digits[k].modulus;
        }
        bool joins = true;
        for (std::size_t k = 0; k < digits.size(); ++k) {
            const std::int64_t size = tensor.shape()[axis.dims[k]].value();
            joins = joins && digits[k].factor == 1 && is_const(simplify(digits[k].rest), 0) &&
                    (k == 0 || digits[k].modulus == size) && (k == 0 || axis.dims[k] == axis.dims[k - 1] + 1);
        }
        const Expr number = digits.back().number;
        if (joins) {
            std::int64_t total = 1;
            for (const int d : axis.dims) total *= tensor.shape()[d].value();
            // Where what lies outside of these dimensions stays in a tile, the number goes around.
            const bool around = digits.front().modulus > 0;
            if (around && digits.front().modulus != tensor.shape()[axis.dims.front()].value())
                refuse("its tiles are parts of " + print(indices[axis.dims.front()]) + ", of which some are left out");
            if (!around) allowed.push_back(number < Expr::integer(total));
            axis.coordinate = at_start(around ? number % Expr::integer(total) : number);
            axes.push_back(std::move(axis));
            continue;
        }
        // Whole rows: a dimension of the box for each.
        const bool by_one =
            std::all_of(digits.begin(), digits.end(), [](const Digit& digit) { return digit.factor == 1; });
        if (by_one && equal(number, Expr(dim.var)) && axis.extent % below == 0) {
            for (std::size_t k = 0; k < digits.size(); ++k) {
                Axis rows;
                rows.dims = {axis.dims[k]};
                rows.coordinate = at_start(indices[axis.dims[k]]);
                rows.extent = k == 0 ? axis.extent / below : digits[k].modulus;
                rows.stride = axis.stride * digits[k].divisor;
                rows.tile_dim = axis.tile_dim;
                if (rows.extent > most_of_box) refuse("a tile of whole rows is longer than a box");
                axes.push_back(std::move(rows));
            }
            continue;
        }
        // Pixels: batch, then the image's dimensions, then channels. The batch may stay: then no tile has pixels of two
        // images.
        const int rank = tensor.rank();
        const bool stays_in_image = axis.dims.front() == 1;
        if (store || rank < 3 || rank > 5 ||
            axis.dims.size() != static_cast<std::size_t>(rank - (stays_in_image ? 2 : 1)) || i + 1 == copy.dims.size())
            refuse("a walk over an image copies batch, image and channels of a channels-last tensor");
        plan.map->im2col = true;
        plan.map->pixels = static_cast<int>(axis.extent);
        if (axis.extent > most_pixels) refuse(std::to_string(axis.extent) + " pixels; at most 1024 are legal");
        const int image = rank - 2;  // dimensions of the image
        plan.coordinates.assign(static_cast<std::size_t>(rank), Expr());
        // Past the last image there is nothing. Of one image, pixels past its last row are read, and not used.
        Digit& slowest = digits.front();
        if (stays_in_image) {
            Ranges within = ranges_;
            within[dim.var] = range_of_extent(dim.extent);
            const Interval numbers = interval_of(number, within);
            if (numbers.max == Interval::plus_infinity) refuse("nothing says how many pixels it walks over");
            if (slowest.modulus == 0) slowest.modulus = numbers.max / slowest.divisor + 1;
            plan.coordinates.back() = at_start(indices[0]);
        } else if (is_const(simplify(slowest.rest), 0)) {
            allowed.push_back(number < simplify(Expr::integer(slowest.divisor) * tensor.shape()[0].expr()));
        }
        for (std::size_t k = 0; k < digits.size(); ++k) {
            const Digit& digit = digits[k];
            const Expr position =
                at_start(digit.modulus > 0 ? number / Expr::integer(digit.divisor) % Expr::integer(digit.modulus)
                                           : number / Expr::integer(digit.divisor));
            if (k == 0 && !stays_in_image) {
                if (digit.factor != 1) refuse("the batch does not move by 1");
                plan.coordinates.back() = simplify(position + digit.rest);
                continue;
            }
            const int inner =
                image - static_cast<int>(k) - (stays_in_image ? 1 : 0);  // 0: the innermost dimension of the image
            const Interval range = interval_of(digit.rest, ranges_);
            const std::int64_t size = tensor.shape()[axis.dims[k]].value();
            const std::int64_t upper = (digit.modulus - 1) * digit.factor + 1 + range.min - size;
            const std::int64_t most = rank == 3 ? 32768 : rank == 4 ? 128 : 16;
            if (range.min < -most || upper >= most || upper < -most || range.max - range.min > 2 * most - 1 ||
                digit.factor < 1 || digit.factor > 8)
                refuse("its window over " + print(indices[axis.dims[k]]) + " reaches further than the accelerator's");
            plan.map->lower[inner] = static_cast<int>(range.min);
            plan.map->upper[inner] = static_cast<int>(upper);
            plan.map->traversal[inner] = static_cast<int>(digit.factor);
            plan.coordinates[static_cast<std::size_t>(inner) + 1] =
                simplify(position * Expr::integer(digit.factor) + Expr::integer(range.min));
            plan.offsets.resize(static_cast<std::size_t>(image));
            plan.offsets[static_cast<std::size_t>(inner)] = simplify(digit.rest - Expr::integer(range.min));
        }
        axes.push_back(std::move(axis));
    }
    for (const Expr& term : terms_of(copy.predicate)) {
        const bool done =
            std::any_of(allowed.begin(), allowed.end(), [&](const Expr& test) { return equal(test, term); });
        if (!done && prove(term, ranges_) != true)
            refuse("the accelerator does not test " + print(term) + ": let the tile divide the loop");
    }
    if (axes.empty()) refuse("there is nothing to copy");
    std::sort(axes.begin(), axes.end(), [](const Axis& a, const Axis& b) { return a.stride < b.stride; });
    const Axis& inner = axes.front();
    const int last = tensor.rank() - 1;
    if (inner.dims != std::vector<int>{last} || inner.stride != 1)
        refuse("its last dimension is not the one along which the tile lies");
    const std::int64_t inner_box = width > 0 ? width : inner.extent;
    if (inner.extent % inner_box != 0)
        refuse("a row of the tile has " + std::to_string(inner.extent * bytes) +
               " B, which is no multiple of the swizzle's " + std::to_string(width * bytes));
    const std::size_t inner_tile = slots + inner.tile_dim;
    if (inner.extent > inner_box) plan.repeats.push_back({0, inner_tile, inner.extent / inner_box, inner_box});
    if (plan.map->im2col) {
        plan.map->channels = static_cast<int>(inner_box);
        plan.coordinates[0] = inner.coordinate;
        if (axes.size() != 2 || axes[1].stride != inner_box) refuse("pixels of the tile do not follow each other");
        for (int d = last; d >= 0; --d) plan.map->dims.push_back({{d}, 1});
    } else {
        std::int64_t dense = width > 0 ? width : inner.extent;
        for (std::size_t k = 0; k < axes.size(); ++k) {
            const Axis& axis = axes[k];
            std::int64_t box = axis.extent;
            if (k == 0) {
                box = inner_box;
            } else if (axis.stride == dense && axis.extent <= most_of_box) {
                dense *= axis.extent;
            } else if (axis.extent > 1) {
                box = 1;
                plan.repeats.push_back({static_cast<int>(k), slots + axis.tile_dim, axis.extent, 1});
            }
            if (box > most_of_box)
                refuse("a box has at most 256 elements along each dimension, not " + std::to_string(box));
            plan.map->dims.push_back({axis.dims, static_cast<int>(box)});
            plan.coordinates.push_back(axis.coordinate);
        }
        for (int d = last; d >= 0; --d) {
            if (covered[static_cast<std::size_t>(d)]) continue;
            const Expr coordinate = at_start(indices[d]);
            if (tensor.shape()[d].value() == 1 && is_const(coordinate, 0)) continue;
            plan.map->dims.push_back({{d}, 1});
            plan.coordinates.push_back(coordinate);
        }
        if (plan.map->dims.size() > 5)
            refuse("a box has at most 5 dimensions, not " + std::to_string(plan.map->dims.size()));
    }
    // The device faults where a row is taken from between its units of 16 bytes.
    const Linear first = linear_of(plan.coordinates[0]);
    bool between = !first.overflow && first.constant * bytes % 16 != 0;
    for (const LinearTerm& term : first.terms)
        between = between || (term.product.as<Variable>() && term.factor * bytes % 16 != 0);
    if (between)
        refuse("its rows are taken from " + print(plan.coordinates[0]) + " on, and boxes start at multiples of 16 B (" +
               std::to_string(16 / bytes) + " elements)");
    for (std::size_t i = slots; i < plan.tile.size(); ++i) plan.tile[i] = Expr::integer(0);
    return plan;
}

std::int64_t BlockLowering::bytes_of_boxes(const Ring& ring) const {
    std::int64_t bytes = 0;
    for (const Stmt& s : ring.copies) {
        const Copy& copy = *s.as<Copy>();
        bytes += points_of(copy.dims) * bytes_of(copy.to.storage.type());
    }
    return bytes;
}

// The tile as one span, at its first element on both sides; legality has proved that it is one.
Stmt BlockLowering::copy_span(const Copy& copy, const CallOperand& barrier) const {
    const bool store = !barrier.place.storage.defined();
    Substitution first;
    for (const TileDim& dim : copy.dims) first[dim.var] = Expr::integer(0);
    const auto at_first = [&](const AnyTensor& storage, std::vector<Expr> indices) {
        for (Expr& index : indices) index = simplify(substitute(index, first));
        return address_operand(storage, std::move(indices));
    };
    const auto* read = copy.source.as<Read>();
    require(read != nullptr, "a span is copied as it is");
    const CallOperand to = at_first(copy.to.storage, copy.to.indices);
    const CallOperand from = at_first(AnyTensor(read->tensor), read->indices);
    const std::int64_t bytes = points_of(copy.dims) * bytes_of(copy.to.storage.type());
    Call node;
    node.function = store ? "bulk_store" : "bulk_load";
    node.operands = {to, from, value_operand(bytes)};
    if (!store) node.operands.push_back(barrier);
    node.writes = true;
    return Stmt::make(std::move(node));
}

// One thread starts them.
Stmt BlockLowering::copy_boxes(const Copy& copy, const CallOperand& barrier) const {
    const bool store = !barrier.place.storage.defined();
    if (copy.atom == "bulk") return copy_span(copy, barrier);
    BoxCopies plan = plan_boxes(copy, store);
    const AnyTensor tile = store ? AnyTensor(copy.source.as<Read>()->tensor) : copy.to.storage;
    std::vector<Symbol> vars;
    for (const BoxCopies::Repeat& repeat : plan.repeats) {
        vars.emplace_back("box", SymbolKind::loop);
        const Expr moved = Expr(vars.back()) * Expr::integer(repeat.step);
        Expr& coordinate = plan.coordinates[static_cast<std::size_t>(repeat.coordinate)];
        coordinate = simplify(coordinate + moved);
        plan.tile[repeat.dim] = simplify(plan.tile[repeat.dim] + moved);
    }
    CallOperand map;
    map.map = plan.map;
    const std::string rank = std::to_string(plan.coordinates.size()) + "d";
    Call node;
    if (store) {
        node.function = "tma_store_" + rank;
        node.operands = {map, unswizzled_operand(tile, plan.tile)};
    } else {
        node.function = (plan.map->im2col ? "tma_load_im2col_" : "tma_load_") + rank;
        node.operands = {unswizzled_operand(tile, plan.tile), map, barrier};
        node.writes = true;
    }
    for (const Expr& coordinate : plan.coordinates) node.operands.push_back(value_operand(coordinate));
    for (const Expr& offset : plan.offsets) node.operands.push_back(value_operand(offset));
    Stmt body = Stmt::make(std::move(node));
    for (std::size_t i = plan.repeats.size(); i-- > 0;) {
        For loop;
        loop.var = vars[i];
        loop.min = Expr::integer(0);
        loop.extent = Expr::integer(plan.repeats[i].count);
        loop.kind = plan.repeats[i].count <= 16 ? LoopKind::unrolled : LoopKind::serial;
        loop.body = std::move(body);
        body = Stmt::make(std::move(loop));
    }
    return body;
}

}  // namespace heddle
