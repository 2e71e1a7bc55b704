// schedules/contraction_plan.cpp -- lanes, packed operands and register tiles of contractions.
#include "schedules/contraction_plan.h"

#include <algorithm>
#include <limits>

#include "schedules/target.h"

namespace heddle {
namespace {

bool contains(const std::vector<Symbol>& symbols, const Symbol& symbol) {
    return std::find(symbols.begin(), symbols.end(), symbol) != symbols.end();
}

std::vector<Symbol> by_output_order(const DefinitionFacts& facts, const std::vector<Symbol>& group) {
    std::vector<Symbol> result;
    for (const Symbol& s : facts.free_variables())
        if (contains(group, s)) result.push_back(s);
    return result;
}

/// True when operand 1 is the image: the one whose windows slide, else the one with more variables of its own, else the
/// one that does not carry the output's contiguous variable.
bool image_is_second(const DefinitionFacts& facts, const Classification& classes) {
    const auto slides = [&](const ReadFacts& read, const std::vector<Symbol>& own) {
        return std::any_of(classes.k.begin(), classes.k.end(),
                           [&](const Symbol& s) { return read.shares_dimension(s, own); });
    };
    const bool first = slides(facts.reads[0], classes.m), second = slides(facts.reads[1], classes.n);
    if (first != second) return second;
    if (classes.m.size() != classes.n.size()) return classes.n.size() > classes.m.size();
    return std::any_of(classes.m.begin(), classes.m.end(), [&](const Symbol& s) { return facts.of(s).contiguous; });
}

/// A packed copy holds no more than about the elements of the tensor itself.
bool can_pack(const DefinitionFacts& facts, int which) {
    const ReadFacts& read = facts.reads[which];
    if (read.tensor.has_definition() || read.tensor == facts.reads[1 - which].tensor) return false;
    const bool padded = read.boundary.mode == BoundaryMode::zero || read.boundary.mode == BoundaryMode::skip;
    if (!padded && std::count(read.may_leave.begin(), read.may_leave.end(), true)) return false;
    double stored = 1, copied = 1;
    for (const Extent& extent : read.tensor.shape()) stored *= static_cast<double>(assumed_size(extent));
    for (const VariableFacts& v : facts.variables)
        if (read.uses(v.symbol)) copied *= static_cast<double>(v.extent);
    return copied <= 1.5 * stored;
}

double filled_lanes(std::int64_t extent, int lanes) {
    const std::int64_t vectors = (extent + lanes - 1) / lanes;
    return extent <= 0 ? 0 : static_cast<double>(extent) / static_cast<double>(vectors * lanes);
}

/// The variable of an operand that its tile covers: for lanes in the other operand, the one next to the output's
/// fastest, so that rows are stored near each other; of a filter, the one with most values.
Symbol tile_variable(const Contraction& c, const std::vector<Symbol>& candidates, bool largest) {
    Symbol best;
    for (const Symbol& s : candidates) {
        if (c.extent(s) < 2 && best.defined()) continue;
        if (!best.defined() || !largest || c.extent(s) >= c.extent(best)) best = s;
    }
    return best;
}

/// Elements that a step of the variable moves along the rows of a tensor, where it occurs nowhere else; else 0.
std::int64_t step_in_rows(const ReadFacts& read, const Symbol& s) {
    if (read.indices.empty() || !read.indices.back()) return 0;
    for (std::size_t d = 0; d + 1 < read.symbols.size(); ++d)
        if (std::count(read.symbols[d].begin(), read.symbols[d].end(), s) > 0) return 0;
    return read.indices.back()->coefficient(s);
}

/// How often a packed element is used: by every value of the other operand's own variables.
double reuse_factor(const Contraction& c, const std::vector<Symbol>& others) {
    const double uses = static_cast<double>(c.product(others));
    return uses / (uses + 2);
}

void add_free_plans(Contraction& c) {
    const double depth = static_cast<double>(c.product(c.taps) * c.product(c.channels));
    for (const bool in_filter : {true, false}) {
        const ReadFacts& read = in_filter ? c.filter() : c.image();
        const std::vector<Symbol>& own = in_filter ? c.filter_free : c.image_free;
        const std::vector<Symbol>& others = in_filter ? c.image_free : c.filter_free;
        for (const Symbol& s : own) {
            const bool contiguous = c.facts.of(s).contiguous, unit = read.unit_stride(s);
            const bool packable = in_filter ? c.can_pack_filter : c.can_pack_image;
            const bool strided = c.has_classes(s);  // neighbours of a class lie apart
            // Every second element: two vectors, and a permutation.
            const bool halved = !in_filter && !packable && contiguous && step_in_rows(read, s) == 2;
            if ((!unit && !packable && !halved) || (!contiguous && !(packable && in_filter) && !strided)) continue;
            LanePlan plan;
            plan.lane = s;
            (in_filter ? plan.filter : plan.image) = s;
            // The windows of a weight gradient are short: rows of it go along channels.
            const bool largest = !in_filter || (c.sums_over_image && !c.taps.empty());
            (in_filter ? plan.image : plan.filter) = tile_variable(c, others, largest);
            plan.pack_filter = in_filter && !unit;
            plan.pack_image = !in_filter && !unit && !halved;
            plan.score = filled_lanes(c.extent(s), c.lanes);
            if (halved) plan.score *= 0.9;
            if (!unit && !halved) plan.score *= reuse_factor(c, others);
            if (plan.pack_image) plan.score *= 0.5;
            if (read.leaves_along(s)) plan.score *= 0.7;  // loads across cache lines, and masks at both ends
            if (!contiguous) plan.score *= 0.85 * depth / (depth + 64);  // stores go element by element
            plan.name = c.facts.of(s).name;
            c.plans.push_back(plan);
        }
    }
}

void add_reduced_plans(Contraction& c) {
    std::vector<Symbol> reduced = c.channels;
    reduced.insert(reduced.end(), c.taps.begin(), c.taps.end());
    const double depth = static_cast<double>(c.product(reduced));
    for (const Symbol& s : reduced) {
        if (!c.image().uses(s) || !c.filter().uses(s) || c.extent(s) < 4) continue;
        LanePlan plan;
        plan.lane = s;
        plan.reduced = true;
        plan.pack_image = !c.image().unit_stride(s);
        plan.pack_filter = !c.filter().unit_stride(s);
        if (plan.pack_image || (plan.pack_filter && !c.can_pack_filter)) continue;
        plan.image = tile_variable(c, c.image_free, c.sums_over_image);
        plan.filter = tile_variable(c, c.filter_free, true);
        plan.score = 0.8 * filled_lanes(c.extent(s), c.lanes) * depth / (depth + 2 * c.lanes);
        if (plan.pack_filter) plan.score *= reuse_factor(c, c.image_free);
        plan.name = "sum over " + c.facts.of(s).name;
        c.plans.push_back(plan);
    }
}

/// Cycles of a strip of tiles along `extent`, for two FMAs a cycle: never below what the latency of a chain allows, and
/// with a part of the loads and of the loop's own work showing. A broadcast that serves one FMA alone shows more.
/// `far`: what each vector takes in addition. In blocks of a sum, most operands come from the second cache.
double strip_cost(std::int64_t extent, int rows, int columns, double far, bool in_blocks) {
    const double load = columns == 1 ? 0.6 : in_blocks ? 0.45 : 0.27;
    const auto tile = [&](std::int64_t r) {
        return std::max<double>(12, r * columns) + load * (r + columns) + far * columns + 2;
    };
    const std::int64_t rest = extent % rows, whole = extent / rows;
    return static_cast<double>(whole) * tile(rows) + (rest ? tile(rest) : 0);
}

}  // namespace

std::int64_t Contraction::product(const std::vector<Symbol>& symbols) const {
    std::int64_t result = 1;
    for (const Symbol& s : symbols) result *= std::max<std::int64_t>(1, extent(s));
    return result;
}

bool Contraction::has_classes(const Symbol& symbol) const {
    return std::any_of(classes.splits.begin(), classes.splits.end(),
                       [&](const ClassSplit& split) { return split.quotient == symbol; });
}

Contraction analyse_contraction(const Definition& definition, const Classification& classification,
                                const Target& target) {
    Contraction c;
    c.facts = c.written = facts_of(definition);
    c.classes = first_class(definition);
    Classification classes = classification;
    if (c.classes.definition) {
        classes = classify(*c.classes.definition);
        c.facts = facts_of(*c.classes.definition);
        c.facts.accumulates = c.written.accumulates;
        for (const ClassSplit& split : c.classes.splits)
            for (VariableFacts& v : c.facts.variables)
                if (v.symbol == split.quotient) {
                    v.name = c.written.of(split.variable).name + ".o";
                    v.contiguous = false;
                }
        if (classes.family != Family::contraction) return c;
    }
    c.lanes = std::max(1, target.vector_lanes() * 4 / std::max(4, c.facts.widest_bytes()));
    c.registers = target.vector_registers();
    c.threads = target.threads;
    const bool swap = image_is_second(c.facts, classes);
    c.image_read = swap ? 1 : 0;
    c.filter_read = 1 - c.image_read;
    c.image_free = by_output_order(c.facts, swap ? classes.n : classes.m);
    c.filter_free = by_output_order(c.facts, swap ? classes.m : classes.n);
    c.batch = by_output_order(c.facts, classes.batch);
    c.can_pack_image = !c.classes.definition && can_pack(c.facts, c.image_read);
    c.can_pack_filter = can_pack(c.facts, c.filter_read);
    for (const Symbol& s : classes.k) {
        const bool tap = c.image().shares_dimension(s, c.image_free) || c.filter().shares_dimension(s, c.filter_free);
        (tap ? c.taps : c.channels).push_back(s);
    }
    // The channel that is contiguous in the image comes last, innermost.
    std::stable_partition(c.channels.begin(), c.channels.end(),
                          [&](const Symbol& s) { return !c.image().unit_stride(s); });
    c.sums_over_image = std::all_of(c.taps.begin(), c.taps.end(), [&](const Symbol& tap) {
        return std::any_of(c.facts.variables.begin(), c.facts.variables.end(), [&](const VariableFacts& v) {
            return !v.reduced && v.extent < c.extent(tap) &&
                   (c.image().shares_dimension(tap, {v.symbol}) || c.filter().shares_dimension(tap, {v.symbol}));
        });
    });
    add_free_plans(c);
    add_reduced_plans(c);
    std::stable_sort(c.plans.begin(), c.plans.end(), [](const auto& a, const auto& b) { return a.score > b.score; });
    return c;
}

RegisterTile RegisterTile::parse(const std::string& text) {
    const std::size_t cross = text.find('x');
    return {std::stoi(text.substr(0, cross)), std::stoi(text.substr(cross + 1))};
}

std::vector<RegisterTile> register_tiles(int registers) {
    std::vector<RegisterTile> tiles;
    for (int columns = 1; columns <= 6; ++columns)
        for (int rows = 28; rows >= 1; --rows) {
            const int used = rows * columns;
            if (used + columns + 1 <= registers && used * 5 >= registers * 2) tiles.push_back({rows, columns});
        }
    return tiles;
}

bool covers_window(const Contraction& c, const Symbol& variable, std::int64_t count) {
    return c.sums_over_image && !c.taps.empty() && c.image().shares_dimension(variable, c.taps) &&
           c.facts.of(variable).is_static && c.extent(variable) <= count;
}

bool shares_out(const Contraction& c, const LanePlan& plan, const Symbol& variable, int count) {
    if (!variable.defined() || !c.facts.of(variable).is_static) return false;
    constexpr std::int64_t many_tiles = 5;
    const std::int64_t size = static_cast<std::int64_t>(count) * (variable == plan.lane ? c.lanes : 1);
    if (c.extent(variable) <= 0 || c.extent(variable) % c.threads != 0) return false;
    const std::int64_t chunk = c.extent(variable) / c.threads;
    return chunk % size == 0 || (!plan.reduced && variable != plan.lane && c.threads > 1 && chunk >= many_tiles * size);
}

constexpr double kept_filter_bytes = 1 << 20;  ///< of a filter block: more than a core's own cache keeps between tiles
constexpr double far_load = 6;                 ///< of a vector from the shared cache, beside products

constexpr std::int64_t most_window = 16;  ///< elements of a window that are one tile's rows
constexpr double two_edges = 1.1;         ///< time of two tiles that both have an edge, over that of ones inside

RegisterTile preferred_tile(const Contraction& c, const LanePlan& plan, bool in_chunks) {
    // Rows are broadcast: they lie along the operand without the lanes; of two vector operands, along the image.
    const bool rows_in_filter = !plan.reduced && plan.lane == plan.image;
    const Symbol row = rows_in_filter ? plan.filter : plan.image, column = rows_in_filter ? plan.image : plan.filter;
    const auto count = [&](const Symbol& s) -> std::int64_t {
        if (!s.defined()) return 1;
        return s == plan.lane ? (c.extent(s) + c.lanes - 1) / c.lanes : c.extent(s);
    };
    const std::int64_t rows = count(row), columns = count(column);
    const bool edges = row.defined() && std::any_of(c.facts.reads.begin(), c.facts.reads.end(),
                                                    [&](const ReadFacts& read) { return read.leaves_along(row); });
    // All of a column of the filter is read for each tile.
    const bool by_columns = !plan.reduced && plan.lane == plan.filter && !in_chunks;
    const double column_bytes =
        static_cast<double>(c.product(c.taps) * c.product(c.channels) * c.lanes * bytes_of(c.filter().tensor.type()));
    RegisterTile best;
    double least = std::numeric_limits<double>::infinity();
    std::vector<RegisterTile> tiles = register_tiles(c.registers);
    for (int small = 1; small <= 6; ++small) tiles.push_back({small, 1});
    for (const RegisterTile& tile : tiles) {
        if (tile.columns > columns && tile.columns > 1) continue;
        // One tile with an edge at either end has no interior, but where the edges are those of a sum.
        if (edges && covers_window(c, row, rows)) {
            if (rows <= most_window && tile.rows != rows) continue;
        } else if (edges && tile.rows >= rows && tile.rows > 1) {
            continue;
        }
        const std::int64_t strips = columns / tile.columns;
        const int rest = static_cast<int>(columns % tile.columns);
        const double far = by_columns && tile.columns * column_bytes > kept_filter_bytes ? far_load : 0;
        double cost = static_cast<double>(strips) * strip_cost(rows, tile.rows, tile.columns, far, in_chunks);
        // Another kind of tile, often with masks.
        if (rest) cost = 1.03 * (cost + strip_cost(rows, tile.rows, rest, far, in_chunks));
        if (edges && 2 * tile.rows >= rows && tile.rows < rows) cost *= two_edges;
        if (in_chunks && !shares_out(c, plan, column, tile.columns)) {
            if (!shares_out(c, plan, row, tile.rows)) cost *= 10;
            // Each chunk of rows may end with a smaller tile.
            else if (rows / c.threads % tile.rows)
                cost *= static_cast<double>(c.threads) *
                        strip_cost(rows / c.threads, tile.rows, tile.columns, far, in_chunks) /
                        strip_cost(rows, tile.rows, tile.columns, far, in_chunks);
        }
        if (cost < least) {
            least = cost;
            best = tile;
        }
    }
    best.rows = static_cast<int>(std::min<std::int64_t>(best.rows, rows));
    return best;
}

}  // namespace heddle
