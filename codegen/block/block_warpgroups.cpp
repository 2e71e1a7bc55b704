// codegen/block/block_warpgroups.cpp -- products of tiles by warpgroups (wgmma): operands in shared memory.
#include "codegen/block/tile_operand.h"
#include "dsl/print.h"
#include "schedules/atom.h"

namespace heddle {
namespace {

// How a descriptor says where the elements of an operand lie (PTX ISA, "Strides" and "Matrix descriptor" of wgmma).
struct MatrixLayout {
    bool transposed = false;  // contiguous across the sum
    std::int64_t leading_bytes = 16, stride_bytes = 0, swizzle_bytes = 0;
};

// Contiguous along the sum: rows of a swizzle's width, eight of them together, `stride` between the eights.
bool along_sum(const TileOperand& operand, std::int64_t first, int rows, int depth, std::int64_t width,
               std::int64_t& stride) {
    const auto at = [&](std::int64_t row, std::int64_t k) -> std::int64_t {
        const auto here = operand.distance(first + row, k), start = operand.distance(first, 0);
        return here && start ? *here - *start : -1;
    };
    stride = rows > 8 ? at(8, 0) : 8 * width;
    for (int r = 0; r < rows; ++r)
        for (int k = 0; k < depth; ++k)
            if (at(r, k) != r % 8 * width + r / 8 * stride + k) return false;
    return true;
}

// Contiguous across it: lines of a swizzle's width, `leading` between blocks of that width, `stride` between eight
// lines.
bool across_sum(const TileOperand& operand, std::int64_t first, int rows, int depth, std::int64_t width,
                std::int64_t& leading, std::int64_t& stride) {
    const auto at = [&](std::int64_t row, std::int64_t k) -> std::int64_t {
        const auto here = operand.distance(first + row, k), start = operand.distance(first, 0);
        return here && start ? *here - *start : -1;
    };
    leading = rows > width ? at(width, 0) : 8 * width;
    stride = depth > 8 ? at(0, 8) : 8 * width;
    for (int r = 0; r < rows; ++r)
        for (int k = 0; k < depth; ++k)
            if (at(r, k) != r % width + r / width * leading + k % 8 * width + k / 8 * stride) return false;
    return true;
}

MatrixLayout layout_of_matrix(const TileOperand& operand, int rows, int depth, const std::string& atom) {
    const int bytes = bytes_of(operand.storage().type());
    const Swizzle& swizzle = operand.layout().swizzle;
    const std::string name = operand.storage().name();
    if (swizzle.bits == 0)
        throw UserError("tensorize(" + atom + "): " + name +
                        " lies in shared memory without a swizzle; cache it with " + "swizzle=128 (64, 32)");
    MatrixLayout result;
    result.swizzle_bytes = std::int64_t{16} << swizzle.bits;
    const std::int64_t width = result.swizzle_bytes / bytes;
    std::int64_t leading = 0, stride = 0;
    if (along_sum(operand, 0, rows, depth, width, stride)) {
        result.stride_bytes = stride * bytes;
        return result;
    }
    if (bytes == 2 && across_sum(operand, 0, rows, depth, width, leading, stride)) {
        result.transposed = true;
        result.leading_bytes = leading * bytes;
        result.stride_bytes = stride * bytes;
        return result;
    }
    throw UserError("tensorize(" + atom + "): the tile " + name + " (" + operand.layout().text() +
                    ") is no matrix of " + std::to_string(rows) + " x " + std::to_string(depth) +
                    " that wgmma reads: groups of eight rows, each as wide as the swizzle, at one distance");
}

}  // namespace

Stmt BlockLowering::warpgroup_product(const Mma& mma, const Fragment& fragment) const {
    const Atom& atom = *find_atom(mma.atom, TargetKind::cuda);
    const ProductDims dims = dims_of(mma);
    const TileOperand a(mma.a, dims.rows, dims.reduced, tile_layout(mma.a)),
        b(mma.b, dims.columns, dims.reduced, tile_layout(mma.b));
    const MatrixLayout matrix_a = layout_of_matrix(a, atom.m, atom.k, atom.name),
                       matrix_b = layout_of_matrix(b, atom.n, atom.k, atom.name);
    const int steps = static_cast<int>(points_of(dims.reduced) / atom.k), bytes = bytes_of(a.storage().type());
    const Expr group = thread_id_ / Expr::integer(128);
    const std::int64_t rows = static_cast<std::int64_t>(fragment.down) * atom.m, columns = atom.n;
    const Expr row0 = simplify(group % Expr::integer(warps_m_) * Expr::integer(rows));
    const Expr column0 = simplify(group / Expr::integer(warps_m_) % Expr::integer(warps_n_) * Expr::integer(columns));
    // Distances from the start of a warpgroup's part, in units of 16 bytes; they are the same for every warpgroup.
    const auto offsets = [&](const TileOperand& operand, int groups, std::int64_t part, int pieces, int piece) {
        std::vector<std::int64_t> result;
        for (int g = 0; g < groups; ++g)
            for (int i = 0; i < pieces; ++i)
                for (int k = 0; k < steps; ++k) {
                    const auto here = operand.distance(g * part + i * piece, k * atom.k),
                               start = operand.distance(g * part, 0);
                    const std::int64_t apart = here && start ? *here - *start : -1;
                    const std::size_t place = static_cast<std::size_t>(i * steps + k);
                    if (g == 0) result.push_back(apart * bytes / 16);
                    if (apart < 0 || apart * bytes % 16 != 0 || result[place] != apart * bytes / 16)
                        throw UserError("tensorize(" + atom.name + "): the parts of " + operand.storage().name() +
                                        " that warpgroups multiply lie in different ways");
                }
        return result;
    };
    const std::vector<std::int64_t> offsets_a = offsets(a, warps_m_, rows, fragment.down, atom.m),
                                    offsets_b = offsets(b, warps_n_, columns, 1, atom.n);
    const AnyTensor start_a = make_storage(a.storage().name() + "_matrix", i64, {}),
                    start_b = make_storage(b.storage().name() + "_matrix", i64, {});
    const auto describe = [&](const AnyTensor& into, const TileOperand& operand, const Expr& row,
                              const MatrixLayout& matrix) {
        Call node;
        node.function = "matrix_descriptor";
        node.operands = {operand.start(row), value_operand(matrix.leading_bytes), value_operand(matrix.stride_bytes),
                         value_operand(matrix.swizzle_bytes)};
        node.to = {into, {}};
        return Stmt::make(std::move(node));
    };
    std::string function = atom.name;
    if (bytes == 2)
        function += "<" + std::to_string(matrix_a.transposed ? 1 : 0) + ", " +
                    std::to_string(matrix_b.transposed ? 1 : 0) + ">";
    const auto multiply = [&](const Expr& down, const Expr& offset_a, const Expr& offset_b) {
        return call(function,
                    {array_operand(fragment.sums(), {down}), value_operand(simplify(load(start_a, {}) + offset_a)),
                     value_operand(simplify(load(start_b, {}) + offset_b)), value_operand(1)});
    };
    // As loops where the offsets are multiples of the loops' variables.
    const std::int64_t per_piece = fragment.down > 1 ? offsets_a[static_cast<std::size_t>(steps)] : 0;
    const std::int64_t per_step_a = steps > 1 ? offsets_a[1] : 0, per_step_b = steps > 1 ? offsets_b[1] : 0;
    bool linear = true;
    for (int i = 0; i < fragment.down; ++i)
        for (int k = 0; k < steps; ++k)
            linear = linear && offsets_a[static_cast<std::size_t>(i * steps + k)] == i * per_piece + k * per_step_a &&
                     offsets_b[static_cast<std::size_t>(k)] == k * per_step_b;
    std::vector<Stmt> parts = {describe(start_a, a, row0, matrix_a), describe(start_b, b, column0, matrix_b)};
    if (linear) {
        const Symbol k("k", SymbolKind::loop), i("i", SymbolKind::loop);
        parts.push_back(unrolled(
            k, steps,
            unrolled(i, fragment.down,
                     multiply(Expr(i), Expr(i) * Expr::integer(per_piece) + Expr(k) * Expr::integer(per_step_a),
                              Expr(k) * Expr::integer(per_step_b)))));
    } else {
        for (int k = 0; k < steps; ++k)
            for (int i = 0; i < fragment.down; ++i)
                parts.push_back(multiply(Expr::integer(i),
                                         Expr::integer(offsets_a[static_cast<std::size_t>(i * steps + k)]),
                                         Expr::integer(offsets_b[static_cast<std::size_t>(k)])));
    }
    return in_registers({start_b, start_a}, "unsigned long long", block(std::move(parts)));
}

// The first operand is split on its way through registers; of the second, what its high bits leave is a tile of its
// own.
Stmt BlockLowering::warpgroup_product_in_pieces(const Mma& mma, const Fragment& fragment) const {
    const Atom& atom = *find_atom(mma.atom, TargetKind::cuda);
    const ProductDims dims = dims_of(mma);
    require(mma.b_rest.defined(), "the second operand of wgmma is split before");
    const TileOperand a(mma.a, dims.rows, dims.reduced, tile_layout(mma.a)),
        b(mma.b, dims.columns, dims.reduced, tile_layout(mma.b)),
        rest(mma.b_rest, dims.columns, dims.reduced, tile_layout(mma.b_rest));
    const MatrixLayout matrix = layout_of_matrix(b, atom.n, atom.k, atom.name);
    const int steps = static_cast<int>(points_of(dims.reduced) / atom.k), bytes = bytes_of(b.storage().type());
    const auto number = [](std::int64_t value) { return Expr::integer(value); };
    const Expr lane = thread_id_ % number(32), group = thread_id_ / number(128);
    const Expr column0 = simplify(group / number(warps_m_) % number(warps_n_) * number(atom.n));
    const Symbol k("k", SymbolKind::loop), i("i", SymbolKind::loop), r("r", SymbolKind::loop);
    std::vector<Stmt> parts;
    const std::vector<Expr> shape = {number(fragment.down), number(steps), number(4)};
    const AnyTensor high = make_storage("a", i32, shape), low = make_storage("a_rest", i32, shape);
    const Expr row = fragment.first_row + Expr(i) * number(fragment.row_step) + Expr(r) % number(2) * number(8);
    const Expr at_k = Expr(k) * number(atom.k) + lane % number(4) + Expr(r) / number(2) * number(4);
    std::vector<Stmt> splits;
    for (const auto& [into, function] : {std::pair{high, "high_of_tf32"}, std::pair{low, "rest_bits_of_tf32"}}) {
        Call split;
        split.function = function;
        split.operands = {value_operand(load(a.storage(), a.indices(simplify(row), simplify(at_k))))};
        split.to = {into, {Expr(i), Expr(k), Expr(r)}};
        splits.push_back(Stmt::make(std::move(split)));
    }
    parts.push_back(unrolled(i, fragment.down, unrolled(k, steps, unrolled(r, 4, block(std::move(splits))))));
    const auto describe = [&](const TileOperand& operand) {
        const AnyTensor start = make_storage(operand.storage().name() + "_matrix", i64, {});
        Call node;
        node.function = "matrix_descriptor";
        node.operands = {operand.start(column0), value_operand(matrix.leading_bytes),
                         value_operand(matrix.stride_bytes), value_operand(matrix.swizzle_bytes)};
        node.to = {start, {}};
        parts.push_back(Stmt::make(std::move(node)));
        return start;
    };
    const AnyTensor start_b = describe(b), start_rest = describe(rest);
    parts.push_back(call("wgmma_fence"));
    for (int step = 0; step < steps; ++step) {
        const auto distance = b.distance(0, step * atom.k);
        require(distance.has_value(), "a tile that wgmma reads has constant strides");
        const auto multiply = [&](const AnyTensor& left, const AnyTensor& right) {
            return call(atom.name + "_registers",
                        {array_operand(fragment.sums(), {Expr(i)}), array_operand(left, {Expr(i), number(step)}),
                         value_operand(simplify(load(right, {}) + number(*distance * bytes / 16))), value_operand(1)});
        };
        parts.push_back(unrolled(i, fragment.down,
                                 block({multiply(low, start_b), multiply(high, start_rest), multiply(high, start_b)})));
    }
    parts.push_back(call("wgmma_commit"));
    parts.push_back(call("wgmma_wait<0>"));
    return in_registers({high, low}, "unsigned",
                        in_registers({start_b, start_rest}, "unsigned long long", block(std::move(parts))));
}

}  // namespace heddle
