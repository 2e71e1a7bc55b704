// schedules/default_cuda_stencil.cpp -- CUDA schedules of stencils: pooling, depthwise, padding, elementwise, filters.
#include <algorithm>
#include <cstdlib>

#include "dsl/visit.h"
#include "schedules/default_cuda_family.h"
#include "schedules/nest_writer.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t most_taps = 64, few_taps = 16, most_accumulators = 32, most_held = 96, most_statements = 256;
// Of a wide window, whose taps cost more than what a thread holds.
constexpr std::int64_t wide_window = 25, most_held_of_wide = 224, most_statements_of_wide = 1024;

struct Stencil {
    DefinitionFacts facts;
    ScalarType stored = ScalarType::f32;  ///< what results are in memory
    Symbol lane;                          ///< the output's contiguous variable
    std::vector<Symbol> outer;            ///< the other free ones, in the output's order
    std::vector<Symbol> window;
    std::map<Symbol, std::int64_t> tile;     ///< outputs of a thread along a variable
    std::map<Symbol, std::int64_t> periods;  ///< of variables by which reads are found by division: a gradient's stride
    std::int64_t threads = 256;              ///< of a block
    bool holds = true;                       ///< what a window slides over stays in registers

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    std::int64_t outputs(const Symbol& s) const {
        const auto found = tile.find(s);
        return found == tile.end() ? 1 : found->second;
    }
    std::int64_t taps() const {
        std::int64_t taps = 1;
        for (const Symbol& s : window) taps *= facts.of(s).is_static ? std::max<std::int64_t>(1, extent(s)) : 1 << 20;
        return taps;
    }
    bool wide() const { return taps() >= wide_window && taps() <= most_taps; }
    std::int64_t limit() const { return wide() ? most_held_of_wide : most_held; }
    std::int64_t accumulators() const {
        std::int64_t product = 1;
        for (const auto& [symbol, outputs] : tile) product *= outputs;
        return product;
    }
    /// Elements that a thread reads of a tensor; nothing where an index is no sum, or folds back.
    std::optional<std::int64_t> footprint(const ReadFacts& read) const {
        std::int64_t elements = 1;
        for (std::size_t d = 0; d < read.indices.size(); ++d) {
            if (read.may_leave[d] && folds(read.boundary.mode)) return {};
            std::int64_t span = 1;
            if (!read.indices[d]) {  // as many as a stride's outputs have, and those beside
                bool divided = false;
                for (const Symbol& symbol : read.symbols[d]) {
                    const auto period = periods.find(symbol);
                    const bool tap = std::count(window.begin(), window.end(), symbol) > 0;
                    if (tap ? !facts.of(symbol).is_static : period == periods.end() && tile.count(symbol) > 0)
                        return {};
                    if (tap) span += extent(symbol) - 1;
                    if (period == periods.end()) continue;
                    divided = outputs(symbol) % period->second == 0;
                    span += outputs(symbol) / period->second;
                }
                if (!divided) return {};
                elements *= span;
                if (elements > limit()) return {};
                continue;
            }
            for (const auto& [symbol, coefficient] : read.indices[d]->terms) {
                const bool tap = std::count(window.begin(), window.end(), symbol) > 0;
                if (tap && !facts.of(symbol).is_static) return {};
                span += std::abs(coefficient) * ((tap ? extent(symbol) : outputs(symbol)) - 1);
            }
            elements *= span;
            if (elements > limit()) return {};
        }
        return elements;
    }
    /// Neighbouring outputs of this variable read the same elements.
    bool slides(const Symbol& s) const {
        return std::any_of(facts.reads.begin(), facts.reads.end(),
                           [&](const ReadFacts& read) { return read.shares_dimension(s, window); });
    }
    /// Reads that are copied to registers: those that a window slides over, once in the definition.
    std::vector<AnyTensor> held() const {
        std::vector<AnyTensor> tensors;
        for (const ReadFacts& read : facts.reads) {
            int times = 0;
            for (const ReadFacts& other : facts.reads) times += other.tensor == read.tensor;
            const bool slid = std::any_of(tile.begin(), tile.end(),
                                          [&](const auto& each) { return read.shares_dimension(each.first, window); });
            if (times == 1 && slid && footprint(read)) tensors.push_back(read.tensor);
        }
        return tensors;
    }
};

