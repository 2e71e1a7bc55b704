// schedules/space_contraction.cpp -- the knobs of contractions, and which choice is preferred.
#include <algorithm>
#include <memory>
#include <set>

#include "schedules/contraction_nest.h"
#include "schedules/target.h"

namespace heddle {
namespace {

constexpr double large_filter_bytes = 1 << 20;        ///< past this a filter is walked once an image, not once a row
constexpr std::int64_t long_reduction = 16384;        ///< past this, sums return to memory between blocks
constexpr std::int64_t large_pass_bytes = 256 << 10;  ///< the same, where a tile reads more than this
constexpr std::int64_t block_steps = 128;             ///< at most so many terms between two returns to memory
constexpr std::int64_t least_block_steps = 48;        ///< fewer are not worth a return
constexpr std::int64_t near_bytes = 24 << 10;         ///< that the nearest cache keeps while tiles go over a block
constexpr std::int64_t scattered_block_steps = 1024;  ///< the same, where a return goes element by element
constexpr std::int64_t few_channels = 8;              ///< fewer than these are joined with the taps
constexpr std::int64_t reuse_worth_packing = 16;
constexpr int most_statements = 256;  ///< in line

using Texts = std::vector<std::string>;

Texts tile_choices(const Contraction& c, const RegisterTile& preferred) {
    Texts texts;
    for (const RegisterTile& tile : register_tiles(c.registers)) texts.push_back(tile.text());
    if (std::find(texts.begin(), texts.end(), preferred.text()) == texts.end()) texts.push_back(preferred.text());
    return texts;
}

/// Each order once, by what it amounts to; "by address" first.
Texts reduction_choices(const Contraction& c) {
    Texts texts;
    std::set<std::vector<Symbol>> seen;
    for (const char* order : {"by address", "channels outside", "taps outside"})
        if (seen.insert(reductions(c, order)).second) texts.push_back(order);
    return texts;
}

bool rows_in_filter(const LanePlan& plan) { return !plan.reduced && plan.lane == plan.image; }

const LanePlan& plan_of(const Contraction& c, const Choices& choice) {
    for (const LanePlan& plan : c.plans)
        if (choice.is("lanes", plan.name)) return plan;
    return c.plans[0];
}

/// Iterations that the parallel loop of an order has.
std::int64_t parallel_trips(const Contraction& c, const LanePlan& plan, const RegisterTile& tile,
                            const std::string& order) {
    const auto tiles = [&](const Symbol& s, int count) {
        const std::int64_t size = static_cast<std::int64_t>(count) * (!plan.reduced && s == plan.lane ? c.lanes : 1);
        return (c.extent(s) + size - 1) / size;
    };
    const bool swapped = rows_in_filter(plan);
    std::vector<Symbol> images;
    for (const Symbol& s : c.image_free)
        if (s != plan.image) images.push_back(s);
    if (order == "filter outside") return tiles(plan.filter, swapped ? tile.rows : tile.columns);
    if (order == "filter per image") return images.size() < 2 ? 0 : c.extent(images[0]);
    if (!images.empty()) return c.product(images);
    return c.batch.empty() ? tiles(plan.image, swapped ? tile.columns : tile.rows) : c.extent(c.batch[0]);
}

std::string preferred_order(const Contraction& c, const RegisterTile& tile, int threads) {
    const auto trips = [&](const char* order) { return parallel_trips(c, c.plans[0], tile, order); };
    double filter_bytes = bytes_of(c.filter().tensor.type());
    for (const VariableFacts& v : c.facts.variables)
        if (c.filter().uses(v.symbol)) filter_bytes *= static_cast<double>(v.extent);
    if (filter_bytes > large_filter_bytes && trips("filter per image") >= threads) return "filter per image";
    const bool one_image_loop = c.image_free.size() == 1 && c.batch.empty();
    const bool taps_written = c.sums_over_image && !c.taps.empty();  // too few to share out, and clipped by
    if ((one_image_loop || taps_written) && trips("filter outside") >= threads) return "filter outside";
    if (trips("image outside") >= 2 * threads || trips("image outside") >= trips("filter outside"))
        return "image outside";
    return "filter outside";
}

Texts unroll_choices(std::int64_t extent) {
    Texts texts = {"1"};
    for (int n = 2; n <= 8; ++n)
        if (extent % n == 0 && (n == 2 || n == 4 || n == 8 || n == extent || n == 3 || n == 7))
            texts.push_back(std::to_string(n));
    return texts;
}

/// Bytes of the operands that a tile runs through in one pass over the whole sum.
double pass_bytes(const Contraction& c, const LanePlan& plan, const RegisterTile& tile) {
    constexpr double line = 64;
    const double element = bytes_of(c.image().tensor.type());
    const double rows = std::max(line, tile.rows * element);
    const double columns = static_cast<double>(tile.columns) * (plan.reduced ? 1 : c.lanes) * element;
    return static_cast<double>(c.product(c.taps) * c.product(c.channels)) * (rows + columns);
}

bool is_scattered(const Contraction& c, const LanePlan& plan) {
    return !plan.reduced && !c.facts.of(plan.lane).contiguous;
}

/// True when the sums of a tile should return to memory between blocks of the reduction: when what a pass over all of
/// it reads does not stay in the cache, and a return is cheap beside it.
bool prefers_blocks(const Contraction& c, const LanePlan& plan) {
    const std::int64_t terms = c.product(c.taps) * c.product(c.channels);
    if (is_scattered(c, plan)) return terms > 2 * scattered_block_steps;
    return terms > long_reduction || pass_bytes(c, plan, preferred_tile(c, plan, true)) > large_pass_bytes;
}

/// Bytes that a term of the sum reads in all tiles which follow one another: of a column, and of a thread's rows.
std::int64_t term_bytes(const Contraction& c, const LanePlan& plan, const RegisterTile& tile) {
    const bool swapped = rows_in_filter(plan);
    const Symbol row = swapped ? plan.filter : plan.image, column = swapped ? plan.image : plan.filter;
    std::int64_t rows = row.defined() ? c.extent(row) : 1;
    if (!shares_out(c, plan, column, tile.columns) && shares_out(c, plan, row, tile.rows)) rows /= c.threads;
    return bytes_of(c.image().tensor.type()) * (rows + static_cast<std::int64_t>(tile.columns) * c.lanes);
}

/// Iterations of the loop around the innermost one that make a block.
std::string preferred_block(const Contraction& c, const LanePlan& plan, const RegisterTile& tile) {
    const std::vector<Symbol> order = reductions(c, "by address");
    const std::int64_t inner = std::max<std::int64_t>(1, c.extent(order.back()));
    const std::int64_t most = is_scattered(c, plan) ? scattered_block_steps : block_steps;
    int block = 1;
    while (block < 16 && 2 * block * inner <= most) block *= 2;
    if (is_scattered(c, plan) || plan.reduced) return std::to_string(block);
    int near = block;
    while (near > 1 && near * inner * term_bytes(c, plan, tile) > near_bytes) near /= 2;
    const bool fits = near * inner >= least_block_steps && near * inner * term_bytes(c, plan, tile) <= near_bytes;
    return std::to_string(fits ? near : block);
}

/// The loops that are innermost among the reductions of a choice, as one extent.
std::int64_t innermost_extent(const Contraction& c, const Choices& choice) {
    const LanePlan& plan = plan_of(c, choice);
    if (plan.reduced) return (c.extent(plan.lane) + c.lanes - 1) / c.lanes;
    const std::vector<Symbol> order = reductions(c, choice.text("reductions", "by address"));
    const std::int64_t last = c.extent(order.back());
    return choice.is("taps", "flat") ? last * c.extent(order[order.size() - 2]) : last;
}

bool can_join_taps(const Contraction& c) {
    const std::vector<Symbol> order = reductions(c, "by address");
    if (order.size() < 2) return false;
    const Symbol &inner = order.back(), &outer = order[order.size() - 2];
    const bool fixed = c.facts.of(inner).is_static && c.facts.of(outer).is_static;
    return fixed && c.image().unit_stride(inner) && c.extent(inner) < few_channels &&
           std::find(c.taps.begin(), c.taps.end(), outer) != c.taps.end() &&
           std::find(c.channels.begin(), c.channels.end(), inner) != c.channels.end();
}

/// The image can be copied in the order of the loops, each of its elements once.
bool may_pack_image(const Contraction& c) {
    return c.can_pack_image && c.taps.empty() && !c.image_free.empty() &&
           std::all_of(c.image_free.begin(), c.image_free.end(),
                       [&](const Symbol& s) { return c.facts.of(s).is_static; });
}

/// True when each term of a sum is found in another page, and terms are used often enough to be worth a copy.
bool jumps(const Contraction& c, const LanePlan& plan) {
    constexpr std::int64_t page_bytes = 4096, passes_worth_packing = 4;
    if (plan.reduced || plan.pack_image || c.product(c.channels) < c.lanes) return false;
    const std::int64_t step = image_stride(c, reductions(c, "by address").back()) * bytes_of(c.image().tensor.type());
    return step >= page_bytes && c.product(c.filter_free) >= passes_worth_packing * 6 * c.lanes;
}

bool is_legal(const Contraction& c, const Choices& choice, int threads) {
    const LanePlan& plan = plan_of(c, choice);
    const RegisterTile tile = RegisterTile::parse(choice.text("register tile"));
    const auto size = [&](const Symbol& s) {
        return !plan.reduced && s == plan.lane ? (c.extent(s) + c.lanes - 1) / c.lanes : c.extent(s);
    };
    const bool swapped = rows_in_filter(plan);
    if (tile.rows > size(swapped ? plan.filter : plan.image)) return false;
    if (tile.columns > size(swapped ? plan.image : plan.filter)) return false;

    const int unroll = choice.number("unroll", 1);
    if (innermost_extent(c, choice) % unroll != 0) return false;
    const bool flat = choice.is("taps", "flat"), blocks = choice.is("accumulate", "by blocks");
    if (flat && (plan.reduced || blocks || choice.text("reductions", "by address") != "by address")) return false;
    const std::size_t loops = c.taps.size() + c.channels.size();
    if (blocks && (loops < 2 || !choice.is("order", "image outside") || choice.is("streaming stores", "on")))
        return false;
    if (!blocks && choice.number("block", 1) > 1) return false;
    if (tile.rows * tile.columns * unroll > most_statements) return false;
    if (choice.is("pack", "none") && plan.pack_filter) return false;
    if (choice.is("pack image", "on") && (plan.reduced || plan.lane == plan.image)) return false;

    std::int64_t most = 0;
    for (const char* order : {"image outside", "filter per image", "filter outside"})
        most = std::max(most, parallel_trips(c, plan, tile, order));
    const std::int64_t trips = parallel_trips(c, plan, tile, choice.text("order"));
    return blocks || trips >= std::min<std::int64_t>(most, threads);
}

}  // namespace

StageSpace contraction_space(const Definition& definition, const Classification& classes, const Target& target) {
    const auto shared = std::make_shared<const Contraction>(analyse_contraction(definition, classes, target));
    const Contraction& c = *shared;
    if (c.plans.empty() || !c.facts.accumulates) return stencil_space(definition, target);
    StageSpace space;
    const LanePlan& plan = c.plans[0];
    const ScalarType type = definition.target().type();
    const bool several = c.taps.size() + c.channels.size() > 1 && c.sums_over_image && compute_type(type) == type;
    const bool blocks = several && prefers_blocks(c, plan);
    const RegisterTile tile = preferred_tile(c, plan, blocks);

    Texts lanes;
    for (const LanePlan& p : c.plans) lanes.push_back(p.name);
    space.add("lanes", lanes, plan.name);
    space.add("register tile", tile_choices(c, tile), tile.text());
    space.add("order", {"image outside", "filter per image", "filter outside"},
              blocks ? "image outside" : preferred_order(c, tile, target.threads));
    space.add("parallel", {"fused", "one loop"}, "fused");
    // The taps of a class are few, and their range is worked out again each time.
    space.add("reductions", reduction_choices(c), c.classes.definition ? "taps outside" : "by address");
    // In the tiles at the edge of a boundary, joined taps are too many to be tested in line.
    const bool flat =
        can_join_taps(c) && !plan.reduced && !c.image().leaves_along(reductions(c, "by address").end()[-2]);
    space.add("taps", can_join_taps(c) ? Texts{"nested", "flat"} : Texts{"nested"}, flat ? "flat" : "nested");

    // The extents of the innermost loop differ with the choices above: all of their divisors are offered.
    std::set<std::string> unrolls = {"1"};
    std::vector<std::int64_t> extents = {innermost_extent(c, Choices(space.knobs, space.preferred))};
    for (const VariableFacts& v : c.facts.variables)
        if (v.reduced) extents.push_back(v.extent);
    for (const std::int64_t extent : extents)
        for (const std::string& n : unroll_choices(extent)) unrolls.insert(n);
    const std::int64_t innermost = extents[0];
    // A short loop in one piece holds too many operands at once.
    std::string unroll = "1";
    if (innermost >= 8) unroll = innermost % 4 == 0 ? "4" : innermost % 2 == 0 ? "2" : "1";
    space.add("unroll", {unrolls.begin(), unrolls.end()}, unroll);

    space.add("partition", {"on", "off"}, "on");
    const std::int64_t reuse = c.product(c.image_free);
    if (c.can_pack_filter)
        space.add(
            "pack", {"nest order", "taps outside", "none"},
            plan.pack_filter || (reuse >= reuse_worth_packing && (c.taps.empty() || !c.sums_over_image) && !blocks)
                ? "nest order"
                : "none");
    if (may_pack_image(c)) space.add("pack image", {"off", "on"}, jumps(c, plan) ? "on" : "off");
    space.add("accumulate", several ? Texts{"once", "by blocks"} : Texts{"once"}, blocks ? "by blocks" : "once");
    if (several) space.add("block", {"1", "2", "4", "8", "16"}, blocks ? preferred_block(c, plan, tile) : "1");
    space.add("streaming stores", {"off", "on"}, "off");

    space.legal = [shared, threads = target.threads](const Choices& choice) {
        return is_legal(*shared, choice, threads);
    };
    space.emit = [shared](const Choices& choice, Schedule& schedule) { write_contraction(*shared, choice, schedule); };
    return space;
}

}  // namespace heddle
