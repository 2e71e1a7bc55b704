// schedules/space_stencil.cpp -- knobs and nests of stencils: pooling, depthwise, padding, elementwise, image filters.
//
//     parallel outer loops (n, p) | q.o | c.o               the accumulator tile lives in the last one
//         window (r, s): unrolled where small, else rolled and clipped
//             outputs along p and q (unrolled) x vectors (c.i.o unrolled, c.i.i vectorized)
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/first_class.h"
#include "schedules/nest_writer.h"
#include "schedules/stage_space.h"
#include "schedules/target.h"

namespace heddle {
namespace {

constexpr std::int64_t small_window = 32;      ///< taps that are unrolled
constexpr std::int64_t few_taps = 8;           ///< more of them, far apart, stay a loop
constexpr std::int64_t most_statements = 256;  ///< in line
constexpr double most_packed = 1 << 18;        ///< elements of an operand that is copied at each call

struct Stencil {
    DefinitionFacts facts;
    int lanes = 1, registers = 16, threads = 1;
    Symbol lane;                             ///< the output's contiguous variable; undefined where lanes would collide
    std::vector<Symbol> outer;               ///< independent, in the output's order, without the lane
    std::vector<Symbol> serial;              ///< free, but several iterations may write one element
    std::vector<Symbol> window;              ///< reduced
    Symbol near, far;                        ///< the outer variables next to the lane with several outputs each, if any
    std::map<Symbol, std::int64_t> classes;  ///< residue classes of variables that reads divide by a constant

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    std::string name(const Symbol& s) const { return facts.of(s).name; }
    std::int64_t taps() const {
        std::int64_t taps = 1;
        for (const Symbol& s : window) taps *= facts.of(s).is_static ? std::max<std::int64_t>(1, extent(s)) : 1 << 20;
        return taps;
    }
    /// A boundary in the way of this variable.
    bool leaves(const Symbol& s) const {
        return std::any_of(facts.reads.begin(), facts.reads.end(),
                           [&](const auto& read) { return read.leaves_along(s); });
    }
    /// Neighbours that a tile should have along a variable, so that each one's class is known where code is made.
    std::int64_t class_count(const Symbol& s) const {
        const auto found = classes.find(s);
        return found == classes.end() ? 1 : found->second;
    }
    /// The read depends on the variable through its class alone.
    bool by_class_alone(const ReadFacts& read, const Symbol& v) const {
        if (class_count(v) == 1) return false;
        const Substitution of_first{{v, Expr(v) * Expr::integer(class_count(v))}};
        const Ranges ranges = ranges_of(facts.definition->domain);
        bool alone = true;
        for (const Expr& value : facts.definition->right)
            for_each_node(value, [&](const Expr& node) {
                const auto* found = node.as<Read>();
                if (!found || found->tensor != read.tensor.node()) return;
                for (const Expr& index : found->indices)
                    alone = alone && !heddle::uses(simplify(substitute(index, of_first), ranges), v);
            });
        return alone;
    }
    /// Small operands (weights of a filter) that lanes would gather: read inside throughout, over the lane and other
    /// variables whose loops a copy can be ordered by.
    std::vector<const ReadFacts*> gathered() const {
        std::vector<const ReadFacts*> found;
        for (const ReadFacts& read : facts.reads) {
            if (!lane.defined() || !read.uses(lane) || read.unit_stride(lane) || read.tensor.has_definition()) continue;
            if (read.boundary.mode != BoundaryMode::none && read.boundary.mode != BoundaryMode::zero) continue;
            double elements = 1;
            bool fits = true;
            int times = 0;
            for (const ReadFacts& other : facts.reads) times += other.tensor == read.tensor;
            for (const VariableFacts& v : facts.variables) {
                if (!read.uses(v.symbol)) continue;
                const bool tiled = v.symbol == near || v.symbol == far, alone = by_class_alone(read, v.symbol);
                elements *= static_cast<double>(alone ? class_count(v.symbol) : v.extent);
                fits = fits && v.is_static && tiled == alone;
            }
            if (fits && times == 1 && elements <= most_packed) found.push_back(&read);
        }
        return found;
    }
    /// A reduction over whole dimensions beside the lanes, as of a softmax over channels: its terms lie far apart, and
    /// each visit should read more than a line.
    bool sums_apart() const {
        if (window.empty() || !facts.accumulates || !lane.defined()) return false;
        return std::none_of(window.begin(), window.end(), [&](const Symbol& tap) {
            return std::any_of(facts.reads.begin(), facts.reads.end(), [&](const ReadFacts& read) {
                return read.leaves_along(tap) || read.shares_dimension(tap, facts.free_variables());
            });
        });
    }
    bool slides(const Symbol& s) const {
        return std::any_of(facts.reads.begin(), facts.reads.end(),
                           [&](const auto& read) { return read.shares_dimension(s, window); });
    }
};

/// Lanes along a short contiguous variable compute little. Where each result takes several taps, another variable that
/// steps through the rows of a read is better, though its results are stored one by one.
void prefer_full_lanes(Stencil& s) {
    constexpr std::int64_t taps_worth_scattering = 4;
    if (!s.lane.defined() || !s.facts.accumulates || s.taps() < taps_worth_scattering) return;
    if (!s.facts.of(s.lane).is_static || 2 * s.extent(s.lane) > s.lanes) return;
    Symbol best;
    for (const Symbol& v : s.outer) {
        if (!s.facts.of(v).is_static || s.extent(v) < s.lanes || (best.defined() && s.extent(v) <= s.extent(best)))
            continue;
        const bool in_rows = std::any_of(s.facts.reads.begin(), s.facts.reads.end(), [&](const ReadFacts& read) {
            return !read.symbols.empty() && std::count(read.symbols.back().begin(), read.symbols.back().end(), v) > 0;
        });
        if (in_rows) best = v;
    }
    if (!best.defined()) return;
    std::replace(s.outer.begin(), s.outer.end(), best, s.lane);
    s.lane = best;
}

Stencil analyse(const Definition& definition, const Target& target) {
    Stencil s;
    s.facts = facts_of(definition);
    s.lanes = std::max(1, target.vector_lanes() * 4 / std::max(4, s.facts.widest_bytes()));
    s.registers = target.vector_registers();
    s.threads = target.threads;
    for (const Symbol& v : s.facts.free_variables()) {
        if (!s.facts.of(v).independent)
            s.serial.push_back(v);
        else if (s.facts.of(v).contiguous && s.extent(v) > 1 && !s.lane.defined())
            s.lane = v;
        else
            s.outer.push_back(v);
    }
    s.window = s.facts.reduced_variables();
    for (const ClassSplit& split : first_class(definition).splits) s.classes[split.variable] = split.classes;
    prefer_full_lanes(s);
    for (const Symbol& v : s.outer)
        if (s.extent(v) > 1) {
            s.far = s.near;
            s.near = v;
        }
    return s;
}

class Nest {
public:
    Nest(const Stencil& s, const Choices& choice, Schedule& schedule)
        : s_(s), choice_(choice), writer_(schedule, s.facts) {}

