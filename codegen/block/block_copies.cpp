// codegen/block/block_copies.cpp -- copies and maps divided over the threads of a block.
#include <algorithm>
#include <numeric>

#include "codegen/block/tile_operand.h"
#include "codegen/build_reads.h"
#include "codegen/passes/conditions.h"
#include "dsl/linear.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t most_unrolled_copies = 16, loads_of_a_batch = 12;

bool is_multiple(const Expr& e, std::int64_t of) {
    const Linear sum = linear_of(e);
    if (sum.overflow || sum.constant % of != 0) return false;
    return std::all_of(sum.terms.begin(), sum.terms.end(),
                       [&](const LinearTerm& term) { return term.factor % of == 0; });
}

// True when the term is the same for each `count` neighbours from a multiple of it on.
bool alike(const Expr& term, const Symbol& along, std::int64_t count) {
    if (!uses(term, along)) return true;
    const std::optional<Linear> sum = at_least_zero(term);
    const std::optional<std::int64_t> factor = sum && !sum->overflow ? factor_of(*sum, along) : std::nullopt;
    if (!factor) return false;
    for (const LinearTerm& each : sum->terms)
        if (!uses(each.product, along) && each.factor % count != 0) return false;
    const std::int64_t rest = (sum->constant % count + count) % count;
    return (*factor == 1 && rest == 0) || (*factor == -1 && rest == count - 1);
}

// Elements of 16, 8 or 4 bytes that lie side by side in a tile and in memory, at multiples of that many, and of which
// the copy takes all or none; 0: there are none.
int pack_elements(const Copy& copy, const Layout& tile, const Place& memory) {
    if (copy.dims.empty() || memory.indices.empty()) return 0;
    const Symbol& along = copy.dims.back().var;
    const auto* width = copy.dims.back().extent.as<IntImm>();
    const auto* row = memory.storage.shape().back().expr().as<IntImm>();
    if (!width || !row) return 0;
    const Expr start = simplify(substitute(memory.indices.back(), {{along, Expr::integer(0)}}));
    if (!is_const(simplify(memory.indices.back() - start - Expr(along)), 0)) return 0;
    for (std::size_t d = 0; d + 1 < memory.indices.size(); ++d)
        if (uses(memory.indices[d], along)) return 0;
    const int bytes = bytes_of(memory.storage.type());
    const std::vector<Expr> terms = terms_of(copy.predicate);
    for (const int vector : {16, 8, 4}) {
        if (vector % bytes != 0) continue;
        const std::int64_t count = vector / bytes;
        bool fits = width->value % count == 0 && is_multiple(start, count) &&
                    (row->value % count == 0 || memory.indices.size() == 1) && tile.block % count == 0 &&
                    tile.block_stride % count == 0;
        for (std::size_t d = 0; d + 1 < tile.strides.size(); ++d) fits = fits && tile.strides[d] % count == 0;
        for (const Expr& term : terms) fits = fits && alike(term, along, count);
        if (fits) return static_cast<int>(count);
    }
    return 0;
}

}  // namespace

bool copies_16_bits(const Copy& copy) {
    const auto* read = copy.source.as<Read>();
    const auto* fill = copy.fill.defined() ? copy.fill.as<FloatImm>() : nullptr;
    const ScalarType type = copy.to.storage.type();
    return read && fill && fill->value == 0 && (type == f16 || type == bf16) && AnyTensor(read->tensor).type() == type;
}

