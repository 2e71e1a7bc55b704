// schedules/default_cuda_warpgroups.cpp -- CUDA schedules of products on warpgroups, operands copied as boxes.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "runtime/cuda_limits.h"
#include "runtime/text.h"
#include "schedules/default_cuda_family.h"
#include "schedules/product_boxes.h"
#include "schedules/warpgroup_tile.h"

namespace heddle {
namespace {

constexpr std::size_t most_defaults = 3;  ///< that an untuned schedule tries
constexpr int fewest_stages = 3;

using Loops = std::vector<ProductLoop>;

LoopNames names_of(const Loops& loops) {
    LoopNames names;
    for (const ProductLoop& loop : loops) names.push_back(loop.name);
    return names;
}

/// How one operand is tiled: fused loops in a tile, the others outside.
struct Side {
    const ProductOperand* operand = nullptr;
    Loops tiled, outer;
    bool along_sum = true;
    BoxForm form = BoxForm::tile;
};

/// All of a product as it is tiled, but for the sizes.
struct Plan {
    Side rows, columns;
    Loops taps, depth;                               ///< reduced
    bool through_tile = false, store_boxes = false;  ///< how the result leaves
};

Loops without(const Loops& loops, const Loops& taken) {
    Loops rest;
    for (const ProductLoop& loop : loops)
        if (std::none_of(taken.begin(), taken.end(), [&](const ProductLoop& each) { return each.name == loop.name; }))
            rest.push_back(loop);
    return rest;
}

Loops longer_than_one(const Loops& loops) {
    Loops result;
    for (const ProductLoop& loop : loops)
        if (loop.extent > 1) result.push_back(loop);
    return result;
}

std::int64_t elements_of(const Side& side) {
    std::int64_t elements = 1;
    for (const Extent& extent : side.operand->tensor.shape()) elements *= extent.value();
    return elements;
}

class Planner {
public:
    Planner(const CudaProduct& product, const Definition& definition)
        : product_(product), definition_(definition), ranges_(ranges_of(definition.domain)) {}

    std::optional<Plan> run() {
        Plan plan;
        // The sum goes along memory of one operand, or over all of its loops.
        const ProductLoop* along_rows = product_.rows.along(product_.reduced);
        const ProductLoop* along_columns = product_.columns.along(product_.reduced);
        if (along_rows && along_columns && along_rows->name != along_columns->name) return {};
        const ProductLoop* along = along_rows ? along_rows : along_columns;
        plan.depth = along ? Loops{*along} : longer_than_one(product_.reduced);
        plan.taps = without(product_.reduced, plan.depth);
        if (plan.depth.empty() || !counts_its_end(plan.depth)) return {};
        if (!choose(product_.rows, along_rows != nullptr, plan, plan.rows) ||
            !choose(product_.columns, along_columns != nullptr, plan, plan.columns))
            return {};
        plan.through_tile = result_is_rows(plan);
        plan.store_boxes = plan.through_tile && result_is_boxes(plan);
        return plan;
    }

private:
    // What lies past the last step is outside of both tensors.
    bool counts_its_end(const Loops& depth) const {
        const Symbol* first = nullptr;
        for (const DomainVar& v : definition_.domain)
            for (const ProductLoop& loop : depth)
                if (!first && loop.symbol == v.symbol) first = &v.symbol;
        for (const ProductOperand* operand : {&product_.rows, &product_.columns}) {
            bool ends = false;
            for (int d = 0; d < operand->tensor.rank(); ++d) {
                const auto* bare = operand->read->indices[static_cast<std::size_t>(d)].as<Variable>();
                ends = ends || (bare && bare->symbol == *first && operand->tensor.shape()[d].is_static() &&
                                operand->tensor.shape()[d].value() == definition_.find(*first)->extent.value());
            }
            if (!ends) return false;
        }
        return true;
    }

