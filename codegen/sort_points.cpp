// codegen/sort_points.cpp -- what runs before a stage whose points are sorted by the element that they update.
#include "codegen/sort_points.h"

#include <algorithm>

#include "codegen/build_reads.h"
#include "codegen/passes/tile_loops.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t group = 256;                          // starts that one thread adds up
constexpr std::int64_t most_chunks = 4096, few_chunks = 64;  // few: of sizes that are known only at run time
constexpr std::int64_t most_counts = 1 << 24;

class Sort {
public:
    Sort(const LoopNest& nest, const StageNest& stage)
        : nest_(nest), segments_(*stage.segments), type_(segments_.starts.type()) {
        elements_ = segments_.elements;
        points_ = segments_.points;
        chunks_ = Expr::integer(number_of_chunks());
        chunk_ = simplify((points_ + chunks_ - 1) / chunks_);
        groups_ = simplify((elements_ + (group - 1)) / group);
        const std::string name = stage.stage.targets[0].name();
        counts_ = make_storage(name + "_counts", type_, {chunks_, elements_});
        sums_ = make_storage(name + "_sums", type_, {groups_});
    }

    SortedPoints run() {
        SortedPoints sorted;
        sorted.scratch = {segments_.starts, segments_.order, counts_, sums_};
        sorted.body = block({clear(), count(), add_chunks(), add_groups(), add_sums(), add_starts(), place()});
        return sorted;
    }

private:
    // Enough threads to hide each other's latency, and not many more counts than points.
    std::int64_t number_of_chunks() const {
        const auto *elements = elements_.as<IntImm>(), *points = points_.as<IntImm>();
        if (nest_.target.kind == TargetKind::host) return 1;
        if (!elements || !points) return few_chunks;
        const std::int64_t most = std::max(most_counts, 4 * points->value) / std::max<std::int64_t>(1, elements->value);
        return std::clamp<std::int64_t>(std::min(points->value / 64, most), 1, most_chunks);
    }

    static Symbol fresh(const char* name) { return Symbol(name, SymbolKind::loop); }
    Expr number(std::int64_t value) const { return Expr::integer(value, type_); }

    /// `at_once`: an iteration a thread on a device; the host's sort is one thread's.
    Stmt loop(const Symbol& var, const Expr& extent, bool at_once, Stmt body) const {
        const bool parallel = at_once && nest_.target.kind == TargetKind::cuda;
        return looped({{var, extent, parallel ? LoopKind::parallel : LoopKind::serial, 1}}, std::move(body));
    }
    static Stmt when(const Expr& condition, Stmt then) {
        If test;
        test.condition = simplify(condition);
        test.then = std::move(then);
        return Stmt::make(std::move(test));
    }
    static Stmt add(const AnyTensor& to, const std::vector<Expr>& indices, const Expr& value) {
        return store(to, indices, load(to, indices) + value);
    }

    Stmt clear() const {
        const Symbol e = fresh("e"), b = fresh("b");
        return loop(e, elements_, true, loop(b, chunks_, false, store(counts_, {Expr(b), Expr(e)}, number(0))));
    }

    /// The body for each point of a chunk, with the element that the point updates; indices from data were tested.
    template <class Body>
    Stmt for_points(bool tests, Body body) const {
        const Symbol b = fresh("b"), k = fresh("k");
        Expr point = Expr(b) * chunk_ + Expr(k);
        const Expr real = point < points_;
        Substitution values;
        for (std::size_t i = segments_.sorted.size(); i-- > 0;) {
            const DomainVar& v = segments_.sorted[i];
            values[v.symbol] = i == 0 ? point : point % v.extent.expr();
            point = point / v.extent.expr();
        }
        const auto over_points = [&](const Expr& e, bool tested) {
            Expr value = resolve_reads(e, segments_.sorted, UpdateOp::assign, nest_, {}).value;
            if (!tested) value = clamped(value);
            return substitute(value, values);
        };
        const Expr inside = over_points(segments_.inside, false);
        const Expr element = max(Expr(0), min(over_points(segments_.element, tests), elements_ - 1));
        const Stmt each = when(real, when(inside, body(Expr(b), simplify(Expr(b) * chunk_ + Expr(k)), element)));
        return loop(b, chunks_, true, loop(k, chunk_, false, each));
    }
    static Expr clamped(const Expr& e) {
        return rewrite(e, [](const Expr& node) {
            const auto* data = node.as<DataIndex>();
            return data ? clamp(cast(i64, data->value), Expr(0), data->extent - 1) : Expr();
        });
    }