// The last two dims of a copy run along a line of pixels of few channels, whose elements follow each other on both
// sides and which starts and ends at multiples of 16 bytes: elements of 16 bytes; 0: they do not.
int BlockLowering::elements_of_lines(const Copy& copy) const {
    const auto* read = copy.source.as<Read>();
    const auto* fill = copy.fill.defined() ? copy.fill.as<FloatImm>() : nullptr;
    const std::size_t count = copy.dims.size();
    if (!read || !fill || fill->value != 0 || copy.atom != "cp_async" || count < 2) return 0;
    const AnyTensor tensor(read->tensor);
    const auto rank = static_cast<std::size_t>(tensor.rank());
    const Layout layout = layout_of(copy.to.storage);
    const TileDim &pixel = copy.dims[count - 2], &channel = copy.dims[count - 1];
    const auto *pixels = pixel.extent.as<IntImm>(), *channels = channel.extent.as<IntImm>();
    if (rank < 2 || !pixels || !channels || layout.block > 0 || layout.swizzle.bits > 0 || layout.strides.size() < 2)
        return 0;
    const Expr &along = read->indices[rank - 2], &last = read->indices[rank - 1];
    const auto *line = tensor.shape()[static_cast<int>(rank) - 2].expr().as<IntImm>(),
               *all = tensor.shape()[static_cast<int>(rank) - 1].expr().as<IntImm>();
    const int bytes = bytes_of(tensor.type()), vector = 16 / bytes;
    const std::int64_t unit = vector / std::gcd<std::int64_t>(vector, channels->value);
    const Expr start = simplify(substitute(along, {{pixel.var, Expr::integer(0)}}));
    bool fits = line && all && all->value == channels->value && equal(last, Expr(channel.var)) &&
                is_const(simplify(along - start - Expr(pixel.var)), 0) && is_multiple(start, unit) &&
                line->value % unit == 0 && pixels->value % unit == 0 && !uses(start, channel.var) &&
                layout.strides.back() == 1 && layout.strides[layout.strides.size() - 2] == channels->value;
    for (std::size_t d = 0; d + 2 < layout.strides.size(); ++d) fits = fits && layout.strides[d] % vector == 0;
    for (std::size_t d = 0; d + 2 < rank; ++d)
        fits = fits && !uses(read->indices[d], pixel.var) && !uses(read->indices[d], channel.var);
    const std::size_t places = copy.to.indices.size();
    fits = fits && places >= 2 && equal(copy.to.indices[places - 2], Expr(pixel.var)) &&
           equal(copy.to.indices[places - 1], Expr(channel.var));
    for (const Expr& term : terms_of(copy.predicate)) {
        if (!uses(term, pixel.var) && !uses(term, channel.var)) continue;
        bool bound = false;
        for (std::size_t d = rank - 2; d < rank; ++d)
            bound = bound || equal(term, Expr::integer(0) <= read->indices[d]) ||
                    equal(term, read->indices[d] < tensor.shape()[static_cast<int>(d)].expr());
        fits = fits && bound;
    }
    return fits ? vector : 0;
}

// By 16 bytes along the lines. Where a view's lines have gaps, element by element: the addresses of all follow.
Stmt BlockLowering::copy_lines(const Copy& copy, const Expr& thread, int threads) const {
    const int vector = elements_of_lines(copy);
    const auto* read = copy.source.as<Read>();
    std::vector<TileDim> dims = copy.dims;
    const TileDim channel = dims.back();
    dims.pop_back();
    const Symbol pixel = dims.back().var, pack("pack", SymbolKind::loop);
    const Expr packs = simplify(dims.back().extent * channel.extent / Expr::integer(vector));
    dims.back() = {pack, packs, LoopKind::serial, 1};
    const auto at = [&](int element) {
        const Expr place = Expr(pack) * Expr::integer(vector) + Expr::integer(element);
        return Substitution{{pixel, place / channel.extent}, {channel.var, place % channel.extent}};
    };
    const auto all_at = [&](const std::vector<Expr>& indices, int element) {
        std::vector<Expr> result;
        for (const Expr& index : indices) result.push_back(simplify(substitute(index, at(element))));
        return result;
    };
    Call node;
    node.function = "copy_async_16";
    node.predicate = substitute(copy.predicate, at(0));
    node.operands = {address_operand(copy.to.storage, all_at(copy.to.indices, 0)),
                     address_operand(AnyTensor(read->tensor), all_at(read->indices, 0)), value_operand(node.predicate)};
    for (int e = 1; e < vector; ++e)
        node.operands.push_back(address_operand(AnyTensor(read->tensor), all_at(read->indices, e)));
    node.writes = true;
    return spread(dims, thread, threads, Stmt::make(std::move(node)));
}

