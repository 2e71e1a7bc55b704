// schedules/default_cuda_contraction.cpp -- CUDA schedules of products of matrices, on tensor cores.
#include <fmt/format.h>

#include <algorithm>

#include "runtime/text.h"
#include "schedules/default_cuda_family.h"

namespace heddle {
namespace {

constexpr double fewest_products = 1 << 22;  ///< below, a launch of plain threads is as good
constexpr std::int64_t most_rows = 128, most_columns = 128;

/// The variables of a product by where they occur, in the order of the domain.
struct Product {
    ScalarType type = f32;
    AnyTensor a, b;
    LoopNames rows, columns, batch, reduced;
    std::int64_t M = 1, N = 1, K = 1, count = 1;  ///< rows, columns, depth; products
    std::string depth;  ///< the reduced variable along which an operand lies in memory; empty: none
    std::int64_t depth_extent = 1;
    bool along_depth = false;  ///< both operands do
};

bool runs_along(const ReadFacts& read, const Symbol& symbol) { return read.unit_stride(symbol); }

std::optional<Product> product_of(const Definition& definition) {
    const DefinitionFacts facts = facts_of(definition);
    const auto* value = definition.right.size() == 1 ? definition.right[0].as<Binary>() : nullptr;
    if (definition.op != UpdateOp::add || !facts.accumulates || facts.data_dependent || facts.reads.size() != 2 ||
        !value || value->op != BinaryOp::mul || !value->a.as<Read>() || !value->b.as<Read>())
        return {};
    const ReadFacts &a = facts.reads[0], &b = facts.reads[1];
    Product product;
    product.type = a.tensor.type();
    product.a = a.tensor;
    product.b = b.tensor;
    const bool types =
        product.type == f16 || product.type == bf16 || product.type == f32 || product.type == i8 || product.type == u8;
    if (a.tensor.type() != b.tensor.type() || a.tensor == b.tensor || !types) return {};
    for (const ReadFacts* read : {&a, &b})
        if (read->boundary.mode != BoundaryMode::none && read->boundary.mode != BoundaryMode::zero) return {};
    for (const VariableFacts& v : facts.variables) {
        const bool in_a = a.uses(v.symbol), in_b = b.uses(v.symbol);
        if (!v.is_static || v.extent < 1) return {};
        if (v.reduced) {
            product.reduced.push_back(v.name);
            product.K *= v.extent;
            const bool along = runs_along(a, v.symbol) || runs_along(b, v.symbol);
            if (along && v.extent >= product.depth_extent) {
                product.depth = v.name;
                product.depth_extent = v.extent;
                product.along_depth = runs_along(a, v.symbol) && runs_along(b, v.symbol);
            }
        } else if (in_a && in_b) {
            product.batch.push_back(v.name);
            product.count *= v.extent;
        } else if (v.extent == 1) {
            product.rows.push_back(v.name);
        } else if (in_a || in_b) {
            (in_a ? product.rows : product.columns).push_back(v.name);
            (in_a ? product.M : product.N) *= v.extent;
        } else {
            return {};
        }
    }
    if (product.rows.empty() || product.columns.empty() || product.reduced.empty()) return {};
    return product;
}

/// The largest power of two from `least` up to `most` that a loop of this extent can be split by.
std::int64_t tile_of(std::int64_t extent, std::int64_t most, std::int64_t least = 16) {
    std::int64_t tile = least;
    while (tile * 2 <= std::min(extent, most)) tile *= 2;
    return tile;
}

std::string fused(const LoopNames& loops, std::string& text) {
    if (loops.size() == 1) return loops[0];
    std::string name = join(loops, "_");
    text += fmt::format("fuse({{{}}}, {}) ", join(loops, ", "), name);
    return name;
}

}  // namespace

bool contraction_cuda_stage(const StageNest& stage, const Target& target, Schedule& schedule) {
    const std::optional<Product> found = product_of(*stage.stage.definition);
    if (!found || target.compute_capability < 80) return false;
    const Product& p = *found;
    const bool bytes = bytes_of(p.type) == 1, narrow = bytes_of(p.type) == 2;
    const double products = static_cast<double>(p.M * p.count) * static_cast<double>(p.N) * static_cast<double>(p.K);
    if (p.M < 16 || p.N < 16 || products < fewest_products) return false;
    // A step of the sum is what one row of 128 bytes holds.
    const std::int64_t most_depth = 128 / bytes_of(p.type), least_depth = bytes ? 32 : 16;
    const bool by_depth = !p.depth.empty() && p.depth_extent >= least_depth;
    const std::int64_t step = tile_of(by_depth ? p.depth_extent : p.K, most_depth, least_depth);
    if (p.K < least_depth) return false;
    std::int64_t m = tile_of(p.M, most_rows), n = tile_of(p.N, most_columns);

    std::string text;
    LoopNames order = p.batch;
    order.insert(order.end(), p.rows.begin(), p.rows.end());
    order.insert(order.end(), p.columns.begin(), p.columns.end());
    LoopNames outer = p.reduced;
    if (by_depth) {
        outer.erase(std::find(outer.begin(), outer.end(), p.depth));
        outer.push_back(p.depth);
    }
    order.insert(order.end(), outer.begin(), outer.end());
    text += fmt::format("reorder({}) ", join(order, ", "));
    std::string inner, steps;
    if (by_depth) {
        text += fmt::format("split({}, {}) ", p.depth, step);
        inner = p.depth + ".i";
        outer.back() = p.depth + ".o";
        steps = fused(outer, text);
    } else {
        const std::string all = fused(outer, text);
        text += fmt::format("split({}, {}) ", all, step);
        inner = all + ".i";
        steps = all + ".o";
    }
    const std::string rows = fused(p.rows, text), columns = fused(p.columns, text);
    text += fmt::format("split({}, {}) split({}, {}) ", rows, m, columns, n);
    LoopNames work = p.batch;
    work.push_back(rows + ".o");
    work.push_back(columns + ".o");
    text += fmt::format("reorder({}, {}, {}.i, {}.i, {}) ", join(work, ", "), steps, rows, columns, inner);
    text += fmt::format("work(grid, {{{}}}, swizzle=8) accumulate_in(registers, {}.o) ", join(work, ", "), columns);
    for (const AnyTensor& operand : {p.a, p.b})
        text += fmt::format("cache_in({}, shared, {}, loop_coordinates, atom=cp_async, swizzle=128) ", operand.name(),
                            steps);
    const std::int64_t warps_n = n == 16 ? 1 : n / 32,
                       warps_m = std::max<std::int64_t>(1, std::min(m / 32, 8 / warps_n));
    const bool warpgroups = target.compute_capability == 90 && narrow && p.along_depth && step == 64 && m == 128;
    text += fmt::format("pipeline({}, {}) ", steps, warpgroups ? 4 : 3);
    if (warpgroups)
        text += fmt::format("tensorize(wgmma_m64n{}k16, A={}, B={}, warps={{2, 1}})", n, p.a.name(), p.b.name());
    else if (narrow || bytes)
        text += fmt::format("tensorize(mma_sync_m16n8k{}, A={}, B={}, warps={{{}, {}}})", bytes ? 32 : 16, p.a.name(),
                            p.b.name(), warps_m, warps_n);
    else
        text += fmt::format(
            "precision(f32, pieces=2, promote={}) tensorize(mma_sync_m16n8k8, A={}, B={}, warps={{{}, {}}})", step / 8,
            p.a.name(), p.b.name(), warps_m, warps_n);
    schedule.stage(stage.stage.name());
    const Schedule written = parse_schedule(text);
    for (const Directive& directive : written.directives()) schedule.add(directive.name, directive.arguments);
    return true;
}

}  // namespace heddle