int bytes_along(const Stencil& s) {
    int bytes = bytes_of(s.stored);
    for (const ReadFacts& read : s.facts.reads)
        if (read.unit_stride(s.lane)) bytes = std::max(bytes, bytes_of(read.tensor.type()));
    return bytes;
}

// The smallest step of a read along the variable: 2 for a window of stride 2.
std::int64_t step_of(const Stencil& s, const Symbol& variable) {
    std::int64_t step = 1;
    for (const ReadFacts& read : s.facts.reads)
        for (const auto& index : read.indices)
            if (index) step = std::max(step, std::abs(index->coefficient(variable)));
    return step;
}

bool fits(const Stencil& s) {
    if (s.accumulators() > most_accumulators) return false;
    const std::int64_t vectors = s.lane.defined() ? std::max<std::int64_t>(1, s.outputs(s.lane) / 4) : 1;
    const std::int64_t lanes = s.lane.defined() ? s.outputs(s.lane) : 1;
    if (s.taps() * s.accumulators() / lanes * vectors > (s.wide() ? most_statements_of_wide : most_statements))
        return false;
    std::int64_t held = 0;
    for (const ReadFacts& read : s.facts.reads) {
        const bool slid = std::any_of(s.tile.begin(), s.tile.end(),
                                      [&](const auto& each) { return read.shares_dimension(each.first, s.window); });
        if (!slid) continue;
        const std::optional<std::int64_t> elements = s.footprint(read);
        if (!elements) return false;
        held += *elements;
    }
    return held + s.accumulators() <= s.limit() + most_accumulators;
}

// Of the free variables that occur in quotients and remainders: what they are divided by, where that is one number.
std::map<Symbol, std::int64_t> periods_of(const DefinitionFacts& facts) {
    std::map<Symbol, std::int64_t> periods;
    for (const Expr& right : facts.definition->right)
        for_each_node(right, [&](const Expr& node) {
            const auto* operation = node.as<Binary>();
            const auto* by = operation ? operation->b.as<IntImm>() : nullptr;
            if (!by || by->value < 2 || node.type() != ScalarType::i64 ||
                (operation->op != BinaryOp::div && operation->op != BinaryOp::mod))
                return;
            for (const VariableFacts& v : facts.variables)
                if (!v.reduced && uses(operation->a, v.symbol)) {
                    const auto known = periods.emplace(v.symbol, by->value).first;
                    if (known->second != by->value) known->second = 0;
                }
        });
    std::erase_if(periods, [](const auto& each) { return each.second == 0; });
    return periods;
}

