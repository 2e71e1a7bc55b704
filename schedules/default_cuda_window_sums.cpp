// schedules/default_cuda_window_sums.cpp -- CUDA schedules of long sums to the few elements of a window: weight
// gradients of depthwise convolutions.
#include <algorithm>
#include <cstdlib>
#include <optional>
#include <tuple>

#include "schedules/default_cuda_family.h"
#include "schedules/nest_writer.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t most_taps = 49, few_taps = 9, longest_tap = 7, most_registers = 176, most_statements = 1024;
constexpr std::int64_t most_lanes = 96, fewest_lanes = 16, shared_bytes = 40960, least_sum = 64;
constexpr std::int64_t threads_of_rows = 128, threads_of_lanes = 216;
// A wave of blocks; those along lanes are larger, and each has more to hand over at its end.
constexpr std::int64_t blocks_of_rows = 480, blocks_of_lanes = 264;

struct WindowSum {
    DefinitionFacts facts;
    std::vector<Symbol> taps, blocks;    ///< free: kept by a thread, divided
    std::vector<Symbol> around, window;  ///< reduced: those that no tap shifts, and those that one does
    Symbol lane;                         ///< free, and neighbours of it lie side by side in what is read
    std::vector<AnyTensor> held;
    std::int64_t vector = 1, threads = threads_of_rows, wanted_blocks = blocks_of_rows;
    std::int64_t tile[2] = {1, 1};  ///< of the last two of `window`: points of a thread

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    std::string name(const Symbol& s) const { return facts.of(s).name; }
    std::int64_t product(const std::vector<Symbol>& symbols) const {
        std::int64_t product = 1;
        for (const Symbol& s : symbols) product *= extent(s);
        return product;
    }
    std::int64_t points(const Symbol& s) const {
        for (std::size_t i = 0; i < 2 && i < window.size(); ++i)
            if (s == window[window.size() - 1 - i]) return tile[1 - i];
        return 1;
    }
    std::int64_t statements() const { return product(taps) * tile[0] * tile[1]; }
    std::int64_t registers() const {
        std::int64_t sum = product(taps) * vector;
        for (const ReadFacts& read : facts.reads) {
            std::int64_t elements = vector;
            for (const auto& index : read.indices) {
                std::int64_t span = 1;
                for (const auto& [symbol, factor] : index->terms) {
                    const bool tap = std::count(taps.begin(), taps.end(), symbol) > 0;
                    span += std::abs(factor) * ((tap ? extent(symbol) : points(symbol)) - 1);
                }
                elements *= span;
            }
            sum += elements;
        }
        return sum;
    }
    bool fits() const { return registers() <= most_registers && statements() <= most_statements; }
};

int widest_bytes(const WindowSum& s) {
    int bytes = 1;
    for (const ReadFacts& read : s.facts.reads) bytes = std::max(bytes, bytes_of(read.tensor.type()));
    return bytes;
}

// As many as divide the extent, of at most `most`; a short one whole.
std::int64_t points_of(std::int64_t extent, std::int64_t most) {
    if (extent <= most) return extent;
    for (std::int64_t points = most; points > 1; --points)
        if (extent % points == 0) return points;
    return most;
}

void choose_tile(WindowSum& s) {
    const bool halves = widest_bytes(s) == 2;
    const std::int64_t near = s.lane.defined() ? (halves ? 4 : 2) : (halves ? 8 : 4),
                       far = s.lane.defined() && halves ? 2 : 4;
    const Symbol& last = s.window.back();
    std::int64_t vector = vector_length(s.extent(last), widest_bytes(s));
    s.tile[1] = !s.lane.defined() && vector > 1 ? vector : points_of(s.extent(last), near == 8 ? 7 : near);
    // Of short rows, all that a column has: their windows overlap the more.
    const std::int64_t rows = !s.lane.defined() && s.tile[1] <= 2 ? 14 : far;
    if (s.window.size() > 1) s.tile[0] = points_of(s.extent(s.window[s.window.size() - 2]), rows);
    while (!s.fits() && s.tile[0] > 1) s.tile[0] /= 2;
    while (!s.fits() && s.tile[1] > 1) s.tile[1] /= 2;
}

