// schedules/directives_scatter.cpp -- atomic, sort_points: how updates at computed indices meet in one element.
#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "schedules/directive_functions.h"
#include "schedules/directive_support.h"

namespace heddle::directives {
namespace {

void require_scatter(const StageNest& stage, const std::string& instead) {
    const Definition& definition = *stage.stage.definition;
    if (definition.op == UpdateOp::assign)
        refuse(fmt::format("{} is a =, which writes each element once", stage.stage.name()));
    if (has_bare_left(definition))
        refuse(fmt::format("{} has one writer an element already, {}: {}", stage.stage.name(),
                           print(definition.target().at(definition.left)), instead));
}

bool is_plain(const StageNest& stage) {
    return stage.guards.empty() && !stage.atomic &&
           std::all_of(stage.loops.begin(), stage.loops.end(),
                       [](const Loop& loop) { return loop.kind == LoopKind::serial && loop.unroll == 1; }) &&
           std::all_of(stage.index.begin(), stage.index.end(),
                       [](const auto& entry) { return entry.second.template as<Variable>() != nullptr; });
}

/// Whether something is held, filled or computed at one of its loops.
bool is_attached_to(const LoopNest& nest, const StageNest& stage) {
    return stage.accumulate || !stage.caches.empty() || stage.cache_out || !stage.packs.empty() ||
           std::any_of(nest.stages.begin(), nest.stages.end(), [&](const StageNest& placed) {
               return placed.placement == Placement::at && placed.placed_in == stage.stage.name();
           });
}

/// A dimension that is written at a variable of its own, over the whole of it.
bool is_bare(const Definition& definition, const std::vector<Extent>& shape, std::size_t d) {
    const auto* variable = definition.left[d].as<Variable>();
    if (!variable || !equal(definition.find(variable->symbol)->extent.expr(), shape[d].expr())) return false;
    for (std::size_t other = 0; other < definition.left.size(); ++other)
        if (other != d && uses(definition.left[other], variable->symbol)) return false;
    return true;
}

class Sorting {
public:
    Sorting(StageNest& stage, std::int64_t lanes)
        : stage_(stage), definition_(*stage.stage.definition), shape_(definition_.target().shape()), lanes_(lanes) {
        for (const Loop& loop : stage.loops) names_.insert(loop.name());
    }

    void run() {
        auto changed = std::make_shared<Definition>(definition_);
        changed->domain.clear();
        std::vector<Loop> loops;
        segments_.left = definition_.left;
        segments_.element = segments_.elements = Expr::integer(0);
        segments_.inside = Expr(true);
        Expr element(0), count(1);
        for (std::size_t d = 0; d < definition_.left.size(); ++d) {
            const Expr extent = shape_[d].expr();
            if (is_bare(definition_, shape_, d)) {
                const Symbol& bare = definition_.left[d].as<Variable>()->symbol;
                changed->domain.push_back(*definition_.find(bare));
                loops.push_back(loop_of(bare));
                continue;
            }
            const Symbol variable(fresh({"i", "j", "l", "m"}), SymbolKind::free, extent.handle());
            changed->left[d] = Expr(variable);
            changed->domain.push_back({variable, shape_[d], false});
            Loop loop;
            loop.var = Symbol(variable.name(), SymbolKind::free);
            loop.extent = extent;
            stage_.index[variable] = Expr(loop.var);
            loops.push_back(loop);
            note(definition_.left[d], extent, d);
            element = element * extent + Expr(loop.var);
            count = count * extent;
        }
        segments_.elements = simplify(count);
        sort_variables();
        add_segment_loops(simplify(element), loops);
        for (const DomainVar& v : segments_.sorted) {
            changed->domain.push_back(v);
            changed->domain.back().reduced = true;
        }
        for (const DomainVar& v : definition_.domain)
            if (v.reduced) {
                changed->domain.push_back(v);
                loops.push_back(loop_of(v.symbol));
            }
        stage_.loops = std::move(loops);
        stage_.stage.definition = std::move(changed);
        stage_.segments = std::move(segments_);
    }

private:
    std::string fresh(std::initializer_list<const char*> wanted) {
        for (const char* name : wanted)
            if (names_.insert(name).second) return name;
        for (int i = 1;; ++i)
            if (std::string name = fmt::format("{}{}", *wanted.begin(), i); names_.insert(name).second) return name;
    }

    Loop loop_of(const Symbol& variable) const {
        const Symbol& loop = stage_.index.at(variable).as<Variable>()->symbol;
        return *stage_.find(loop);
    }

