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
constexpr std::int64_t most_buckets = 4096, few_buckets = 256;
constexpr std::int64_t most_counts = 1 << 20;         // of elements; with more, buckets of them are counted first
constexpr std::int64_t most_bucket_counts = 1 << 23;  // of buckets
constexpr std::int64_t loads_ahead = 8;               // counts of an element that are loaded before one waits

/// How the first pass divides the work.
struct Division {
    std::int64_t chunks = 1;  ///< of points, a thread each
    Expr width = 1;           ///< elements a bucket; with 1 there is no second pass
};

// Enough threads to hide each other's latency, and not many more counts than points.
Division divide(const Expr& element_count, const Expr& point_count, TargetKind target) {
    const auto *elements = element_count.as<IntImm>(), *points = point_count.as<IntImm>();
    if (target == TargetKind::host) return {};
    if (!elements || !points) return {few_chunks, max(simplify((element_count + (few_buckets - 1)) / few_buckets), 1)};
    std::int64_t chunks = std::clamp<std::int64_t>(points->value / 64, 1, most_chunks);
    std::int64_t width = 1;
    if (chunks * elements->value > std::max(most_counts, 4 * points->value)) {
        width = (elements->value + most_buckets - 1) / most_buckets;
        const std::int64_t buckets = (elements->value + width - 1) / std::max<std::int64_t>(1, width);
        chunks = std::clamp<std::int64_t>(most_bucket_counts / std::max<std::int64_t>(1, buckets), 1, chunks);
    }
    if (chunks > loads_ahead) chunks -= chunks % loads_ahead;
    return {chunks, Expr::integer(width)};
}

class Sort {
public:
    Sort(const LoopNest& nest, const StageNest& stage)
        : nest_(nest), segments_(*stage.segments), type_(segments_.starts.type()) {
        const Division division = divide(segments_.elements, segments_.points, nest.target.kind);
        chunk_count_ = division.chunks;
        chunks_ = Expr::integer(chunk_count_);
        width_ = division.width;
        points_ = segments_.points;
        buckets_ = simplify((segments_.elements + width_ - 1) / width_);
        chunk_ = simplify((points_ + chunks_ - 1) / chunks_);
        groups_ = simplify((buckets_ + (group - 1)) / group);
        const std::string name = stage.stage.targets[0].name();
        counts_ = make_storage(name + "_counts", type_, {chunks_, buckets_});
        sums_ = make_storage(name + "_sums", type_, {groups_});
        starts_ = segments_.starts;
        order_ = segments_.order;
        if (is_const(width_, 1)) return;
        starts_ = make_storage(name + "_bucket_starts", type_, {buckets_ + 1});
        order_ = make_storage(name + "_bucket_order", type_, {max(points_, 1)});
    }