    Stmt count() const {
        return for_points(true, [&](const Expr& chunk, const Expr&, const Expr& element) {
            return add(counts_, {chunk, element}, number(1));
        });
    }

    /// values[at] becomes the sum of those before; `running` ends as the sum of all.
    static Stmt add_up(const AnyTensor& running, const AnyTensor& values, const std::vector<Expr>& at) {
        const AnyTensor held = make_storage("held", values.type(), {});
        return with_storage({held}, Memory::registers,
                            block({store(held, {}, load(values, at)), store(values, at, load(running, {})),
                                   add(running, {}, load(held, {}))}));
    }

    Stmt add_chunks() const {
        const Symbol e = fresh("e"), b = fresh("b");
        const AnyTensor running = make_storage("running", type_, {});
        const Stmt sum =
            block({store(running, {}, number(0)), loop(b, chunks_, false, add_up(running, counts_, {Expr(b), Expr(e)})),
                   store(segments_.starts, {Expr(e) + 1}, load(running, {}))});
        return loop(e, elements_, true, with_storage({running}, Memory::registers, sum));
    }

    /// Loops over the elements of a group.
    template <class Body>
    Stmt for_group(const Symbol& g, Body body) const {
        const Symbol e = fresh("e");
        const Expr element = Expr(g) * group + Expr(e);
        return loop(e, Expr::integer(group), false, when(element < elements_, body(element)));
    }

    Stmt add_groups() const {
        const Symbol g = fresh("g");
        const AnyTensor running = make_storage("running", type_, {});
        const Stmt sum = block(
            {store(running, {}, number(0)),
             for_group(g, [&](const Expr& element) { return add(running, {}, load(segments_.starts, {element + 1})); }),
             store(sums_, {Expr(g)}, load(running, {}))});
        return loop(g, groups_, true, with_storage({running}, Memory::registers, sum));
    }

    Stmt add_sums() const {
        const Symbol g = fresh("g");
        const AnyTensor running = make_storage("running", type_, {});
        return with_storage({running}, Memory::registers,
                            block({store(running, {}, number(0)), store(segments_.starts, {Expr(0)}, number(0)),
                                   loop(g, groups_, false, add_up(running, sums_, {Expr(g)}))}));
    }

    Stmt add_starts() const {
        const Symbol g = fresh("g");
        const AnyTensor running = make_storage("running", type_, {});
        const Stmt sum = block({store(running, {}, load(sums_, {Expr(g)})), for_group(g, [&](const Expr& element) {
                                    return block({add(running, {}, load(segments_.starts, {element + 1})),
                                                  store(segments_.starts, {element + 1}, load(running, {}))});
                                })});
        return loop(g, groups_, true, with_storage({running}, Memory::registers, sum));
    }

    Stmt place() const {
        return for_points(false, [&](const Expr& chunk, const Expr& point, const Expr& element) {
            const Expr last = simplify(max(points_, 1)) - 1;
            const Expr place = cast(i64, load(segments_.starts, {element}) + load(counts_, {chunk, element}));
            return block({store(segments_.order, {max(Expr(0), min(place, last))}, cast(type_, point)),
                          add(counts_, {chunk, element}, number(1))});
        });
    }

    const LoopNest& nest_;
    const Segments& segments_;
    const ScalarType type_;
    Expr elements_, points_, chunks_, chunk_, groups_;
    AnyTensor counts_, sums_;
};

}  // namespace

SortedPoints build_sort(const LoopNest& nest, const StageNest& stage) { return Sort(nest, stage).run(); }

}  // namespace heddle