// The body at every point of the dims, point number n by thread n % threads.
Stmt BlockLowering::spread(const std::vector<TileDim>& dims, const Expr& thread, int threads, const Stmt& body) const {
    const std::int64_t points = points_of(dims), rounds = (points + threads - 1) / threads;
    const Symbol element("element", SymbolKind::loop), round("round", SymbolKind::loop);
    Let node;
    node.var = element;
    node.value = rounds > 1 ? simplify(Expr(round) * Expr::integer(threads) + thread) : thread;
    node.body = if_then(points % threads == 0 ? Expr(true) : Expr(element) < Expr::integer(points),
                        substitute(body, point_of(dims, Expr(element))));
    Stmt result = Stmt::make(std::move(node));
    if (rounds == 1) return result;
    For loop;
    loop.var = round;
    loop.min = Expr::integer(0);
    loop.extent = Expr::integer(rounds);
    loop.kind = rounds <= most_unrolled_copies ? LoopKind::unrolled : LoopKind::serial;
    loop.body = std::move(result);
    return Stmt::make(std::move(loop));
}

// Elements that one access moves: 16, 8 or 4 bytes that are contiguous and aligned on both sides and inside or outside
// together; 0: there are none.
int BlockLowering::vector_elements(const Copy& copy, bool async) const {
    const auto* read = copy.source.as<Read>();
    if (!read || !async) return 0;
    double fill = 1;
    if (const auto* value = copy.fill.as<FloatImm>()) fill = value->value;
    if (const auto* value = copy.fill.as<IntImm>()) fill = static_cast<double>(value->value);
    if (fill != 0) return 0;
    return pack_elements(copy, layout_of(copy.to.storage), {AnyTensor(read->tensor), read->indices});
}

// The elements number first, first + 1, ... (as many as are held) of a thread, for which `each` makes a statement of a
// register and a test.
Stmt BlockLowering::each_held(const Copy& copy, const AnyTensor& held, const Expr& first, const Expr& thread,
                              int threads,
                              const std::function<Stmt(const Place& in_register, const Expr& exists)>& each) const {
    const std::int64_t points = points_of(copy.dims), count = held.shape()[0].value();
    const Symbol element("element", SymbolKind::loop), round("round", SymbolKind::loop);
    Let node;
    node.var = element;
    node.value = simplify((first + Expr(round)) * Expr::integer(threads) + thread);
    const Expr exists = points % (threads * count) == 0 ? Expr(true) : Expr(element) < Expr::integer(points);
    node.body = substitute(each({held, {Expr(round)}}, exists), point_of(copy.dims, Expr(element)));
    return unrolled(round, static_cast<int>(count), Stmt::make(std::move(node)));
}

Stmt BlockLowering::fetch_16_bits(const Copy& copy, const AnyTensor& held, const Expr& first, const Expr& thread,
                                  int threads) const {
    return each_held(copy, held, first, thread, threads, [&](const Place& in_register, const Expr& exists) {
        const auto* read = copy.source.as<Read>();
        Call node;
        node.function = "load_16_bits";
        node.predicate = is_const(exists, 1) ? copy.predicate : conjunction(exists, copy.predicate);
        node.operands = {address_operand(AnyTensor(read->tensor), read->indices), value_operand(node.predicate)};
        node.to = in_register;
        return Stmt::make(std::move(node));
    });
}

Stmt BlockLowering::put_16_bits(const Copy& copy, const AnyTensor& held, const Expr& first, const Expr& thread,
                                int threads) const {
    return each_held(copy, held, first, thread, threads, [&](const Place& in_register, const Expr& exists) {
        Call node;
        node.function = "store_16_bits";
        node.operands = {address_operand(copy.to.storage, copy.to.indices),
                         value_operand(load(in_register.storage, in_register.indices))};
        node.writes = true;
        return if_then(exists, Stmt::make(std::move(node)));
    });
}