Stencil analyse(const Definition& definition, ScalarType stored) {
    Stencil s;
    s.stored = stored;
    s.facts = facts_of(definition);
    for (const Symbol& v : s.facts.free_variables()) {
        const VariableFacts& facts = s.facts.of(v);
        if (facts.contiguous && facts.is_static && facts.extent > 1 && !s.lane.defined())
            s.lane = v;
        else
            s.outer.push_back(v);
    }
    s.window = s.facts.reduced_variables();
    s.periods = periods_of(s.facts);
    if (!s.lane.defined()) return s;
    std::int64_t vector = vector_length(s.extent(s.lane), bytes_along(s));
    // Where windows slide along two other variables, more outputs along those are worth more than wider vectors.
    const auto slid = std::count_if(s.outer.begin(), s.outer.end(), [&](const Symbol& v) {
        return s.facts.of(v).is_static && s.slides(v) && step_of(s, v) == 1;
    });
    if (slid >= 2 && !s.slides(s.lane) && s.taps() <= few_taps)
        vector = std::min<std::int64_t>(vector, 8 / std::min(8, bytes_along(s)));
    // A thread that owns a stride's outputs knows the taps of each.
    const auto divided = std::count_if(s.outer.begin(), s.outer.end(), [&](const Symbol& v) {
        return s.periods.count(v) > 0 && s.facts.of(v).is_static && s.slides(v);
    });
    if (divided >= 2) vector = std::min<std::int64_t>(vector, 4);
    const bool slides_along = s.slides(s.lane);
    if (s.wide()) vector = std::min<std::int64_t>(vector, slides_along ? 4 : 2);
    if (vector > 1) s.tile[s.lane] = vector;
    if (s.taps() > most_taps || s.window.empty()) return s;
    for (const Symbol& v : s.outer)
        if (const auto period = s.periods.find(v);
            period != s.periods.end() && s.facts.of(v).is_static && s.slides(v) && s.extent(v) >= period->second)
            s.tile[v] = period->second;
    if (!fits(s))
        for (const auto& [v, period] : s.periods)
            if (v != s.lane) s.tile.erase(v);
    while (!fits(s) && s.outputs(s.lane) > 1) s.tile[s.lane] /= 2;
    // Several outputs where neighbours share what they read: the nearest variable first.
    int spread = 0;
    for (auto v = s.outer.rbegin(); v != s.outer.rend() && spread < 2; ++v) {
        if (!s.facts.of(*v).is_static || !s.slides(*v) || step_of(s, *v) > 1 || s.periods.count(*v)) continue;
        std::vector<std::int64_t> offered = {4, 2};
        if (s.wide() && slides_along) offered = {8, 4, 2};
        if (s.wide() && !slides_along && spread == 0) offered = {7, 4, 2};
        for (const std::int64_t outputs : offered) {
            if (s.extent(*v) < outputs) continue;
            s.tile[*v] = outputs;
            if (fits(s)) break;
            s.tile.erase(*v);
        }
        ++spread;
    }
    return s;
}

// Threads of a block: fewer where there are few in all.
std::int64_t threads_for(const Stencil& s) {
    double threads = 1;
    for (const Symbol& v : s.facts.free_variables())
        threads *= static_cast<double>((s.extent(v) + s.outputs(v) - 1) / s.outputs(v));
    return threads >= 16384 ? 128 : 64;
}

bool unrolls(const Stencil& s) { return s.taps() <= most_taps && fits(s); }

void write(const Stencil& s, const std::string& stage, Schedule& schedule) {
    schedule.stage(stage);
    NestWriter writer(schedule, s.facts);
    LoopNames outer, inner, window;
    const auto divide = [&](const Symbol& v) {
        const std::string& name = s.facts.of(v).name;
        if (s.outputs(v) == 1) return outer.push_back(name);
        const auto [several, each] = writer.split(name, s.outputs(v));
        outer.push_back(several);
        inner.push_back(each);
    };
    for (const Symbol& v : s.outer) divide(v);
    if (s.lane.defined()) divide(s.lane);
    for (const Symbol& v : s.window) window.push_back(s.facts.of(v).name);
    LoopNames order = outer;
    order.insert(order.end(), window.begin(), window.end());
    order.insert(order.end(), inner.begin(), inner.end());
    writer.reorder(order);
    std::vector<VariableFacts> tiles;
    for (const Symbol& v : s.outer) tiles.push_back(s.facts.of(v));
    if (s.lane.defined()) tiles.push_back(s.facts.of(s.lane));
    const std::string thread = bind_elements(writer, tiles, outer, s.threads);
    if (unrolls(s)) {
        if (s.holds)
            for (const AnyTensor& tensor : s.held()) schedule.cache_in(tensor, "registers", thread);
        for (const std::string& loop : window) schedule.unroll(loop);
    }
    for (const std::string& loop : inner) {
        const bool lane = s.lane.defined() && s.outputs(s.lane) > 1 && &loop == &inner.back();
        lane ? schedule.vectorize(loop) : schedule.unroll(loop);
    }
}