    bool choose(const ProductOperand& operand, bool along_sum, const Plan& plan, Side& side) const {
        side.operand = &operand;
        side.along_sum = along_sum;
        std::vector<Loops> choices;
        if (along_sum) {
            choices.push_back(longer_than_one(operand.loops));
            for (const ProductLoop& loop : operand.loops) choices.push_back({loop});
            std::stable_sort(choices.begin() + 1, choices.end(),
                             [](const Loops& a, const Loops& b) { return points_of(a) > points_of(b); });
        } else if (const ProductLoop* along = operand.along(operand.loops)) {
            choices.push_back({*along});
        }
        for (const Loops& choice : choices) {
            side.form = choice.empty() ? BoxForm::none : boxes_copy(operand, choice, plan.depth, ranges_);
            if (side.form == BoxForm::none) continue;
            side.tiled = choice;
            side.outer = without(operand.loops, choice);
            return true;
        }
        return false;
    }

    // The dimension of the result that a loop is; -1: a part of one.
    int place_of(const ProductLoop& loop) const {
        for (std::size_t d = 0; d < definition_.left.size(); ++d)
            if (definition_.left[d].as<Variable>()->symbol == loop.symbol)
                return loop.period == 1 ? static_cast<int>(d) : -1;
        return -1;
    }
    bool is_last(const Loops& loops) const {
        return loops.size() == 1 && place_of(loops[0]) == static_cast<int>(definition_.left.size()) - 1;
    }

    // Of 16 bits, and its last dimension is a tiled loop of its own.
    bool result_is_rows(const Plan& plan) const {
        return bytes_of(product_.result) == 2 && definition_.target(0).shape().back().value() * 2 % 16 == 0 &&
               (is_last(plan.rows.tiled) || is_last(plan.columns.tiled));
    }

    // The loops of the other side are dimensions that follow each other.
    bool result_is_boxes(const Plan& plan) const {
        const Loops& other = is_last(plan.columns.tiled) ? plan.rows.tiled : plan.columns.tiled;
        for (std::size_t i = 0; i < other.size(); ++i) {
            const int here = place_of(other[i]);
            if (here < 0 || (i > 0 && here != place_of(other[i - 1]) + 1)) return false;
        }
        return definition_.left.size() - other.size() + 1 <= 5;
    }

    const CudaProduct& product_;
    const Definition& definition_;
    Ranges ranges_;
};

class Writer {
public:
    Writer(const CudaProduct& product, const Plan& plan, const Symbol& last)
        : product_(product), plan_(plan), last_(last) {}