    SortedPoints run() {
        SortedPoints sorted;
        sorted.scratch = {segments_.starts, segments_.order, counts_, sums_};
        std::vector<Stmt> steps{clear(), count(), add_chunks(), add_groups(), add_sums(), add_starts(), place()};
        if (!is_const(width_, 1)) {
            sorted.scratch.insert(sorted.scratch.end(), {starts_, order_});
            steps.push_back(sort_buckets());
        }
        sorted.body = block(steps);
        return sorted;
    }

private:
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
        return loop(e, buckets_, true, loop(b, chunks_, false, store(counts_, {Expr(b), Expr(e)}, number(0))));
    }

    /// Of a point: the element that it updates, and whether that lies inside of the output. Indices from data are
    /// tested where they are looked at first.
    struct Updated {
        Expr element, inside;
    };
    Updated updated_by(const Expr& point, bool tests) const {
        Substitution values;
        Expr rest = point;
        for (std::size_t i = segments_.sorted.size(); i-- > 0;) {
            const DomainVar& v = segments_.sorted[i];
            values[v.symbol] = i == 0 ? rest : rest % v.extent.expr();
            rest = rest / v.extent.expr();
        }
        const auto over_point = [&](const Expr& e, bool tested) {
            Expr value = resolve_reads(e, segments_.sorted, UpdateOp::assign, nest_, {}).value;
            if (!tested) value = clamped(value);
            return substitute(value, values);
        };
        return {max(Expr(0), min(over_point(segments_.element, tests), segments_.elements - 1)),
                over_point(segments_.inside, false)};
    }

    /// The body for each point of a chunk, with the bucket of the element that the point updates.
    template <class Body>
    Stmt for_points(bool tests, Body body) const {
        const Symbol b = fresh("b"), k = fresh("k");
        const Expr point = Expr(b) * chunk_ + Expr(k);
        const Updated updated = updated_by(point, tests);
        Expr bucket = simplify(updated.element / width_);
        if (!width_.as<IntImm>()) bucket = between(bucket, buckets_);
        const Stmt each = when(point < points_, when(updated.inside, body(Expr(b), simplify(point), bucket)));
        return loop(b, chunks_, true, loop(k, chunk_, false, each));
    }
    static Expr clamped(const Expr& e) {
        return rewrite(e, [](const Expr& node) {
            const auto* data = node.as<DataIndex>();
            return data ? clamp(cast(i64, data->value), Expr(0), data->extent - 1) : Expr();
        });
    }

    Stmt count() const {
        return for_points(true, [&](const Expr& chunk, const Expr&, const Expr& bucket) {
            return add(counts_, {chunk, bucket}, number(1));
        });
    }

    /// values[at] becomes the sum of those before; `running` ends as the sum of all.
    static Stmt add_up(const AnyTensor& running, const AnyTensor& values, const std::vector<Expr>& at) {
        const AnyTensor held = make_storage("held", values.type(), {});
        return with_storage({held}, Memory::registers,
                            block({store(held, {}, load(values, at)), store(values, at, load(running, {})),
                                   add(running, {}, load(held, {}))}));
    }

    /// A bucket's counts become where each chunk's points begin within it.
    Stmt add_chunks() const {
        const Symbol e = fresh("e"), b = fresh("b"), u = fresh("u"), v = fresh("v");
        const AnyTensor running = make_storage("running", type_, {});
        Stmt sums = loop(b, chunks_, false, add_up(running, counts_, {Expr(b), Expr(e)}));
        if (chunk_count_ % loads_ahead == 0) {
            const Expr several = Expr::integer(loads_ahead);
            const AnyTensor next = make_storage("next", type_, {several});
            const auto unrolled = [&](const Symbol& var, Stmt body) {
                return looped({{var, several, LoopKind::unrolled, 1}}, std::move(body));
            };
            const auto of_chunk = [&](const Symbol& var) {
                return std::vector<Expr>{Expr(b) * several + Expr(var), Expr(e)};
            };
            const Stmt loads = unrolled(u, store(next, {Expr(u)}, load(counts_, of_chunk(u))));
            const Stmt stores = unrolled(
                v, block({store(counts_, of_chunk(v), load(running, {})), add(running, {}, load(next, {Expr(v)}))}));
            sums = loop(b, Expr::integer(chunk_count_ / loads_ahead), false,
                        with_storage({next}, Memory::registers, block({loads, stores})));
        }
        const Stmt sum = block({store(running, {}, number(0)), sums, store(starts_, {Expr(e) + 1}, load(running, {}))});
        return loop(e, buckets_, true, with_storage({running}, Memory::registers, sum));
    }

    /// Loops over the buckets of a group.
    template <class Body>
    Stmt for_group(const Symbol& g, Body body) const {
        const Symbol e = fresh("e");
        const Expr bucket = Expr(g) * group + Expr(e);
        return loop(e, Expr::integer(group), false, when(bucket < buckets_, body(bucket)));
    }

    Stmt add_groups() const {
        const Symbol g = fresh("g");
        const AnyTensor running = make_storage("running", type_, {});
        const Stmt sum =
            block({store(running, {}, number(0)),
                   for_group(g, [&](const Expr& bucket) { return add(running, {}, load(starts_, {bucket + 1})); }),
                   store(sums_, {Expr(g)}, load(running, {}))});
        return loop(g, groups_, true, with_storage({running}, Memory::registers, sum));
    }

    Stmt add_sums() const {
        const Symbol g = fresh("g");
        const AnyTensor running = make_storage("running", type_, {});
        return with_storage({running}, Memory::registers,
                            block({store(running, {}, number(0)), store(starts_, {Expr(0)}, number(0)),
                                   loop(g, groups_, false, add_up(running, sums_, {Expr(g)}))}));
    }

    Stmt add_starts() const {
        const Symbol g = fresh("g");
        const AnyTensor running = make_storage("running", type_, {});
        const Stmt sum = block({store(running, {}, load(sums_, {Expr(g)})), for_group(g, [&](const Expr& bucket) {
                                    return block({add(running, {}, load(starts_, {bucket + 1})),
                                                  store(starts_, {bucket + 1}, load(running, {}))});
                                })});
        return loop(g, groups_, true, with_storage({running}, Memory::registers, sum));
    }

    static Expr between(const Expr& value, const Expr& size) {
        return max(Expr(0), min(value, simplify(max(size, 1)) - 1));
    }

    Stmt place() const {
        return for_points(false, [&](const Expr& chunk, const Expr& point, const Expr& bucket) {
            const Expr place = cast(i64, load(starts_, {bucket}) + load(counts_, {chunk, bucket}));
            return block({store(order_, {between(place, points_)}, cast(type_, point)),
                          add(counts_, {chunk, bucket}, number(1))});
        });
    }

    /// The points of each bucket by element, a thread a bucket: starts[e + 1] counts those of e, then says where its
    /// next one goes, and so ends as the start of e + 1.
    Stmt sort_buckets() const {
        const Symbol b = fresh("b");
        const AnyTensor running = make_storage("running", type_, {}), held = make_storage("point", type_, {});
        const AnyTensor& starts = segments_.starts;
        const auto for_elements = [&](const auto& body) {
            const Symbol e = fresh("e");
            const Expr element = Expr(b) * width_ + Expr(e);
            return loop(e, width_, false, when(element < segments_.elements, body(simplify(element + 1))));
        };
        const auto for_bucket = [&](const auto& body) {
            const Symbol k = fresh("k");
            const Expr first = cast(i64, load(starts_, {Expr(b)})), last = cast(i64, load(starts_, {Expr(b) + 1}));
            const Expr point = between(cast(i64, load(held, {})), points_);
            const Stmt each = block({store(held, {}, load(order_, {between(first + Expr(k), points_)})),
                                     body(simplify(updated_by(point, false).element + 1))});
            return loop(k, last - first, false, with_storage({held}, Memory::registers, each));
        };
        const Stmt sort = block({for_elements([&](const Expr& next) { return store(starts, {next}, number(0)); }),
                                 for_bucket([&](const Expr& next) { return add(starts, {next}, number(1)); }),
                                 store(running, {}, load(starts_, {Expr(b)})),
                                 for_elements([&](const Expr& next) { return add_up(running, starts, {next}); }),
                                 for_bucket([&](const Expr& next) {
                                     const Expr place = cast(i64, load(starts, {next}));
                                     return block({store(segments_.order, {between(place, points_)}, load(held, {})),
                                                   add(starts, {next}, number(1))});
                                 }),
                                 when(equals(Expr(b), 0), store(starts, {Expr(0)}, number(0)))});
        return loop(b, buckets_, true, with_storage({running}, Memory::registers, sort));
    }

    const LoopNest& nest_;
    const Segments& segments_;
    const ScalarType type_;
    std::int64_t chunk_count_ = 1;
    Expr points_, chunks_, chunk_;
    Expr width_, buckets_, groups_;  ///< elements a bucket, one where chunks count elements themselves
    AnyTensor counts_, sums_, starts_, order_;
};

}  // namespace

SortedPoints build_sort(const LoopNest& nest, const StageNest& stage) { return Sort(nest, stage).run(); }

}  // namespace heddle
