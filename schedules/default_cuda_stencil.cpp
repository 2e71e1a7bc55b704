// schedules/default_cuda_stencil.cpp -- CUDA schedules of stencils: pooling, depthwise, padding, elementwise, filters.
#include <algorithm>

#include "schedules/cuda_stencil.h"
#include "schedules/default_cuda_family.h"
#include "schedules/nest_writer.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t most_outputs_of_elements = 32;

// Threads of a block: fewer where there are few in all.
std::int64_t threads_for(const Stencil& s) {
    double threads = 1;
    for (const Symbol& v : s.facts.free_variables()) {
        const std::int64_t tiles = (s.extent(v) + s.outputs(v) - 1) / s.outputs(v);
        threads *= static_cast<double>(tiles);
    }
    return threads < 16384 ? 64 : s.divided() && bytes_along(s) >= 4 ? 256 : 128;
}

// A copy of the filters costs a launch, which few outputs do not pay back.
bool pays_packing(const Stencil& s) {
    double outputs = 1;
    for (const Symbol& v : s.facts.free_variables()) outputs *= static_cast<double>(s.extent(v));
    return outputs >= 1.5e7;
}

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
    if (s.unrolls()) {
        if (s.holds)
            for (const AnyTensor& tensor : s.held())
                schedule.cache_in(tensor, "registers", s.rolled ? window.front() : thread);
        for (const std::string& loop : window)
            if (!s.rolled || loop != window.front()) schedule.unroll(loop);
    }
    if (s.packs)
        for (const AnyTensor& filter : filters_across(s)) {
            LoopNames order;
            for (const ReadFacts& read : s.facts.reads)
                for (const Symbol& v : s.window)
                    if (read.tensor == filter && read.uses(v)) order.push_back(s.facts.of(v).name);
            order.push_back(s.facts.of(s.lane).name);
            schedule.pack(filter, std::vector<LoopName>(order.begin(), order.end()));
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
            for (const std::int64_t near : {1, 2, 4, 5, 7, 8})
                for (const std::int64_t far : {1, 2, 4, 5, 7}) consider(vector, near, far);
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
            if (counts[i] % 2 == 1 && s.extent(spread_[i]) % counts[i] != 0) return;
            s.tile[spread_[i]] = counts[i];
        }
        if (s.window.empty() ? s.accumulators() > most_outputs_of_elements : !s.unrolls()) {
            if (near > 1 || far > 1 || s.tile != preferred_.tile) return;
        }
        const bool may_hold = s.unrolls() && !s.held().empty();
        for (s.threads = 64; s.threads <= 512; s.threads *= 2) {
            for (const bool holds : {true, false}) {
                if (!holds && !may_hold) continue;
                s.holds = holds;
                if (s.tile == preferred_.tile && s.threads == preferred_.threads && s.holds == preferred_.holds)
                    continue;
                add(s, false);
            }
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
    Stencil s = stencil_of(definition, stored);
    if (s.facts.data_dependent || (s.outer.empty() && !s.lane.defined())) return {};
    s.threads = threads_for(s);
    s.packs = s.unrolls() && pays_packing(s);
    return Variants(s, stage.stage.name()).run(all);
}

}  // namespace heddle