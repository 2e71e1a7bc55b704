// schedules/default_cuda.cpp -- the untuned schedule of a pipeline on a CUDA device.
#include "schedules/default_cuda.h"

#include <algorithm>
#include <map>

#include "schedules/default_cuda_family.h"
#include "schedules/definition_facts.h"
#include "schedules/directive_support.h"
#include "schedules/inlined_values.h"
#include "schedules/loop_nest.h"
#include "schedules/place_stages.h"
#include "schedules/scatter_schedule.h"
#include "schedules/tuning_space.h"

namespace heddle {
namespace {

constexpr std::int64_t default_threads = 256;
constexpr double most_of_an_axis = 65535;

class Builder {
public:
    Builder(const Pipeline& pipeline, const Target& target, bool all)
        : pipeline_(pipeline),
          target_(target),
          all_(all),
          nest_(std::make_shared<LoopNest>(plain_nest(pipeline, target))),
          plain_(*nest_) {}

    CudaParts run() {
        inline_values();
        find_groups();
        // A stage is placed before what it reads, which may follow it there.
        for (const StageNest& stage : plain_.stages)
            if (stage.placement == Placement::root && !owner_.count(&stage)) choose(stage);
        return {pipeline_, nest_, std::move(parts_)};
    }

private:
    using Members = std::vector<const StageNest*>;

    bool applies(const Schedule& trial) const {
        LoopNest nest;
        return !apply(trial, pipeline_, target_, nest);
    }

    // Directives without a choice.
    template <class Write>
    bool settled(Write write) {
        Schedule trial = schedule_;
        if (!write(trial) || !applies(trial)) return false;
        CudaPart part;
        const std::vector<Directive>& all = trial.directives();
        for (std::size_t i = schedule_.directives().size(); i < all.size(); ++i)
            part.settled.stage(all[i].stage).add(all[i].name, all[i].arguments);
        parts_.push_back(std::move(part));
        schedule_ = std::move(trial);
        return true;
    }

    // First of all: what is inlined has no rows of its own, and its readers read what it reads.
    void inline_values() {
        for (const StageNest& stage : plain_.stages)
            if (stage.placement == Placement::root && may_inline(pipeline_, stage.stage))
                settled([&](Schedule& trial) {
                    trial.stage(stage.stage.name()).compute_inline();
                    return true;
                });
        if (schedule_.empty()) return;
        LoopNest nest;
        if (!apply(schedule_, pipeline_, target_, nest)) plain_ = std::move(nest);
    }

    // The first of the forms by default that the checks accept.
    bool take(const StageNest& stage, CudaForms forms, const char* family, CudaPart& part) {
        for (std::size_t i = 0; i < forms.size(); ++i) {
            if (!forms[i].by_default) continue;
            Schedule trial = schedule_;
            forms[i].write(trial);
            if (!applies(trial)) continue;
            schedule_ = std::move(trial);
            const Definition& definition = *stage.stage.definition;
            part.stage = stage.stage.name();
            part.family = classify(definition).family;
            part.points = 1;
            for (const VariableFacts& v : facts_of(definition).variables) part.points *= static_cast<double>(v.extent);
            part.preferred = i;
            offer(std::move(forms), family, part);
            return true;
        }
        return false;
    }
    static void offer(CudaForms forms, const char* family, CudaPart& part) {
        for (CudaForm& form : forms) {
            form.choices.insert(form.choices.begin(), {"form", family});
            part.forms.push_back(std::move(form));
        }
    }
    void keep(CudaPart part) { parts_.push_back(std::move(part)); }

    void choose(const StageNest& stage) {
        const std::string name = stage.stage.name();
        if (may_be_epilogue(pipeline_, stage.stage) && settled([&](Schedule& trial) {
                trial.stage(name).fuse_epilogue();
                return true;
            }))
            return;
        Members members;
        for (const StageNest& other : plain_.stages)
            if (const auto owner = owner_.find(&other); owner != owner_.end() && owner->second == &stage)
                members.push_back(&other);
        if (members.empty()) return choose_alone(stage);
        CudaPart part;
        if (take(stage, rows_cuda_forms(stage, members, target_, all_), "rows", part)) return keep(std::move(part));
        for (const StageNest* member : members) choose_alone(*member);
        choose_alone(stage);
    }

