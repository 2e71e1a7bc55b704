// schedules/space_window_sum.cpp -- knobs and nests of long sums to the few elements of a window: the weight gradients
// of depthwise and grouped convolutions.
//
//     parallel free loops | c.o                            the accumulators live in the last one
//         reductions (n, p, q)
//             window (r, s): unrolled, an accumulator each  x  lanes
//
// A thread has several vectors of lanes, so that it reads longer runs of a row. What does not fit into registers is
// summed row by row, its accumulators in the output between two rows:
//
//     parallel free loops | c.o                            a thread's lanes
//         reductions (n, p)
//             c.i.o                                        the accumulators live here
//                 q | window x lanes
//
// Lanes run along a free variable whose neighbours lie together in a read (N H W C), else along the innermost reduced
// one (N C H W), with partial sums that are added at the end.
#include <algorithm>
#include <memory>
#include <tuple>

#include "schedules/nest_writer.h"
#include "schedules/stage_space.h"
#include "schedules/target.h"

namespace heddle {
namespace {

constexpr std::int64_t long_sum = 256, most_window = 16;

struct WindowSum {
    DefinitionFacts facts;
    int lanes = 1, registers = 16, threads = 1;
    Symbol lane;
    bool reduced_lane = false;
    std::vector<Symbol> outer, window, reduced;  ///< without the lane

