// schedules/default_cuda_columns.cpp -- CUDA schedules of long reductions to few elements that are no rows: sums over
// all but the channels, weight gradients of depthwise convolutions.
#include <algorithm>

#include "schedules/default_cuda_family.h"
#include "schedules/nest_writer.h"

namespace heddle {
namespace {

constexpr std::int64_t threads_of_a_block = 256, most_taps = 25, most_accumulators = 40, shared_bytes = 40960;
constexpr double enough_threads = 1 << 18;

struct Columns {
    DefinitionFacts facts;
    Symbol lane;                                ///< contiguous in the output; undefined: threads divide what is reduced
    std::vector<Symbol> taps, blocks, reduced;  ///< free: kept by a thread, divided; reduced, in the domain's order
    std::int64_t vector = 1;

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    std::string name(const Symbol& s) const { return facts.of(s).name; }
    std::int64_t product(const std::vector<Symbol>& symbols) const {
        std::int64_t product = 1;
        for (const Symbol& s : symbols) product *= std::max<std::int64_t>(1, extent(s));
        return product;
    }
};

// A small variable that shifts what the reduction reads.
bool is_tap(const Columns& c, const Symbol& s) {
    return c.facts.of(s).is_static && c.extent(s) <= 7 &&
           std::any_of(c.facts.reads.begin(), c.facts.reads.end(),
                       [&](const ReadFacts& read) { return read.shares_dimension(s, c.reduced); });
}

Columns analyse(const Definition& definition) {
    Columns c;
    c.facts = facts_of(definition);
    c.reduced = c.facts.reduced_variables();
    for (const Symbol& s : c.facts.free_variables()) {
        const VariableFacts& v = c.facts.of(s);
        if (is_tap(c, s) && c.product(c.taps) * v.extent <= most_taps)
            c.taps.push_back(s);
        else if (v.contiguous && v.is_static && v.extent > 1)
            c.lane = s;
        else
            c.blocks.push_back(s);
    }
    if (!c.lane.defined()) return c;
    int bytes = 1;
    for (const ReadFacts& read : c.facts.reads)
        if (read.unit_stride(c.lane)) bytes = std::max(bytes, bytes_of(read.tensor.type()));
    c.vector = vector_length(c.extent(c.lane), bytes);
    while (c.vector > 1 && c.vector * c.product(c.taps) > most_accumulators) c.vector /= 2;
    return c;
}

// Few threads without a lane: all, or a number that divides them, or a warp.
std::int64_t lanes_of_a_block(std::int64_t vectors) {
    if (vectors <= 64) return vectors;
    for (std::int64_t lanes = 64; lanes > 16; --lanes)
        if (vectors % lanes == 0) return lanes;
    return 32;
}

// How the threads of a block divide it, and how many blocks there should be in all.
struct Division {
    std::int64_t across = 1, along = 1, wanted_blocks = blocks_wanted;
};

std::int64_t vectors_of(const Columns& c) { return c.lane.defined() ? c.extent(c.lane) / c.vector : 1; }

// Threads along the lanes, and the rest of a block along what is reduced.
Division divide(const Columns& c, std::int64_t threads) {
    Division division;
    division.along = threads;
    if (c.lane.defined()) {
        division.across = lanes_of_a_block(vectors_of(c));
        while (division.along * division.across > threads) division.along /= 2;
        while (division.along > 2 && division.along * division.across * c.product(c.taps) * c.vector * 8 > shared_bytes)
            division.along /= 2;
    }
    while (division.along > 2 && division.along > c.product(c.reduced)) division.along /= 2;
    return division;
}

void write(const Columns& c, const Division& division, const std::string& stage, Schedule& schedule) {
    schedule.stage(stage);
    NestWriter writer(schedule, c.facts);
    LoopNames order, reduced, inner, blocks;
    for (const Symbol& s : c.blocks) blocks.push_back(c.name(s));
    for (const Symbol& s : c.reduced) reduced.push_back(c.name(s));
    for (const Symbol& s : c.taps) inner.push_back(c.name(s));
    std::string thread, vector;
    std::int64_t chunks = 1;
    if (c.lane.defined()) {
        std::string outer = c.name(c.lane);
        if (c.vector > 1) {
            std::tie(outer, vector) = writer.split(outer, c.vector);
            inner.push_back(vector);
        }
        const auto [several, one] = writer.split(outer, division.across);
        blocks.push_back(several);
        thread = one;
        chunks = (vectors_of(c) + division.across - 1) / division.across;
    }
    order = blocks;
    if (!thread.empty()) order.push_back(thread);
    order.insert(order.end(), reduced.begin(), reduced.end());
    order.insert(order.end(), inner.begin(), inner.end());
    writer.reorder(order);
    const auto bind = [&](const std::string& loop, const char* axis) {
        schedule.add("bind", {{"", loop}, {"", std::string(axis)}});
    };
    const std::string steps = writer.fuse(reduced);
    const std::string grid = blocks.empty() ? "" : writer.fuse(blocks);
    const auto [rest, mine] = writer.split(steps, division.along);
    if (!grid.empty()) bind(grid, "block_x");
    if (!thread.empty()) bind(thread, "thread_x");
    bind(mine, thread.empty() ? "thread_x" : "thread_y");
    for (const std::string& loop : inner) loop == vector ? schedule.vectorize(loop) : schedule.unroll(loop);
    schedule.add("reduce_across", {{"", std::string("threads")}});
    divide_over_blocks(*c.facts.definition, rest, (c.product(c.reduced) + division.along - 1) / division.along,
                       c.product(c.blocks) * chunks, division.wanted_blocks, schedule);
}

}  // namespace

CudaForms columns_cuda_forms(const StageNest& stage, bool all) {
    const Definition& definition = *stage.stage.definition;
    const Columns c = analyse(definition);
    if (!c.facts.accumulates || c.facts.data_dependent || c.reduced.empty()) return {};
    for (const VariableFacts& v : c.facts.variables)
        if (!v.is_static) return {};
    const double outputs = static_cast<double>(c.product(c.blocks)) * (c.lane.defined() ? c.extent(c.lane) : 1);
    if (c.product(c.reduced) < 64 || outputs / static_cast<double>(c.vector) >= enough_threads) return {};
    CudaForms forms;
    const auto add = [&](std::int64_t vector, std::int64_t threads, std::int64_t wanted_blocks, bool by_default) {
        Columns each = c;
        each.vector = vector;
        Division division = divide(each, threads);
        division.wanted_blocks = wanted_blocks;
        forms.push_back(
            {{{"vector", std::to_string(vector)},
              {"threads", std::to_string(threads)},
              {"blocks wanted", std::to_string(wanted_blocks)}},
             [each, division, name = stage.stage.name()](Schedule& schedule) { write(each, division, name, schedule); },
             by_default});
    };
    add(c.vector, threads_of_a_block, blocks_wanted, true);
    if (!all) return forms;
    for (std::int64_t vector = c.vector; vector >= 1; vector /= 2)
        for (const std::int64_t threads : {128, 256, 512})
            for (const std::int64_t wanted_blocks : {132, 264, 528, 1056})
                if (vector != c.vector || threads != threads_of_a_block || wanted_blocks != blocks_wanted)
                    add(vector, threads, wanted_blocks, false);
    return forms;
}

void divide_over_blocks(const Definition& definition, const std::string& loop, std::int64_t steps, std::int64_t blocks,
                        std::int64_t wanted_blocks, Schedule& schedule) {
    constexpr std::int64_t least_steps = 4, most_parts = 1024;
    if (steps >= 2 * least_steps) schedule.add("unroll", {{"", loop}, {"", std::int64_t{4}}});
    const std::int64_t parts =
        std::min({steps / least_steps, wanted_blocks / std::max<std::int64_t>(1, blocks), most_parts});
    if (parts >= 2 && definition.op != UpdateOp::argmax) schedule.add("split_reduction", {{"", std::int64_t{parts}}});
}

}  // namespace heddle