    void write() {
        split();
        LoopNames order = outer_;
        for (const Symbol& v : s_.serial) order.push_back(s_.name(v));
        for (const Symbol& v : s_.window) order.push_back(s_.name(v));
        order.insert(order.end(), unrolled_.begin(), unrolled_.end());
        if (!vector_.empty()) order.push_back(vector_);
        writer_.reorder(order);

        Schedule& schedule = writer_.schedule();
        const LoopNames plain = outer_;
        if (!outer_.empty()) {
            parallel_ = parallel_loops();
            const std::string fused = writer_.parallel(parallel_);
            if (parallel_.size() == outer_.size()) outer_.back() = fused;
        }
        if (choice_.is("window", "unrolled"))
            for (const Symbol& v : s_.window) schedule.unroll(s_.name(v));
        for (const std::string& loop : unrolled_) schedule.unroll(loop);
        if (!vector_.empty()) schedule.vectorize(vector_);
        if (choice_.is("window", "rolled"))
            for (const Symbol& v : s_.window)
                if (clippable(v)) schedule.clip(s_.name(v));
        for (const std::string& loop : partitioned_)
            if (parallel_.size() == 1 || std::find(parallel_.begin(), parallel_.end(), loop) == parallel_.end())
                schedule.partition(loop);
        if (s_.facts.accumulates) schedule.accumulate_in("registers", outer_.empty() ? "root" : outer_.back());
        if (choice_.is("pack", "on")) write_packs(plain);
        if (choice_.is("streaming stores", "on")) schedule.add("streaming_stores", {});
    }

private:
    /// Copies in the order of the loops, the lanes innermost. A variable whose loop was fused with others has none.
    void write_packs(const LoopNames& plain) {
        for (const ReadFacts* read : s_.gathered()) {
            std::vector<LoopName> order, of_classes;
            bool fused = false;
            for (std::size_t i = 0; i < s_.outer.size(); ++i)
                if (read->uses(s_.outer[i])) {
                    const auto tile = tiles_.find(s_.outer[i]);
                    if (s_.class_count(s_.outer[i]) > 1) {
                        if (tile == tiles_.end() || tile->second.outputs % s_.class_count(s_.outer[i])) fused = true;
                        if (tile != tiles_.end()) of_classes.emplace_back(tile->second.loop);
                        continue;
                    }
                    fused = fused || (parallel_.size() > 1 && i < parallel_.size());
                    order.emplace_back(plain[i]);
                }
            fused = fused || parallel_.size() == plain.size();
            if (fused) continue;
            order.emplace_back(plain.back());
            for (const Symbol& v : s_.window)
                if (read->uses(v)) order.emplace_back(s_.name(v));
            order.insert(order.end(), of_classes.begin(), of_classes.end());
            if (vector_.ends_with(".i.i")) order.emplace_back(vector_.substr(0, vector_.size() - 2) + ".o");
            order.emplace_back(vector_);
            writer_.schedule().pack(read->tensor, order);
        }
    }

