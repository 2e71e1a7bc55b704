// schedules/cuda_stencil.cpp -- a stencil as CUDA schedules see it: what a thread computes, reads and keeps.
#include "schedules/cuda_stencil.h"

#include <algorithm>
#include <cstdlib>

#include "dsl/visit.h"
#include "schedules/default_cuda_family.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t most_taps = 64, few_taps = 16, most_accumulators = 32, most_held = 96, most_statements = 256;
constexpr std::int64_t most_held_of_odd = 128;
// Of a wide window, whose taps cost more than what a thread holds.
constexpr std::int64_t wide_window = 25, most_held_of_wide = 224, most_statements_of_wide = 1024;

// The smallest step of a read along the variable: 2 for a window of stride 2.
std::int64_t step_of(const Stencil& s, const Symbol& variable) {
    std::int64_t step = 1;
    for (const ReadFacts& read : s.facts.reads)
        for (const auto& index : read.indices)
            if (index) step = std::max(step, std::abs(index->coefficient(variable)));
    return step;
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

// Outputs along a variable that windows slide along, the best first: those that divide it, and of the nearest variable
// (`spread` 0) more, as what their windows share is already in registers.
std::vector<std::int64_t> outputs_offered(const Stencil& s, const Symbol& v, int spread) {
    if (s.wide()) {
        if (s.slides(s.lane)) return {8, 4, 2};
        return spread == 0 ? std::vector<std::int64_t>{7, 4, 2} : std::vector<std::int64_t>{2};
    }
    const std::int64_t extent = s.extent(v);
    if (!s.slides(s.lane) && extent % 4 != 0)
        for (const std::int64_t outputs : {5, 7})
            if (extent % outputs == 0 && (spread == 0 || outputs == 5)) return {outputs, 4, 2};
    return {4, 2};
}

}  // namespace

std::int64_t Stencil::taps() const {
    std::int64_t taps = 1;
    for (const Symbol& s : window) taps *= facts.of(s).is_static ? std::max<std::int64_t>(1, extent(s)) : 1 << 20;
    return taps;
}

bool Stencil::divided() const {
    return std::any_of(tile.begin(), tile.end(), [&](const auto& each) { return periods.count(each.first) > 0; });
}

bool Stencil::wide() const { return taps() >= wide_window && taps() <= most_taps; }

bool Stencil::odd() const {
    return std::any_of(tile.begin(), tile.end(),
                       [](const auto& each) { return each.second > 1 && each.second % 2 == 1; });
}

std::int64_t Stencil::limit() const { return wide() ? most_held_of_wide : odd() ? most_held_of_odd : most_held; }

std::optional<std::int64_t> Stencil::footprint(const ReadFacts& read) const {
    std::int64_t elements = 1;
    for (std::size_t d = 0; d < read.indices.size(); ++d) {
        if (read.may_leave[d] && folds(read.boundary.mode)) return {};
        std::int64_t span = 1;
        if (!read.indices[d]) {  // as many as a stride's outputs have, and those beside
            bool divided = false;
            for (const Symbol& symbol : read.symbols[d]) {
                const auto period = periods.find(symbol);
                const bool tap = std::count(window.begin(), window.end(), symbol) > 0;
                if (tap ? !facts.of(symbol).is_static : period == periods.end() && tile.count(symbol) > 0) return {};
                if (tap) span += extent(symbol) - 1;
                if (period == periods.end()) continue;
                divided = outputs(symbol) % period->second == 0;
                span += outputs(symbol) / period->second - 1;  // a stride's outputs share their taps' elements
            }
            if (!divided) return {};
            elements *= span;
            if (elements > limit()) return {};
            continue;
        }
        for (const auto& [symbol, coefficient] : read.indices[d]->terms) {
            const bool tap = std::count(window.begin(), window.end(), symbol) > 0;
            if (tap && !facts.of(symbol).is_static) return {};
            if (tap && rolled && symbol == window.front()) continue;
            span += std::abs(coefficient) * ((tap ? extent(symbol) : outputs(symbol)) - 1);
        }
        elements *= span;
        if (elements > limit()) return {};
    }
    return elements;
}

bool Stencil::slides(const Symbol& s) const {
    return std::any_of(facts.reads.begin(), facts.reads.end(),
                       [&](const ReadFacts& read) { return read.shares_dimension(s, window); });
}