std::optional<WindowSum> analyse(const Definition& definition) {
    WindowSum s;
    s.facts = facts_of(definition);
    if (!s.facts.accumulates || s.facts.data_dependent || s.facts.reads.empty()) return {};
    for (const VariableFacts& v : s.facts.variables)
        if (!v.is_static || v.extent < 1) return {};
    const std::vector<Symbol> reduced = s.facts.reduced_variables();
    std::vector<Symbol> others;
    for (const Symbol& v : s.facts.free_variables()) {
        const bool shifts = s.extent(v) <= longest_tap &&
                            std::any_of(s.facts.reads.begin(), s.facts.reads.end(),
                                        [&](const auto& read) { return read.shares_dimension(v, reduced); });
        (shifts ? s.taps : others).push_back(v);
    }
    for (const Symbol& v : reduced) {
        const bool shifted = std::any_of(s.facts.reads.begin(), s.facts.reads.end(),
                                         [&](const auto& read) { return read.shares_dimension(v, s.taps); });
        (shifted ? s.window : s.around).push_back(v);
    }
    if (s.taps.empty() || s.window.empty() || s.product(s.taps) > most_taps || s.product(reduced) < least_sum)
        return {};
    // A thread's points are copied to its registers: each tensor is read once, at sums, and none folds back.
    for (const ReadFacts& read : s.facts.reads) {
        if (std::count(s.held.begin(), s.held.end(), read.tensor) > 0) return {};
        s.held.push_back(read.tensor);
        for (std::size_t d = 0; d < read.indices.size(); ++d)
            if (!read.indices[d] || (read.may_leave[d] && folds(read.boundary.mode))) return {};
    }
    for (const Symbol& v : others) {
        // Where only some of what is multiplied depends on it, there are tiles of products to gain from.
        const bool batch = s.extent(v) == 1 || std::all_of(s.facts.reads.begin(), s.facts.reads.end(),
                                                           [&](const auto& read) { return read.uses(v); });
        if (!batch) return {};
        const bool side_by_side = std::all_of(s.facts.reads.begin(), s.facts.reads.end(),
                                              [&](const auto& read) { return read.unit_stride(v); });
        if (side_by_side && s.extent(v) >= 2 * fewest_lanes && !s.lane.defined())
            s.lane = v;
        else
            s.blocks.push_back(v);
    }
    if (s.lane.defined()) {
        const std::int64_t moved = s.product(s.taps) <= few_taps ? 8 : 4;
        s.vector = std::max<std::int64_t>(1, moved / widest_bytes(s));
        while (s.vector > 1 && s.extent(s.lane) % s.vector != 0) s.vector /= 2;
        s.threads = threads_of_lanes;
        s.wanted_blocks = blocks_of_lanes;
    }
    for (; s.vector >= 1; s.vector /= 2) {
        choose_tile(s);
        if (s.fits()) return s;
    }
    return {};
}

// Lanes of a block: all, or as many as divide them.
std::int64_t lanes_of(std::int64_t vectors) {
    for (std::int64_t lanes = std::min(vectors, most_lanes); lanes >= fewest_lanes; --lanes)
        if (vectors % lanes == 0) return lanes;
    return std::min<std::int64_t>(vectors, 64);
}