    // The first family that has a form; the others after it where all are asked for.
    void choose_alone(const StageNest& stage) {
        const Family family = classify(*stage.stage.definition).family;
        const bool product = family == Family::contraction;
        if (settled([&](Schedule& trial) {
                return scatter_stage(pipeline_, stage.stage, target_, ScatterForm::sorted, trial);
            }))
            return;
        CudaPart part;
        const auto consider = [&](bool fits, const char* name, auto forms) {
            if (!fits) return;
            if (part.forms.empty())
                take(stage, forms(), name, part);
            else if (all_)
                offer(forms(), name, part);
        };
        consider(!product, "planes", [&] { return planes_cuda_forms(stage, target_, all_); });
        consider(family == Family::stencil || product, "windows", [&] { return window_sum_cuda_forms(stage, all_); });
        consider(family == Family::reduction, "rows", [&] { return rows_cuda_forms(stage, {}, target_, all_); });
        consider(family == Family::stencil, "columns", [&] { return columns_cuda_forms(stage, all_); });
        consider(product, "tiles", [&] { return contraction_cuda_forms(stage, target_, all_); });
        consider(product || family == Family::stencil, "filters", [&] { return filters_cuda_forms(stage, all_); });
        consider(!product, "outputs", [&] { return stencil_cuda_forms(stage, stored_type(stage.stage), all_); });
        consider(true, "elements", [&] { return plain_cuda_forms(stage, all_); });
        // Of small products: tiles of outputs that a thread has in registers.
        consider(product && all_, "outputs", [&] { return stencil_cuda_forms(stage, stored_type(stage.stage), all_); });
        if (!part.forms.empty()) keep(std::move(part));
    }

    // Of what leaves the stage for memory: through its epilogues, that of the last.
    ScalarType stored_type(const PipelineStage& stage) const {
        for (const PipelineStage& next : pipeline_.stages)
            if (!reads_of(*next.definition, stage.targets[0]).empty() && may_be_epilogue(pipeline_, next))
                return stored_type(next);
        return stage.targets[0].type();
    }

    // Reductions that only one stage reads, and reductions of its own rows: computed where it goes through the row.
    void find_groups() {
        find_results_of_rows();
        for (auto stage = plain_.stages.rbegin(); stage != plain_.stages.rend(); ++stage) {
            if (stage->placement != Placement::root || !may_be_member(*stage)) continue;
            const StageNest* owner = nullptr;
            bool fits = true;
            for (const StageNest& reader : plain_.stages) {
                bool reads = false;
                for (const AnyTensor& target : stage->stage.targets)
                    reads = reads || !reads_of(*reader.stage.definition, target).empty();
                if (!reads || is_dissolved(plain_, reader)) continue;
                fits = fits && reader.placement == Placement::root;
                const auto known = owner_.find(&reader);
                const StageNest* here = known == owner_.end() ? &reader : known->second;
                const bool of_row = known != owner_.end() && reader.stage.definition->op == UpdateOp::assign;
                fits = fits && (!owner || owner == here) && (of_row || reads_rows(reader, *stage));
                owner = here;
            }
            if (fits && owner) owner_[&*stage] = owner;
        }
    }
    // An output that is computed from reductions of rows, a number a row: beside a stage that goes through the same
    // rows and reads the same reductions (a loss beside its gradient).
    void find_results_of_rows() {
        for (const StageNest& stage : plain_.stages) {
            const Definition& definition = *stage.stage.definition;
            if (stage.placement != Placement::root || definition.op != UpdateOp::assign || stage.stage.index > 0 ||
                !has_bare_left(definition) || definition.domain.size() != definition.left.size() || is_read(stage))
                continue;
            for (const StageNest& other : plain_.stages)
                if (&other != &stage && other.placement == Placement::root && goes_through_rows_of(other, definition)) {
                    owner_[&stage] = &other;
                    break;
                }
        }
    }
    bool is_read(const StageNest& stage) const {
        for (const StageNest& reader : plain_.stages)
            for (const AnyTensor& target : stage.stage.targets)
                if (!reads_of(*reader.stage.definition, target).empty()) return true;
        return false;
    }
    bool goes_through_rows_of(const StageNest& stage, const Definition& result) const {
        const Definition& definition = *stage.stage.definition;
        if (definition.op != UpdateOp::assign || !has_bare_left(definition) ||
            definition.left.size() <= result.left.size() || !reads_of(result, stage.stage.targets[0]).empty())
            return false;
        for (std::size_t d = 0; d < result.left.size(); ++d)
            if (!equal(definition.target(0).shape()[static_cast<int>(d)].expr(),
                       result.target(0).shape()[static_cast<int>(d)].expr()))
                return false;
        bool shares = false;
        for (const StageNest& reduction : plain_.stages) {
            if (!may_be_member(reduction)) continue;
            const AnyTensor target = reduction.stage.targets[0];
            const std::vector<const Read*> reads = reads_of(result, target);
            if (reads.empty()) continue;
            if (!reads_at(reads, result) || !reads_at(reads_of(definition, target), definition)) return false;
            shares = true;
        }
        return shares;
    }
    // All at the first variables of the left, in their order.
    static bool reads_at(const std::vector<const Read*>& reads, const Definition& definition) {
        for (const Read* read : reads)
            for (std::size_t d = 0; d < read->indices.size(); ++d)
                if (d >= definition.left.size() || !equal(read->indices[d], definition.left[d])) return false;
        return !reads.empty();
    }
    bool may_be_member(const StageNest& stage) const {
        const Definition& definition = *stage.stage.definition;
        if (definition.op == UpdateOp::assign || !has_bare_left(definition) || stage.stage.index > 0) return false;
        for (const AnyTensor& target : stage.stage.targets)
            for (const AnyTensor& output : pipeline_.outputs)
                if (output == target) return false;
        return classify(definition).family == Family::reduction;
    }
    // At bare variables of its left, and it has others beside.
    static bool reads_rows(const StageNest& reader, const StageNest& reduction) {
        const Definition& definition = *reader.stage.definition;
        if (!has_bare_left(definition) || definition.domain.size() <= reduction.stage.definition->left.size())
            return false;
        for (const AnyTensor& target : reduction.stage.targets)
            for (const Read* read : reads_of(definition, target))
                for (const Expr& index : read->indices) {
                    const auto* variable = index.as<Variable>();
                    if (!variable || definition.find(variable->symbol)->reduced) return false;
                }
        return true;
    }