    std::string name(const Symbol& s) const { return facts.of(s).name; }
    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
};

bool in_unit_steps(const DefinitionFacts& facts, const Symbol& s) {
    return std::any_of(facts.reads.begin(), facts.reads.end(),
                       [&](const ReadFacts& read) { return read.unit_stride(s); });
}

/// Lanes that most of the vector is filled with; undefined where there are none.
Symbol best_lane(const WindowSum& w, const std::vector<Symbol>& candidates) {
    Symbol best;
    for (const Symbol& s : candidates)
        if (in_unit_steps(w.facts, s) && 2 * w.extent(s) >= w.lanes &&
            (!best.defined() || w.extent(s) > w.extent(best)))
            best = s;
    return best;
}

WindowSum analyse(const Definition& definition, const Target& target) {
    WindowSum w;
    w.facts = facts_of(definition);
    w.lanes = std::max(1, target.vector_lanes() * 4 / std::max(4, w.facts.widest_bytes()));
    w.registers = target.vector_registers();
    w.threads = target.threads;
    w.reduced = w.facts.reduced_variables();
    const auto slides = [&](const Symbol& s) {
        return std::any_of(w.facts.reads.begin(), w.facts.reads.end(),
                           [&](const ReadFacts& read) { return read.shares_dimension(s, w.reduced); });
    };
    for (const Symbol& s : w.facts.free_variables()) (slides(s) ? w.window : w.outer).push_back(s);
    w.lane = best_lane(w, w.outer);
    if (!w.lane.defined()) {
        w.lane = best_lane(w, w.reduced);
        w.reduced_lane = w.lane.defined();
    }
    std::erase(w.outer, w.lane);
    std::erase(w.reduced, w.lane);
    return w;
}

bool applies(const WindowSum& w, const Definition& definition) {
    const bool combines = definition.op != UpdateOp::argmax && definition.op != UpdateOp::tuple;
    if (!w.facts.accumulates || !combines || w.facts.data_dependent || !w.lane.defined() || w.window.empty())
        return false;
    std::int64_t terms = 1, elements = 1;
    for (const VariableFacts& v : w.facts.variables) {
        if (!v.reduced && (!v.independent || !v.is_static)) return false;
        if (v.reduced) terms *= v.extent;
    }
    for (const Symbol& s : w.window) elements *= w.extent(s);
    return terms >= long_sum && elements <= 64;
}

/// Points that a boundary leaves out take no part.
bool clips(const WindowSum& w) {
    return std::all_of(w.facts.reads.begin(), w.facts.reads.end(), [](const ReadFacts& read) {
        return std::count(read.may_leave.begin(), read.may_leave.end(), true) == 0 ||
               read.boundary.mode == BoundaryMode::zero || read.boundary.mode == BoundaryMode::skip;
    });
}

/// Vectors of lanes that a thread has; 1 where lanes are of a reduction, or accumulators cannot lie in the output.
/// `most`: elements of the window that lie in registers.
std::int64_t vectors_together(const WindowSum& w, std::int64_t most) {
    const ScalarType type = w.facts.definition->target().type();
    if (w.reduced_lane || !w.facts.of(w.lane).is_static || compute_type(type) != type) return 1;
    std::int64_t others = 1, elements = 1;
    for (const Symbol& s : w.outer) others *= w.extent(s);
    for (auto s = w.window.rbegin(); s != w.window.rend(); ++s)
        if ((elements *= w.extent(*s)) > most) others *= w.extent(*s);
    const std::int64_t vectors = (w.extent(w.lane) + w.lanes - 1) / w.lanes, groups = (w.threads + others - 1) / others;
    return (vectors + groups - 1) / groups;
}

void write(const WindowSum& w, const Choices& choice, Schedule& schedule) {
    NestWriter writer(schedule, w.facts);
    LoopNames outer, reduced, inner, partitioned;
    for (const Symbol& s : w.outer) outer.push_back(w.name(s));
    const std::int64_t most = choice.number("window", most_window);
    const std::int64_t together = choice.is("vectors", "together") ? vectors_together(w, most) : 1;
    auto [steps, vector] = writer.split(w.name(w.lane), w.lanes * together);
    std::string several;
    if (together > 1) std::tie(several, vector) = writer.split(vector, w.lanes);
    const bool whole = w.facts.of(w.lane).is_static && w.extent(w.lane) % (w.lanes * together) == 0;
    const bool leaves = std::any_of(w.facts.reads.begin(), w.facts.reads.end(),
                                    [&](const ReadFacts& read) { return read.leaves_along(w.lane); });
    if (!whole || leaves) partitioned.push_back(steps);
    if (!w.reduced_lane) outer.push_back(steps);

    // The innermost part of the window, as far as there are registers for it.
    std::int64_t elements = 1, held = 1;
    for (auto s = w.window.rbegin(); s != w.window.rend(); ++s) {
        elements *= w.extent(*s);
        if (elements <= most) {
            inner.insert(inner.begin(), w.name(*s));
            held = elements;
        } else {
            outer.insert(outer.begin(), w.name(*s));
        }
    }
    const bool in_registers = together * held + together + 2 <= w.registers;
    LoopNames clipped;
    for (const Symbol& s : w.reduced) {
        reduced.push_back(w.name(s));
        bool leaves = false, inside = false;
        for (const ReadFacts& read : w.facts.reads) {
            leaves = leaves || read.leaves_along(s);
            for (const Symbol& tap : w.window)
                inside = inside || (read.shares_dimension(s, {tap}) &&
                                    std::find(inner.begin(), inner.end(), w.name(tap)) != inner.end());
        }
        if (leaves && inside && w.facts.of(s).is_static) partitioned.push_back(w.name(s));
        if (leaves && !inside && clips(w)) clipped.push_back(w.name(s));
    }
    if (w.reduced_lane) reduced.push_back(steps);
    LoopNames unrolled = inner;
    if (!several.empty() && in_registers) unrolled.push_back(several);
    if (!several.empty() && !in_registers) reduced.insert(reduced.end() - 1, several);
    inner = unrolled;
    inner.push_back(vector);
    LoopNames order = outer;
    order.insert(order.end(), reduced.begin(), reduced.end());
    order.insert(order.end(), inner.begin(), inner.end());
    writer.reorder(order);
    if (!outer.empty()) {
        if (outer.size() > 1 && !w.reduced_lane) std::erase(partitioned, steps);
        outer = {writer.parallel(outer)};
    }
    for (const std::string& loop : unrolled) schedule.unroll(loop);
    schedule.vectorize(vector);
    for (const std::string& loop : clipped) schedule.clip(loop);
    if (choice.is("partition", "on"))
        for (const std::string& loop : partitioned) schedule.partition(loop);
    const std::string around = outer.empty() ? "root" : outer.back();
    schedule.accumulate_in("registers", !several.empty() && !in_registers ? several : around);
}

}  // namespace

std::optional<StageSpace> window_sum_space(const Definition& definition, const Target& target) {
    const auto shared = std::make_shared<const WindowSum>(analyse(definition, target));
    if (!applies(*shared, definition)) return std::nullopt;
    StageSpace space;
    space.legal = [](const Choices&) { return true; };
    space.emit = [shared](const Choices& choice, Schedule& schedule) { write(*shared, choice, schedule); };
    space.add("window", {"4", "8", "16", "24"}, "16");
    if (vectors_together(*shared, most_window) > 1) space.add("vectors", {"together", "apart"}, "together");
    space.add("partition", {"on", "off"}, "on");
    return space;
}

}  // namespace heddle
