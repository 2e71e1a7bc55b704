// schedules/default_cuda_filters.cpp -- CUDA schedules of windows over few channels whose filters differ from lane to
// lane: grouped convolutions with the channels last, and their input gradients.
#include <algorithm>
#include <cstdlib>
#include <optional>

#include "schedules/default_cuda_family.h"
#include "schedules/tile_box.h"

namespace heddle {
namespace {

constexpr std::int64_t fewest_lanes = 32, most_outputs = 16, many_outputs = 8, fewest_outputs = 4, most_reduced = 512;
constexpr std::int64_t most_statements = 192, most_registers = 160, threads_of_block = 128;

struct Filters {
    DefinitionFacts facts;
    Symbol lane, near;             ///< the output's contiguous variable; the nearest along which a window slides
    std::vector<Symbol> outer;     ///< the other free ones
    std::vector<Symbol> rolled;    ///< reduced, as loops
    std::vector<Symbol> unrolled;  ///< reduced, in line
    std::int64_t outputs = 1;      ///< of a thread, along `near`
    std::int64_t threads = threads_of_block;

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    std::int64_t statements() const {
        std::int64_t product = outputs;
        for (const Symbol& s : unrolled) product *= extent(s);
        return product;
    }
    /// Of what is summed, and of what is read while the loops in line run.
    std::int64_t registers() const {
        std::int64_t sum = outputs;
        for (const ReadFacts& read : facts.reads) {
            std::int64_t elements = 1;
            for (std::size_t d = 0; d < read.symbols.size(); ++d) {
                std::int64_t span = 1;
                for (const Symbol& s : read.symbols[d]) {
                    const std::int64_t factor = read.indices[d] ? std::abs(read.indices[d]->coefficient(s)) : 1;
                    const bool in_line = std::count(unrolled.begin(), unrolled.end(), s) > 0;
                    span += factor * ((s == near ? outputs : in_line ? extent(s) : 1) - 1);
                }
                elements *= span;
            }
            sum += elements;
        }
        return sum;
    }
    bool fits() const { return statements() <= most_statements && registers() <= most_registers; }
};

// An image that lanes of a group share and windows slide over, and filters of each lane that stay while they do.
bool has_groups(const Filters& f) {
    int images = 0, filters = 0;
    for (const ReadFacts& read : f.facts.reads) {
        if (!read.uses(f.lane) || read.unit_stride(f.lane)) return false;
        for (std::size_t d = 0; d < read.may_leave.size(); ++d)
            if (read.may_leave[d] && folds(read.boundary.mode)) return false;
        ++(read.uses(f.near) ? images : filters);
    }
    return images == 1 && filters >= 1;
}

std::optional<Filters> analyse(const Definition& definition) {
    Filters f;
    f.facts = facts_of(definition);
    if (!f.facts.accumulates || f.facts.data_dependent || !has_bare_left(definition)) return {};
    for (const VariableFacts& v : f.facts.variables)
        if (!v.is_static || v.extent < 1) return {};
    std::vector<Symbol> reduced = f.facts.reduced_variables();
    std::int64_t points = 1;
    for (const Symbol& v : reduced) points *= f.extent(v);
    if (points > most_reduced) return {};
    for (const Symbol& v : f.facts.free_variables()) {
        if (f.facts.of(v).contiguous && f.extent(v) >= fewest_lanes && !f.lane.defined())
            f.lane = v;
        else
            f.outer.push_back(v);
    }
    if (!f.lane.defined()) return {};
    for (const Symbol& v : f.outer)
        if (f.extent(v) >= fewest_outputs &&
            std::any_of(f.facts.reads.begin(), f.facts.reads.end(),
                        [&](const auto& read) { return read.shares_dimension(v, reduced); }))
            f.near = v;
    if (!f.near.defined() || !has_groups(f)) return {};
    // The innermost reduced loops are in line, as many as leave room for several outputs.
    f.outputs = std::min(many_outputs, f.extent(f.near));
    while (!reduced.empty()) {
        f.unrolled.insert(f.unrolled.begin(), reduced.back());
        if (!f.fits()) {
            f.unrolled.erase(f.unrolled.begin());
            break;
        }
        reduced.pop_back();
    }
    f.rolled = reduced;
    if (f.unrolled.empty()) return {};
    return f;
}

// As many outputs as fit, of those that waste the least.
std::int64_t preferred_outputs(Filters f) {
    const std::int64_t extent = f.extent(f.near);
    std::int64_t best = 0, least = 0;
    for (f.outputs = most_outputs; f.outputs >= fewest_outputs; --f.outputs) {
        const std::int64_t computed = (extent + f.outputs - 1) / f.outputs * f.outputs;
        if (f.fits() && (best == 0 || computed < least)) best = f.outputs, least = computed;
    }
    return best;
}

void write(const Filters& f, const std::string& stage, Schedule& schedule) {
    schedule.stage(stage);
    NestWriter writer(schedule, f.facts);
    const auto name = [&](const Symbol& s) { return f.facts.of(s).name; };
    const auto [several, each] = writer.split(name(f.near), f.outputs);
    LoopNames outer, window;
    std::vector<VariableFacts> variables;
    for (const Symbol& v : f.outer) {
        outer.push_back(v == f.near ? several : name(v));
        variables.push_back(f.facts.of(v));
    }
    outer.push_back(name(f.lane));
    variables.push_back(f.facts.of(f.lane));
    for (const auto* part : {&f.rolled, &f.unrolled})
        for (const Symbol& v : *part) window.push_back(name(v));
    LoopNames order = outer;
    order.insert(order.end(), window.begin(), window.end());
    order.push_back(each);
    writer.reorder(order);
    const std::string thread = bind_elements(writer, variables, outer, f.threads);
    const std::string at = f.rolled.empty() ? thread : name(f.rolled.back());
    std::vector<AnyTensor> held;
    for (const ReadFacts& read : f.facts.reads) {
        if (std::count(held.begin(), held.end(), read.tensor) > 0) continue;
        held.push_back(read.tensor);
        schedule.cache_in(read.tensor, "registers", at);
    }
    for (const Symbol& v : f.unrolled) schedule.unroll(name(v));
    schedule.unroll(each);
}

}  // namespace

CudaForms filters_cuda_forms(const StageNest& stage, bool all) {
    std::optional<Filters> f = analyse(*stage.stage.definition);
    const std::int64_t preferred = f ? preferred_outputs(*f) : 0;
    CudaForms forms;
    if (preferred == 0) return forms;
    const auto add = [&](std::int64_t outputs, std::int64_t threads) {
        f->outputs = outputs;
        f->threads = threads;
        if (!f->fits()) return;
        CudaForm form;
        form.choices = {{"outputs near", std::to_string(outputs)}, {"threads", std::to_string(threads)}};
        form.write = [f = *f, name = stage.stage.name()](Schedule& schedule) { write(f, name, schedule); };
        form.by_default = outputs == preferred && threads == threads_of_block;
        forms.push_back(std::move(form));
    };
    add(preferred, threads_of_block);
    for (std::int64_t outputs = fewest_outputs; all && outputs <= most_outputs; ++outputs)
        for (const std::int64_t threads : {64, 128, 256})
            if (outputs != preferred || threads != threads_of_block) add(outputs, threads);
    return forms;
}

}  // namespace heddle