    std::string text(const WarpgroupTile& tile, const Side& a, const Side& b, const AnyTensor& result, bool clips) {
        for (const std::string& split : product_.splits) add(split);
        LoopNames outer = names_of(product_.batch);
        for (const Side* side : {&a, &b})
            for (const ProductLoop& loop : side->outer) outer.push_back(loop.name);
        LoopNames order = outer;
        for (const Loops* loops : {&a.tiled, &b.tiled, &plan_.taps, &plan_.depth})
            for (const ProductLoop& loop : *loops) order.push_back(loop.name);
        add(fmt::format("reorder({})", join(order, ", ")));
        const std::string rows = fused(names_of(a.tiled)), columns = fused(names_of(b.tiled)),
                          depth = fused(names_of(plan_.depth));
        add(fmt::format("split({}, {}) split({}, {}) split({}, {})", rows, tile.rows, columns, tile.columns, depth,
                        tile.step));
        outer.push_back(rows + ".o");
        outer.push_back(columns + ".o");
        LoopNames passes = names_of(plan_.taps);
        passes.push_back(depth + ".o");
        add(fmt::format("reorder({}, {}, {}.i, {}.i, {}.i)", join(outer, ", "), join(passes, ", "), rows, columns,
                        depth));
        std::string steps = passes.back();
        if (clips) {
            for (const ProductLoop& tap : plan_.taps) add(fmt::format("clip({})", tap.name));
        } else {
            steps = fused(passes);
        }
        LoopNames work = outer;
        if (tile.stream) work.push_back(steps);
        add(fmt::format("work({}, {{{}}})", tile.stream ? "stream_k" : "persistent", join(work, ", ")));
        add(fmt::format("accumulate_in(registers, {}.o)", columns));
        cache(a, tile.rows, tile.step, steps);
        cache(b, tile.columns, tile.step, steps);
        add(fmt::format("pipeline({}, {})", steps, tile.stages));
        const std::string registers =
            tile.registers == 0 ? "" : fmt::format(", registers={{{}, {}}}", tile.groups > 2 ? 32 : 40, tile.registers);
        add(fmt::format("specialize_warps(producer=1, consumer={}x128{})", tile.groups, registers));
        const bool pieces = product_.type == f32;
        if (pieces) add(fmt::format("precision(f32, pieces=2, promote={})", tile.step / 8));
        add(fmt::format("tensorize(wgmma_m64n{}k{}, A={}, B={})", tile.columns, pieces ? 8 : 16,
                        a.operand->tensor.name(), b.operand->tensor.name()));
        if (plan_.through_tile && !tile.stream) {
            const std::int64_t row = 2 * (is_last(b) ? tile.columns : tile.rows);
            add(fmt::format("cache_out({}, shared, {}.o, {}swizzle={})", result.name(), columns,
                            plan_.store_boxes ? "atom=tma_store, " : "", swizzle_of(row)));
        }
        return text_;
    }

private:
    /// The result lies along the loop of this side.
    bool is_last(const Side& side) const { return side.tiled.size() == 1 && side.tiled[0].symbol == last_; }

    void add(const std::string& directive) { text_ += (text_.empty() ? "" : " ") + directive; }

    std::string fused(const LoopNames& loops) {
        if (loops.size() == 1) return loops[0];
        std::string name = join(loops, "_");
        add(fmt::format("fuse({{{}}}, {})", join(loops, ", "), name));
        return name;
    }

    void cache(const Side& side, std::int64_t tile, std::int64_t step, const std::string& steps) {
        const std::int64_t row = (side.along_sum ? step : tile) * bytes_of(product_.type);
        add(fmt::format("cache_in({}, shared, {}, loop_coordinates, atom={}, swizzle={})", side.operand->tensor.name(),
                        steps, side.form == BoxForm::image ? "tma_im2col" : "tma_tile", swizzle_of(row)));
    }

    const CudaProduct& product_;
    const Plan& plan_;
    const Symbol last_;
    std::string text_;
};

/// A product with its plan, which points into it.
struct Planned {
    CudaProduct product;
    std::optional<Plan> plan;
    AnyTensor result;
    Symbol last;  ///< along which the result lies

    Planned(const CudaProduct& p, const Definition& definition)
        : product(p), plan(Planner(product, definition).run()), result(definition.target(0)) {
        if (const auto* variable = definition.left.empty() ? nullptr : definition.left.back().as<Variable>())
            last = variable->symbol;
    }
    Planned(const Planned&) = delete;
    Planned& operator=(const Planned&) = delete;