    const Pipeline& pipeline_;
    const Target& target_;
    const bool all_;
    const std::shared_ptr<LoopNest> nest_;  ///< with values inlined, and nothing else decided
    LoopNest& plain_;
    Schedule schedule_;  ///< of the parts
    std::vector<CudaPart> parts_;
    std::map<const StageNest*, const StageNest*> owner_;
};

}  // namespace

std::int64_t vector_length(std::int64_t extent, int bytes_of_element) {
    std::int64_t length = std::max(1, 16 / bytes_of_element);
    while (length > 1 && extent % length != 0) length /= 2;
    return length;
}

std::string bind_elements(NestWriter& writer, const std::vector<VariableFacts>& variables, const LoopNames& loops,
                          std::int64_t threads) {
    // Groups from the innermost variable outwards; only the outermost of a group may have a run-time size.
    std::vector<LoopNames> groups(1);
    std::vector<double> most(1, 1);
    for (std::size_t i = loops.size(); i-- > 0;) {
        const VariableFacts& v = variables[i];
        groups.back().insert(groups.back().begin(), loops[i]);
        most.back() *= static_cast<double>(v.is_static ? v.extent : v.most);
        if (v.is_static || i == 0) continue;
        groups.emplace_back();
        most.push_back(1);
    }
    const auto bind = [&](const std::string& loop, const char* axis) {
        writer.schedule().add("bind", {{"", loop}, {"", std::string(axis)}});
    };
    std::vector<std::string> fused;
    for (auto group = groups.rbegin(); group != groups.rend(); ++group) fused.push_back(writer.fuse(*group));
    const auto [blocks, thread] = writer.split(fused.back(), threads);
    bind(blocks, "block_x");
    bind(thread, "thread_x");
    const char* axes[] = {"block_y", "block_z"};
    for (std::size_t i = 1; i < groups.size() && i <= std::size(axes); ++i)
        if (most[i] <= most_of_an_axis) bind(fused[fused.size() - 1 - i], axes[i - 1]);
    return thread;
}

CudaForms plain_cuda_forms(const StageNest& stage, bool all) {
    const DefinitionFacts facts = facts_of(*stage.stage.definition);
    std::vector<VariableFacts> spread;
    LoopNames loops, order;
    for (const VariableFacts& v : facts.variables)
        if (v.independent) {
            spread.push_back(v);
            loops.push_back(v.name);
        }
    if (spread.empty()) return {};
    order = loops;
    for (const VariableFacts& v : facts.variables)
        if (!v.independent) order.push_back(v.name);
    CudaForms forms;
    const auto add = [&](std::int64_t threads) {
        forms.push_back({{{"threads", std::to_string(threads)}},
                         [=, name = stage.stage.name()](Schedule& schedule) {
                             schedule.stage(name);
                             NestWriter writer(schedule, facts);
                             writer.reorder(order);
                             bind_elements(writer, spread, loops, threads);
                         },
                         threads == default_threads});
    };
    add(default_threads);
    for (const std::int64_t threads : {64, 128, 512})
        if (all) add(threads);
    return forms;
}

CudaParts cuda_parts(const Pipeline& pipeline, const Target& target, bool all) {
    return Builder(pipeline, target, all).run();
}

Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target) {
    const CudaParts all = cuda_parts(pipeline, target, false);
    Schedule schedule;
    for (const CudaPart& part : all.parts) {
        if (!part.forms.empty()) {
            part.forms[part.preferred].write(schedule);
            continue;
        }
        for (const Directive& each : part.settled.directives())
            schedule.stage(each.stage).add(each.name, each.arguments);
    }
    return schedule;
}

}  // namespace heddle
