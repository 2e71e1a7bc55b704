// schedules/space_reduction.cpp -- knobs and nests of row-wise reductions, where the contiguous variable is reduced.
//
//     parallel rows | rows.o                               the accumulators live in the last one
//         other reductions | c.o (unrolled by some)
//             rows.i (unrolled) x lanes of c (vectorized: partial results, combined at the end)
#include <algorithm>
#include <memory>

#include "schedules/nest_writer.h"
#include "schedules/stage_space.h"
#include "schedules/target.h"

namespace heddle {
namespace {

struct Rows {
    DefinitionFacts facts;
    int lanes = 1, threads = 1;
    Symbol lane;                  ///< reduced; undefined where lanes may not keep partial results
    std::vector<Symbol> outer;    ///< independent
    std::vector<Symbol> serial;   ///< the other free ones
    std::vector<Symbol> reduced;  ///< without the lane

    std::string name(const Symbol& s) const { return facts.of(s).name; }
};

Rows analyse(const Definition& definition, const Target& target) {
    Rows r;
    r.facts = facts_of(definition);
    r.lanes = std::max(1, target.vector_lanes() * 4 / std::max(4, r.facts.widest_bytes()));
    r.threads = target.threads;
    for (const Symbol& s : r.facts.free_variables()) (r.facts.of(s).independent ? r.outer : r.serial).push_back(s);
    r.reduced = r.facts.reduced_variables();
    if (definition.op == UpdateOp::argmax || definition.op == UpdateOp::tuple || !r.serial.empty()) return r;
    for (const Symbol& s : r.reduced) {
        const bool contiguous = std::any_of(r.facts.reads.begin(), r.facts.reads.end(),
                                            [&](const ReadFacts& read) { return read.unit_stride(s); });
        if (contiguous && r.facts.of(s).extent > 1) r.lane = s;
    }
    std::erase(r.reduced, r.lane);
    return r;
}

void write(const Rows& r, const Choices& choice, Schedule& schedule) {
    NestWriter writer(schedule, r.facts);
    LoopNames outer, inner, reduced;
    for (const Symbol& s : r.outer) outer.push_back(r.name(s));
    const int rows = choice.number("rows", 1);
    if (rows > 1) {
        const auto [o, i] = writer.split(outer.back(), rows);
        outer.back() = o;
        inner.push_back(i);
    }
    const std::size_t independent = outer.size();
    for (const Symbol& s : r.serial) outer.push_back(r.name(s));
    for (const Symbol& s : r.reduced) reduced.push_back(r.name(s));
    std::string steps, vector;
    if (r.lane.defined()) {
        std::tie(steps, vector) = writer.split(r.name(r.lane), r.lanes);
        reduced.push_back(steps);
        inner.push_back(vector);
    }
    LoopNames order = outer;
    order.insert(order.end(), reduced.begin(), reduced.end());
    order.insert(order.end(), inner.begin(), inner.end());
    writer.reorder(order);

    if (independent > 0) {
        LoopNames group;
        for (std::size_t i = 0; i < independent; ++i) {
            const bool fixed = r.facts.of(r.outer[i]).is_static;
            if (!fixed && i > 0) break;
            group.push_back(outer[i]);
            if (!fixed) break;
        }
        const std::string fused = writer.parallel(group);
        if (group.size() == outer.size()) outer.back() = fused;
    }
    if (rows > 1) schedule.unroll(inner[0]);
    if (r.lane.defined()) {
        schedule.vectorize(vector);
        if (choice.number("unroll", 1) > 1) schedule.unroll(steps, choice.number("unroll", 1));
        const VariableFacts& lane = r.facts.of(r.lane);
        if (choice.is("partition", "on") && (!lane.is_static || lane.extent % r.lanes != 0)) schedule.partition(steps);
    }
    if (r.facts.accumulates) schedule.accumulate_in("registers", outer.empty() ? "root" : outer.back());
}

}  // namespace

StageSpace reduction_space(const Definition& definition, const Target& target) {
    const auto shared = std::make_shared<const Rows>(analyse(definition, target));
    const Rows& r = *shared;
    StageSpace space;
    space.legal = [](const Choices&) { return true; };
    space.emit = [shared](const Choices& choice, Schedule& schedule) { write(*shared, choice, schedule); };
    if (!r.outer.empty() && r.serial.empty() && r.lane.defined()) {
        // Rows that share a read (a matrix times a vector) load it once.
        const VariableFacts& row = r.facts.of(r.outer.back());
        const bool shares = std::any_of(r.facts.reads.begin(), r.facts.reads.end(),
                                        [&](const ReadFacts& read) { return !read.uses(row.symbol); });
        std::vector<std::string> counts = {"1"};
        for (const int n : {2, 4, 8})
            if (row.extent >= static_cast<std::int64_t>(n) * r.threads) counts.push_back(std::to_string(n));
        space.add("rows", counts, shares ? "4" : "1");
    }
    if (r.lane.defined()) {
        const std::int64_t steps = (r.facts.of(r.lane).extent + r.lanes - 1) / r.lanes;
        std::vector<std::string> counts = {"1"};
        for (const int n : {2, 4, 8})
            if (steps >= n) counts.push_back(std::to_string(n));
        space.add("unroll", counts, steps >= 4 ? "4" : counts.back());
        space.add("partition", {"on", "off"}, "on");
    }
    return space;
}

}  // namespace heddle