void write(const WindowSum& s, const std::string& stage, Schedule& schedule) {
    schedule.stage(stage);
    NestWriter writer(schedule, s.facts);
    LoopNames blocks, steps, inner, taps;
    std::string lane, vector;
    std::int64_t lanes = 1, chunks = 1, along = s.threads, count = 1;
    for (const Symbol& v : s.blocks) blocks.push_back(s.name(v));
    for (const Symbol& v : s.taps) taps.push_back(s.name(v));
    if (s.lane.defined()) {
        lane = s.name(s.lane);
        if (s.vector > 1) std::tie(lane, vector) = writer.split(lane, s.vector);
        const std::int64_t vectors = s.extent(s.lane) / s.vector;
        lanes = lanes_of(vectors);
        chunks = (vectors + lanes - 1) / lanes;
        if (chunks > 1) {
            const auto [several, one] = writer.split(lane, lanes);
            blocks.push_back(several);
            lane = one;
        }
        const std::int64_t bytes = lanes * s.product(s.taps) * s.vector * 4;
        along = std::max<std::int64_t>(1, std::min(s.threads / lanes, shared_bytes / bytes));
    }
    for (const Symbol& v : s.around) {
        steps.push_back(s.name(v));
        count *= s.extent(v);
    }
    for (const Symbol& v : s.window) {
        const std::int64_t points = s.points(v);
        count *= (s.extent(v) + points - 1) / points;
        if (points == 1) {
            steps.push_back(s.name(v));
        } else if (points == s.extent(v)) {
            inner.push_back(s.name(v));
        } else {
            const auto [several, one] = writer.split(s.name(v), points);
            steps.push_back(several);
            inner.push_back(one);
        }
    }
    LoopNames order = blocks;
    if (!lane.empty()) order.push_back(lane);
    for (const LoopNames* loops : {&steps, &taps, &inner}) order.insert(order.end(), loops->begin(), loops->end());
    if (!vector.empty()) order.push_back(vector);
    writer.reorder(order);
    const std::string step = writer.fuse(steps), grid = blocks.empty() ? "" : writer.fuse(blocks);
    while (along > 1 && along > count) along /= 2;
    const auto bind = [&](const std::string& loop, const char* axis) {
        schedule.add("bind", {{"", loop}, {"", std::string(axis)}});
    };
    const auto [rest, mine] = writer.split(step, along);
    if (!grid.empty()) bind(grid, "block_x");
    if (!lane.empty()) bind(lane, "thread_x");
    bind(mine, lane.empty() ? "thread_x" : "thread_y");
    for (const AnyTensor& tensor : s.held) schedule.cache_in(tensor, "registers", mine);
    for (const LoopNames* loops : {&taps, &inner})
        for (const std::string& loop : *loops) schedule.unroll(loop);
    if (!vector.empty()) schedule.vectorize(vector);
    schedule.add("reduce_across", {{"", std::string("threads")}});
    const std::int64_t all = s.product(s.blocks) * chunks, rounds = (count + along - 1) / along;
    const std::int64_t parts = std::min(rounds / 2, s.wanted_blocks / std::max<std::int64_t>(1, all));
    if (parts >= 2) schedule.add("split_reduction", {{"", std::int64_t{parts}}});
}

}  // namespace

CudaForms window_sum_cuda_forms(const StageNest& stage, bool all) {
    const Definition& definition = *stage.stage.definition;
    if (!has_bare_left(definition) || definition.op != UpdateOp::add) return {};
    const std::optional<WindowSum> found = analyse(definition);
    if (!found) return {};
    CudaForms forms;
    const auto add = [&](const WindowSum& s, bool by_default) {
        forms.push_back({{{"vector", std::to_string(s.vector)},
                          {"points near", std::to_string(s.tile[1])},
                          {"points far", std::to_string(s.tile[0])},
                          {"threads", std::to_string(s.threads)},
                          {"blocks wanted", std::to_string(s.wanted_blocks)}},
                         [s, name = stage.stage.name()](Schedule& schedule) { write(s, name, schedule); },
                         by_default});
    };
    add(*found, true);
    if (!all) return forms;
    WindowSum s = *found;
    const auto vectors = s.lane.defined() ? std::vector<std::int64_t>{1, 2, 4, 8} : std::vector<std::int64_t>{1};
    for (const std::int64_t vector : vectors)
        for (const std::int64_t near : {1, 2, 4, 7, 8})
            for (const std::int64_t far : {1, 2, 4, 7})
                for (const std::int64_t threads : {64, 128, 216, 256})
                    for (const std::int64_t wanted : {264, 528, 1056, 2112}) {
                        s.vector = vector;
                        s.tile[0] = far;
                        s.tile[1] = near;
                        s.threads = threads;
                        s.wanted_blocks = wanted;
                        const bool whole =
                            near <= s.extent(s.window.back()) &&
                            (s.window.size() > 1 ? far <= s.extent(s.window[s.window.size() - 2]) : far == 1);
                        if (whole && s.fits() && (!s.lane.defined() || s.extent(s.lane) % vector == 0)) add(s, false);
                    }
    return forms;
}

}  // namespace heddle