    void note_edges(const Symbol& v, const std::string& loop, std::int64_t size) {
        const bool whole = s_.facts.of(v).is_static && s_.extent(v) % size == 0;
        if ((s_.leaves(v) || (!whole && s_.extent(v) > size)) && choice_.is("partition", "on"))
            partitioned_.push_back(loop);
    }

    void split() {
        for (const Symbol& v : s_.outer) {
            const int outputs = v == s_.near  ? choice_.number("outputs near", 1)
                                : v == s_.far ? choice_.number("outputs far", 1)
                                              : 1;
            if (outputs == 1) {
                outer_.push_back(s_.name(v));
                if (s_.leaves(v)) note_edges(v, s_.name(v), 1);
                continue;
            }
            auto [outer, inner] = writer_.split(s_.name(v), outputs);
            outer_.push_back(outer);
            unrolled_.push_back(inner);
            tiles_[v] = {inner, outputs};
            tied_.insert(v);
            note_edges(v, outer, outputs);
        }
        if (!s_.lane.defined()) return;
        const int vectors = choice_.number("vectors", 1);
        auto [outer, inner] = writer_.split(s_.name(s_.lane), static_cast<std::int64_t>(vectors) * s_.lanes);
        note_edges(s_.lane, outer, static_cast<std::int64_t>(vectors) * s_.lanes);
        vector_ = inner;
        if (vectors > 1) {
            auto [several, lanes] = writer_.split(inner, s_.lanes);
            unrolled_.push_back(several);
            vector_ = lanes;
        }
        tied_.insert(s_.lane);
        outer_.push_back(outer);
    }

    /// Enough iterations for the threads, from outside inwards, so that the loops next to the lanes can be partitioned.
    LoopNames parallel_loops() const {
        LoopNames group;
        double trips = 1;
        for (std::size_t i = 0; i < outer_.size(); ++i) {
            const bool innermost = i + 1 == outer_.size() && s_.lane.defined();
            const bool fixed = i >= s_.outer.size() || s_.facts.of(s_.outer[i]).is_static;
            if (!group.empty() && (innermost || !fixed || trips >= 8.0 * s_.threads)) break;
            if (!group.empty() && choice_.is("rows", "partitioned") && trips >= s_.threads && partitions(outer_[i]))
                break;
            group.push_back(outer_[i]);
            if (i < s_.outer.size()) trips *= static_cast<double>(s_.extent(s_.outer[i]));
            if (!fixed) break;
        }
        return group;
    }