Stmt BlockLowering::copy_by_threads(const Copy& copy, const Expr& thread, int threads, bool async) const {
    const int count = vector_elements(copy, async);
    if (count == 0 && async && elements_of_lines(copy) > 0) return copy_lines(copy, thread, threads);
    if (count == 0 && copies_16_bits(copy)) {
        // Some loads at once, so that they wait together, then as many stores.
        const std::int64_t rounds = (points_of(copy.dims) + threads - 1) / threads,
                           at_once = rounds <= most_unrolled_copies ? rounds : loads_of_a_batch;
        const AnyTensor held = make_storage("held", i32, {Expr::integer(at_once)});
        const Symbol batch("batch", SymbolKind::loop);
        const std::int64_t batches = (rounds + at_once - 1) / at_once;
        const Expr first = batches > 1 ? Expr(batch) * Expr::integer(at_once) : Expr::integer(0);
        Stmt body = in_registers({held}, "unsigned",
                                 block({fetch_16_bits(copy, held, first, thread, threads),
                                        put_16_bits(copy, held, first, thread, threads)}));
        if (batches == 1) return body;
        For loop;
        loop.var = batch;
        loop.min = Expr::integer(0);
        loop.extent = Expr::integer(batches);
        loop.body = std::move(body);
        return Stmt::make(std::move(loop));
    }
    if (count == 0) {
        const Expr value = is_const(copy.predicate, 1) ? copy.source : select(copy.predicate, copy.source, copy.fill);
        return spread(copy.dims, thread, threads, store(copy.to.storage, copy.to.indices, value));
    }
    const auto* read = copy.source.as<Read>();
    const AnyTensor tensor(read->tensor);
    std::vector<TileDim> dims = copy.dims;
    const Symbol along = dims.back().var, pack(along.name(), SymbolKind::loop);
    dims.back() = {pack, simplify(dims.back().extent / Expr::integer(count)), LoopKind::serial, 1};
    Call node;
    node.function = "copy_async_" + std::to_string(count * bytes_of(tensor.type()));
    node.operands = {address_operand(copy.to.storage, copy.to.indices), address_operand(tensor, read->indices),
                     value_operand(copy.predicate)};
    node.predicate = copy.predicate;
    node.writes = true;
    return spread(dims, thread, threads,
                  substitute(Stmt::make(std::move(node)), {{along, Expr(pack) * Expr::integer(count)}}));
}

// From a tile to memory.
Stmt BlockLowering::copy_out(const Copy& copy, Party party) {
    if (copy.atom.starts_with("tma") || copy.atom == "bulk") {
        return block({call("async_proxy_fence"), barrier(party),
                      if_then(equals(thread_id_, Expr::integer(0)),
                              block({copy_boxes(copy, CallOperand()), call("tma_store_commit")}))});
    }
    const AnyTensor tile(copy.source.as<Read>()->tensor);
    const int count = pack_elements(copy, layout_of(tile), copy.to);
    std::vector<TileDim> dims = copy.dims;
    Stmt body = if_then(copy.predicate, store(copy.to.storage, copy.to.indices, copy.source));
    if (count > 1) {
        // Of a tile in blocks of columns: a block, a pack of it, an element.
        const Symbol along = dims.back().var, pack(along.name(), SymbolKind::loop), lane("e", SymbolKind::loop),
                     column("column", SymbolKind::loop);
        const std::int64_t width = dims.back().extent.as<IntImm>()->value, block = layout_of(tile).block;
        const std::int64_t packs = (block > 0 && width % block == 0 ? block : width) / count;
        dims.back() = {pack, Expr::integer(packs), LoopKind::serial, 1};
        if (packs * count < width)
            dims.insert(dims.end() - 1, {column, Expr::integer(width / (packs * count)), LoopKind::serial, 1});
        const Expr first = packs * count < width ? Expr(column) * Expr::integer(packs) + Expr(pack) : Expr(pack);
        For lanes;
        lanes.var = lane;
        lanes.min = Expr::integer(0);
        lanes.extent = Expr::integer(count);
        lanes.kind = LoopKind::vectorized;
        lanes.body = substitute(body, {{along, first * Expr::integer(count) + Expr(lane)}});
        body = Stmt::make(std::move(lanes));
    }
    return block({barrier(party), spread(dims, worker(party), threads_of(party), body)});
}

Stmt BlockLowering::map_by_threads(const Map& map, Party party) const {
    if (map.op == UpdateOp::tuple)
        throw UserError(map.to[0].storage.name() +
                        ": a tuple is not computed by a whole block; bind loops to threads instead");
    std::vector<Stmt> stores;
    for (std::size_t i = 0; i < map.to.size(); ++i)
        stores.push_back(store(map.to[i].storage, map.to[i].indices,
                               map.op == UpdateOp::assign
                                   ? map.values[i]
                                   : combine(map.op, load(map.to[i].storage, map.to[i].indices), map.values[i])));
    return spread(map.dims, worker(party), threads_of(party), if_then(map.predicate, block(std::move(stores))));
}

}  // namespace heddle