    /// One more dimension of what tells elements apart.
    void note(const Expr& index, const Expr& extent, std::size_t d) {
        segments_.element = segments_.element * extent + index;
        const Ranges ranges = ranges_of(definition_.domain);
        for (const Expr& test : {Expr(0) <= definition_.left[d], definition_.left[d] < extent})
            if (prove(test, ranges) != true)
                segments_.inside = is_const(segments_.inside, 1) ? test : segments_.inside && test;
    }

    void sort_variables() {
        Expr points(1);
        for (const DomainVar& v : definition_.domain) {
            const bool told = uses(segments_.element, v.symbol) || uses(segments_.inside, v.symbol);
            if (!told) continue;
            segments_.sorted.push_back(v);
            points = points * v.extent.expr();
        }
        segments_.points = simplify(points);
        const Interval most = interval_of(max(segments_.points, segments_.elements), {});
        const ScalarType type = most.max < (std::int64_t{1} << 31) - 1 ? i32 : i64;
        const std::string name = stage_.stage.targets[0].name();
        segments_.starts = AnyTensor(name + "_starts", type, std::vector<Extent>{Extent(segments_.elements + 1)});
        segments_.order =
            AnyTensor(name + "_order", type, std::vector<Extent>{Extent(simplify(max(segments_.points, 1)))});
    }

    /// Reads stay inside where a split of the elements goes past their end: there a segment is empty.
    void add_segment_loops(const Expr& element, std::vector<Loop>& loops) {
        const auto start = [&](const Expr& of) {
            return cast(i64, Access(segments_.starts.node(), {simplify(min(of, segments_.elements))}));
        };
        const Expr length = start(element + 1) - start(element);
        Loop loop, lane;
        loop.var = segments_.loop = Symbol(fresh({"point"}), SymbolKind::loop);
        loop.extent = lanes_ > 1 ? (length + (lanes_ - 1)) / lanes_ : length;
        if (is_const(segments_.points, 0)) loop.extent = Expr(0);
        loop.reduced = lane.reduced = true;
        loops.push_back(loop);
        Expr nth(loop.var);
        if (lanes_ > 1) {
            if (segments_.sorted.empty())
                refuse(fmt::format("all points of {} are of one element, and nothing tells them apart to be shared",
                                   stage_.stage.name()));
            lane.var = Symbol(fresh({"lane"}), SymbolKind::loop);
            lane.extent = Expr::integer(lanes_);
            loops.push_back(lane);
            nth = nth * lanes_ + Expr(lane.var);
            stage_.guards.push_back({nth < length, segments_.sorted[0].symbol});
        }
        const Expr last = simplify(max(segments_.points, 1)) - 1;
        const Expr place = max(Expr(0), min(start(element) + nth, last));
        Expr point = cast(i64, Access(segments_.order.node(), {place}));
        point = max(Expr(0), min(point, last));
        for (std::size_t i = segments_.sorted.size(); i-- > 0;) {
            const DomainVar& v = segments_.sorted[i];
            stage_.index[v.symbol] = i == 0 ? point : point % v.extent.expr();
            point = point / v.extent.expr();
        }
    }

    StageNest& stage_;
    const Definition definition_;
    const std::vector<Extent> shape_;
    const std::int64_t lanes_;
    std::set<std::string> names_;
    Segments segments_;
};

}  // namespace

void atomic(LoopNest&, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "atomic", {}, 0);
    const Definition& definition = *stage.stage.definition;
    if (std::none_of(definition.domain.begin(), definition.domain.end(), [](const DomainVar& v) { return v.reduced; }))
        require_scatter(stage, "it needs no atomics");
    if (definition.op == UpdateOp::argmax || definition.op == UpdateOp::tuple)
        refuse(fmt::format("{} updates several values at once, and an atomic update is of one; sort_points() is legal",
                           stage.stage.name()));
    stage.atomic = true;
}

void sort_points(LoopNest& nest, StageNest& stage, const std::vector<Argument>& given) {
    const Arguments arguments(given, "sort_points", {"lanes"}, 0);
    const std::int64_t lanes = arguments.integer("lanes", 1);
    if (lanes < 1 || lanes > 1024) refuse(fmt::format("lanes must lie in 1 to 1024, not {}", lanes));
    require_scatter(stage, "its points need no order");
    if (stage.stage.definition->op == UpdateOp::argmax)
        refuse("positions of argmax= count the variables absent from the left, in the order of the loops");
    if (stage.atomic) refuse(fmt::format("{} is atomic() already", stage.stage.name()));
    if (!is_plain(stage) || is_attached_to(nest, stage))
        refuse(fmt::format(
            "the loops of {} were changed or used before, and are other ones after it: put sort_points() first",
            stage.stage.name()));
    Sorting(stage, lanes).run();
}

}  // namespace heddle::directives