std::vector<AnyTensor> Stencil::held() const {
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

bool Stencil::fits() const {
    const std::int64_t most = divided() || odd() ? 2 * most_accumulators : most_accumulators;
    if (accumulators() > most) return false;
    const std::int64_t lanes = lane.defined() ? outputs(lane) : 1, vectors = std::max<std::int64_t>(1, lanes / 4);
    if (taps() * accumulators() / lanes * vectors > (wide() ? most_statements_of_wide : most_statements)) return false;
    std::int64_t held = 0;
    for (const ReadFacts& read : facts.reads) {
        const bool slid = std::any_of(tile.begin(), tile.end(),
                                      [&](const auto& each) { return read.shares_dimension(each.first, window); });
        if (!slid) continue;
        const std::optional<std::int64_t> elements = footprint(read);
        if (!elements) return false;
        held += *elements;
    }
    return held + accumulators() <= limit() + most;
}

bool Stencil::unrolls() const { return taps() <= most_taps && fits(); }

std::vector<AnyTensor> filters_across(const Stencil& s) {
    constexpr double most_elements = 1 << 16;
    std::vector<AnyTensor> filters;
    for (const ReadFacts& read : s.facts.reads) {
        double elements = 1;
        bool small = s.lane.defined() && read.uses(s.lane) && !read.unit_stride(s.lane);
        for (const Extent& extent : read.tensor.shape()) {
            small = small && extent.is_static();
            if (small) elements *= static_cast<double>(extent.value());
        }
        for (const Symbol& v : s.outer) small = small && !read.uses(v);
        int times = 0;
        for (const ReadFacts& other : s.facts.reads) times += other.tensor == read.tensor;
        if (small && times == 1 && elements <= most_elements) filters.push_back(read.tensor);
    }
    return filters;
}

int bytes_along(const Stencil& s) {
    int bytes = bytes_of(s.stored);
    for (const ReadFacts& read : s.facts.reads)
        if (read.unit_stride(s.lane)) bytes = std::max(bytes, bytes_of(read.tensor.type()));
    return bytes;
}

Stencil stencil_of(const Definition& definition, ScalarType stored) {
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
        return s.facts.of(v).is_static && s.slides(v) && step_of(s, v) == 1 && s.periods.count(v) == 0;
    });
    if (slid >= 2 && !s.slides(s.lane) && s.taps() <= few_taps)
        vector = std::min<std::int64_t>(vector, bytes_along(s) == 1 ? 4 : 2);
    // A thread that owns a stride's outputs knows the taps of each.
    const auto divided = std::count_if(s.outer.begin(), s.outer.end(), [&](const Symbol& v) {
        return s.periods.count(v) > 0 && s.facts.of(v).is_static && s.slides(v);
    });
    const bool across = std::any_of(s.facts.reads.begin(), s.facts.reads.end(), [&](const ReadFacts& read) {
        return read.uses(s.lane) && !read.unit_stride(s.lane);
    });
    if (divided >= 2) vector = std::min<std::int64_t>(vector, bytes_along(s) < 4 ? 8 : across ? 2 : 4);
    const bool slides_along = s.slides(s.lane);
    s.rolled = s.wide() && !slides_along;
    if (s.wide()) vector = std::min<std::int64_t>(vector, slides_along ? 4 : 8 / std::min(8, bytes_along(s)));
    if (vector > 1) s.tile[s.lane] = vector;
    if (s.taps() > most_taps || s.window.empty()) return s;
    for (const Symbol& v : s.outer)
        if (const auto period = s.periods.find(v);
            period != s.periods.end() && s.facts.of(v).is_static && s.slides(v) && s.extent(v) >= period->second)
            s.tile[v] = period->second;
    if (!s.fits())
        for (const auto& [v, period] : s.periods)
            if (v != s.lane) s.tile.erase(v);
    while (!s.fits() && s.outputs(s.lane) > 1) s.tile[s.lane] /= 2;
    // Of narrow elements, twice as many along the further one: what the rows share is read once.
    for (const Symbol& v : s.outer)
        if (s.divided() && bytes_along(s) < 4 && s.tile.count(v) > 0 && s.extent(v) >= 2 * s.outputs(v)) {
            s.tile[v] *= 2;
            if (!s.fits()) s.tile[v] /= 2;
            break;
        }
    // Several outputs where neighbours share what they read: the nearest variable first.
    int spread = 0;
    for (auto v = s.outer.rbegin(); v != s.outer.rend() && spread < 2; ++v) {
        if (!s.facts.of(*v).is_static || !s.slides(*v) || step_of(s, *v) > 1 || s.periods.count(*v)) continue;
        for (const std::int64_t outputs : outputs_offered(s, *v, spread)) {
            if (s.extent(*v) < outputs) continue;
            s.tile[*v] = outputs;
            if (s.fits()) break;
            s.tile.erase(*v);
        }
        ++spread;
    }
    return s;
}

}  // namespace heddle