    const Side& a(bool swapped) const { return swapped ? plan->columns : plan->rows; }
    const Side& b(bool swapped) const { return swapped ? plan->rows : plan->columns; }
};

struct Choice {
    WarpgroupTile tile;
    bool swapped = false;
};

std::vector<Choice> choices_of(const Planned& p, const Target& target) {
    const CudaProduct& product = p.product;
    const bool f32_in_pieces = product.type == f32;
    std::vector<Choice> choices;
    for (const bool swapped : {false, true}) {
        const Side &a = p.a(swapped), &b = p.b(swapped);
        // The rest of the second is computed by a launch before: of the smaller one.
        if (f32_in_pieces && elements_of(a) < elements_of(b)) continue;
        TiledProduct tiled;
        tiled.rows = points_of(a.tiled);
        tiled.columns = points_of(b.tiled);
        tiled.outer = points_of(product.batch) * points_of(a.outer) * points_of(b.outer);
        tiled.depth = points_of(p.plan->depth);
        tiled.taps = points_of(p.plan->taps);
        tiled.rows_along_sum = a.along_sum;
        tiled.columns_along_sum = b.along_sum;
        tiled.bytes = bytes_of(product.type);
        tiled.result_bytes = bytes_of(product.result);
        tiled.through_tile = p.plan->through_tile;
        tiled.rows_first = p.last.defined() && b.tiled.size() == 1 && b.tiled[0].symbol == p.last;
        tiled.pieces = f32_in_pieces ? 2 : 1;
        if (product.has_classes) tiled.most_accumulators = 64;
        tiled.may_stream = !product.has_classes && !f32_in_pieces;
        const auto takes = [](const Side& side) {
            return [&side](std::int64_t points) { return tiles_are_boxes(*side.operand, side.tiled, points); };
        };
        tiled.takes_rows = takes(a);
        tiled.takes_columns = takes(b);
        tiled.takes_step = [&](std::int64_t points) {
            return tiles_are_boxes(*a.operand, p.plan->depth, points) &&
                   tiles_are_boxes(*b.operand, p.plan->depth, points);
        };
        for (const WarpgroupTile& tile : warpgroup_tiles(tiled, multiprocessors_of(target.compute_capability),
                                                         most_shared_bytes(target.compute_capability)))
            choices.push_back({tile, swapped});
    }
    std::stable_sort(choices.begin(), choices.end(),
                     [](const Choice& a, const Choice& b) { return a.tile.cycles < b.tile.cycles; });
    return choices;
}

CudaForm form_of(const std::shared_ptr<const Planned>& planned, const Choice& choice, bool clips,
                 const std::string& stage, bool by_default) {
    const WarpgroupTile& tile = choice.tile;
    CudaForm form;
    form.choices = {{"products by", choice.swapped ? "warpgroups, columns first" : "warpgroups"},
                    {"rows", std::to_string(tile.rows)},
                    {"columns", std::to_string(tile.columns)},
                    {"step", std::to_string(tile.step)},
                    {"stages", std::to_string(tile.stages)},
                    {"groups", std::to_string(tile.groups)},
                    {"work", tile.stream ? "stream_k" : "persistent"},
                    {"taps", clips ? "clipped" : "fused"}};
    form.write = [planned, choice, clips, stage](Schedule& schedule) {
        Writer writer(planned->product, *planned->plan, planned->last);
        append_text(
            stage,
            writer.text(choice.tile, planned->a(choice.swapped), planned->b(choice.swapped), planned->result, clips),
            schedule);
    };
    form.by_default = by_default;
    form.cycles = tile.cycles;
    return form;
}

}  // namespace

CudaForms warpgroup_forms(const CudaProduct& product, const StageNest& stage, const Target& target, bool all) {
    if (target.compute_capability != 90 || bytes_of(product.type) < 2 || bytes_of(product.type) > 4) return {};
    const auto planned = std::make_shared<const Planned>(product, *stage.stage.definition);
    const std::optional<Plan>& plan = planned->plan;
    if (!plan || (product.type == f32 && !(plan->rows.along_sum && plan->columns.along_sum))) return {};
    std::vector<Choice> choices = choices_of(*planned, target);
    if (!all && choices.size() > most_defaults) choices.resize(most_defaults);
    CudaForms forms;
    for (std::size_t i = 0; i < choices.size(); ++i)
        for (const bool clips : {true, false}) {
            if (clips && (!product.has_classes || plan->taps.empty())) continue;
            const int most = choices[i].tile.stages;
            const auto add = [&](int stages) {
                Choice choice = choices[i];
                choice.tile.stages = stages;
                forms.push_back(
                    form_of(planned, choice, clips, stage.stage.name(), stages == most && i < most_defaults));
            };
            add(most);
            for (int stages = most - 1; all && stages >= fewest_stages; --stages) add(stages);
        }
    return forms;
}

}  // namespace heddle