    bool partitions(const std::string& loop) const {
        return std::find(partitioned_.begin(), partitioned_.end(), loop) != partitioned_.end();
    }

    /// Its window slides over loops outside of it only, and a point outside takes no part.
    bool clippable(const Symbol& tap) const {
        if (!s_.leaves(tap)) return false;
        for (const ReadFacts& read : s_.facts.reads) {
            if (!read.leaves_along(tap)) continue;
            if (read.boundary.mode != BoundaryMode::zero && read.boundary.mode != BoundaryMode::skip) return false;
            if (s_.window.size() > 1 && read.shares_dimension(tap, s_.window)) return false;
            if (read.shares_dimension(tap, {tied_.begin(), tied_.end()})) return false;
        }
        return true;
    }

    const Stencil& s_;
    const Choices& choice_;
    NestWriter writer_;
    LoopNames outer_, unrolled_, partitioned_, parallel_;
    std::set<Symbol> tied_;  ///< whose value is not known where a window is clipped: split inside
    std::string vector_;
    struct Tile {
        std::string loop;
        int outputs = 1;
    };
    std::map<Symbol, Tile> tiles_;  ///< of the outer variables with several outputs
};

/// The first number that is a multiple of a variable's classes; where none is, `plain`.
std::string of_all_classes(const std::vector<std::string>& numbers, const std::string& plain, std::int64_t classes) {
    for (const std::string& number : numbers)
        if (std::stoll(number) >= std::stoll(plain) && std::stoll(number) % classes == 0) return number;
    return plain;
}

std::vector<std::string> up_to(std::initializer_list<int> counts, std::int64_t extent) {
    std::vector<std::string> texts;
    for (const int n : counts)
        if (n == 1 || n <= extent) texts.push_back(std::to_string(n));
    return texts;
}

}  // namespace

StageSpace stencil_space(const Definition& definition, const Target& target) {
    const auto shared = std::make_shared<const Stencil>(analyse(definition, target));
    const Stencil& s = *shared;
    StageSpace space;
    space.emit = [shared](const Choices& choice, Schedule& schedule) { Nest(*shared, choice, schedule).write(); };
    space.legal = [shared](const Choices& choice) {
        const int tile =
            choice.number("outputs near", 1) * choice.number("outputs far", 1) * choice.number("vectors", 1);
        const std::int64_t taps = choice.is("window", "unrolled") ? shared->taps() : 1;
        return tile * 2 <= shared->registers && tile * taps <= most_statements;
    };
    const bool collides = !s.serial.empty();
    const auto add_outputs = [&](const char* knob, std::vector<std::string> numbers, const std::string& plain,
                                 std::int64_t classes) {
        const std::string preferred = of_all_classes(numbers, plain, classes);
        space.add(knob, std::move(numbers), preferred);
    };
    if (s.near.defined() && !collides)
        add_outputs("outputs near", up_to({1, 2, 4, 8}, s.extent(s.near)), s.slides(s.near) ? "2" : "1",
                    s.class_count(s.near));
    if (s.far.defined() && !collides)
        add_outputs("outputs far", up_to({1, 2}, s.extent(s.far)), "1", s.class_count(s.far));
    if (s.lane.defined()) {
        const std::int64_t vectors = (s.extent(s.lane) + s.lanes - 1) / s.lanes;
        space.add("vectors", up_to({1, 2, 4}, vectors), s.sums_apart() ? "4" : "1");
    }
    if (!s.window.empty())
        space.add("window",
                  s.taps() <= small_window ? std::vector<std::string>{"unrolled", "rolled"}
                                           : std::vector<std::string>{"rolled"},
                  s.sums_apart() && s.taps() > few_taps ? "rolled" : "unrolled");
    if (!s.gathered().empty()) space.add("pack", {"on", "off"}, "on");
    space.add("rows", {"partitioned", "fused"}, "partitioned");
    space.add("partition", {"on", "off"}, "on");
    space.add("streaming stores", {"off", "on"}, "off");
    return space;
}

}  // namespace heddle