// Variables along which a thread may have several outputs: those that windows slide along, the nearest first, else the
// nearest of all.
std::vector<Symbol> spread_variables(const Stencil& s) {
    std::vector<Symbol> slid, others;
    for (auto v = s.outer.rbegin(); v != s.outer.rend(); ++v)
        if (s.facts.of(*v).is_static && s.extent(*v) > 1) (s.slides(*v) ? slid : others).push_back(*v);
    slid.insert(slid.end(), others.begin(), others.end());
    if (slid.size() > 2) slid.resize(2);
    return slid;
}

class Variants {
public:
    Variants(const Stencil& preferred, std::string stage)
        : preferred_(preferred), stage_(std::move(stage)), spread_(spread_variables(preferred)) {}

    CudaForms run(bool all) {
        add(preferred_, true);
        if (!all) return std::move(forms_);
        const std::int64_t widest =
            preferred_.lane.defined() ? vector_length(preferred_.extent(preferred_.lane), bytes_along(preferred_)) : 1;
        for (std::int64_t vector = widest; vector >= 1; vector /= 2)
            for (const std::int64_t near : {1, 2, 4, 8})
                for (const std::int64_t far : {1, 2, 4}) consider(vector, near, far);
        return std::move(forms_);
    }

private:
    void consider(std::int64_t vector, std::int64_t near, std::int64_t far) {
        Stencil s = preferred_;
        s.tile.clear();
        if (vector > 1) s.tile[s.lane] = vector;
        const std::int64_t counts[] = {near, far};
        for (std::size_t i = 0; i < 2; ++i) {
            if (counts[i] == 1) continue;
            if (i >= spread_.size() || s.extent(spread_[i]) < counts[i]) return;
            s.tile[spread_[i]] = counts[i];
        }
        if (s.window.empty() ? s.accumulators() > most_accumulators : !unrolls(s)) {
            if (near > 1 || far > 1 || s.tile != preferred_.tile) return;
        }
        const bool may_hold = unrolls(s) && !s.held().empty();
        for (s.threads = 64; s.threads <= 512; s.threads *= 2)
            for (const bool holds : {true, false}) {
                if (!holds && !may_hold) continue;
                s.holds = holds;
                if (s.tile == preferred_.tile && s.threads == preferred_.threads && s.holds == preferred_.holds)
                    continue;
                add(s, false);
            }
    }

    void add(const Stencil& s, bool by_default) {
        CudaForm form;
        const auto outputs = [&](std::size_t i) { return i < spread_.size() ? s.outputs(spread_[i]) : 1; };
        form.choices = {{"vector", std::to_string(s.lane.defined() ? s.outputs(s.lane) : 1)},
                        {"outputs near", std::to_string(outputs(0))},
                        {"outputs far", std::to_string(outputs(1))},
                        {"threads", std::to_string(s.threads)},
                        {"window in", s.holds ? "registers" : "memory"}};
        form.write = [s, stage = stage_](Schedule& schedule) { write(s, stage, schedule); };
        form.by_default = by_default;
        forms_.push_back(std::move(form));
    }

    const Stencil& preferred_;
    const std::string stage_;
    const std::vector<Symbol> spread_;
    CudaForms forms_;
};

}  // namespace

CudaForms stencil_cuda_forms(const StageNest& stage, ScalarType stored, bool all) {
    const Definition& definition = *stage.stage.definition;
    if (!has_bare_left(definition)) return {};
    Stencil s = analyse(definition, stored);
    if (s.facts.data_dependent || (s.outer.empty() && !s.lane.defined())) return {};
    s.threads = threads_for(s);
    return Variants(s, stage.stage.name()).run(all);
}

}  // namespace heddle
