// schedules/tuning_space.cpp -- the space of a pipeline: stages placed in others, and the spaces of those that remain.
#include "schedules/tuning_space.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "runtime/random.h"
#include "schedules/default_cuda.h"
#include "schedules/loop_nest.h"
#include "schedules/place_stages.h"
#include "schedules/scatter_schedule.h"
#include "schedules/space_forms.h"
#include "schedules/space_tiles.h"
#include "schedules/stage_space.h"
#include "schedules/target.h"

namespace heddle {
namespace {

/// One stage's directives: its space, and which part of the candidate chooses in it.
struct Part {
    std::string stage;
    Family family = Family::stencil;
    double points = 0;
    StageSpace space;
    std::size_t first_knob = 0;

    Candidate choices(const Candidate& all) const {
        const auto from = all.begin() + static_cast<std::ptrdiff_t>(first_knob);
        return {from, from + static_cast<std::ptrdiff_t>(space.knobs.size())};
    }
    void emit(const Candidate& own, Schedule& schedule) const {
        if (!stage.empty()) schedule.stage(stage);
        space.emit(Choices(space.knobs, own), schedule);
    }
    bool legal(const Candidate& own) const { return space.legal(Choices(space.knobs, own)); }
};

class Builder {
public:
    Builder(const Pipeline& pipeline, const Target& target) : pipeline_(pipeline), target_(target) {}

    std::vector<Part> run() {
        const LoopNest plain = plain_nest(pipeline_, target_);
        std::vector<Part> parts;
        const std::vector<StencilChain> tiled = chains();
        for (const StageNest& stage : plain.stages) {
            if (stage.placement != Placement::root) continue;
            Part part;
            part.stage = stage.stage.name();
            // The last stage of a chain has the directives of all of them.
            if (const StencilChain* chain = chain_with(tiled, part.stage)) {
                part.space = part.stage == chain->stages.back() ? chain->space : serial_space();
                part.emit(part.space.preferred, schedule_);
                parts.push_back(std::move(part));
                continue;
            }
            if (!place(stage.stage, part) && !sort(stage.stage, part)) choose_loops(*stage.stage.definition, part);
            part.emit(part.space.preferred, schedule_);
            parts.push_back(std::move(part));
        }
        return parts;
    }

private:
    bool applies(const Part& part, const Candidate& own) const {
        Schedule trial = schedule_;
        part.emit(own, trial);
        LoopNest nest;
        return !apply(trial, pipeline_, target_, nest);
    }

    static const StencilChain* chain_with(const std::vector<StencilChain>& chains, const std::string& stage) {
        for (const StencilChain& chain : chains)
            if (std::count(chain.stages.begin(), chain.stages.end(), stage)) return &chain;
        return nullptr;
    }

    /// Those whose preferred tiles apply.
    std::vector<StencilChain> chains() const {
        std::vector<StencilChain> chains = stencil_chains(pipeline_, target_);
        std::erase_if(chains, [&](const StencilChain& chain) {
            Part last;
            last.stage = chain.stages.back();
            last.space = chain.space;
            return !applies(last, last.space.preferred);
        });
        return chains;
    }

    /// Inlined, or an epilogue of the stage before.
    bool place(const PipelineStage& stage, Part& part) const {
        part.space = serial_space();
        if (may_inline(pipeline_, stage)) {
            part.space.emit = [](const Choices&, Schedule& schedule) { schedule.compute_inline(); };
            if (applies(part, {})) return true;
        }
        if (may_be_epilogue(pipeline_, stage)) {
            part.space.emit = [](const Choices&, Schedule& schedule) { schedule.fuse_epilogue(); };
            if (applies(part, {})) return true;
        }
        return false;
    }

    /// A scatter whose points threads can share only when they are sorted.
    bool sort(const PipelineStage& stage, Part& part) const {
        if (!sorts_on_host(*stage.definition, target_)) return false;
        part.space = serial_space();
        Schedule sorted;
        if (!scatter_stage(pipeline_, stage, target_, ScatterForm::sorted, sorted)) return false;
        part.space.emit = [sorted](const Choices&, Schedule& schedule) {
            for (const Directive& directive : sorted.directives()) schedule.add(directive.name, directive.arguments);
        };
        return applies(part, {});
    }

    void choose_loops(const Definition& definition, Part& part) const {
        const Classification classes = classify(definition);
        part.family = classes.family;
        part.points = 1;
        for (const VariableFacts& v : facts_of(definition).variables) part.points *= static_cast<double>(v.extent);
        std::vector<StageSpace> spaces;
        if (part.family == Family::contraction)
            spaces.push_back(contraction_space(definition, classes, target_));
        else if (auto space = window_sum_space(definition, target_))
            spaces.push_back(std::move(*space));
        if (part.family == Family::reduction) spaces.push_back(reduction_space(definition, target_));
        spaces.push_back(stencil_space(definition, target_));
        for (StageSpace& space : spaces) {
            part.space = std::move(space);
            if (settle(part)) return;
        }
        part.space = serial_space();
    }

    /// True when the preferred choice applies; else after changing one knob at a time, if that helps.
    bool settle(Part& part) const {
        if (applies(part, part.space.preferred)) return true;
        for (std::size_t knob = 0; knob < part.space.knobs.size(); ++knob)
            for (std::size_t choice = 0; choice < part.space.knobs[knob].choices.size(); ++choice) {
                Candidate candidate = part.space.preferred;
                candidate[knob] = static_cast<int>(choice);
                if (!part.legal(candidate) || !applies(part, candidate)) continue;
                part.space.preferred = candidate;
                return true;
            }
        return false;
    }

    const Pipeline& pipeline_;
    const Target& target_;
    Schedule schedule_;  ///< of the stages settled so far
};

// Parts of a CUDA schedule: those without a choice are parts without knobs.
std::vector<Part> cuda_parts_of(const Pipeline& pipeline, const Target& target) {
    const auto all = std::make_shared<const CudaParts>(cuda_parts(pipeline, target, true));
    std::vector<Part> parts;
    for (std::size_t i = 0; i < all->parts.size(); ++i) {
        const CudaPart& given = all->parts[i];
        Part part;
        part.stage = given.stage;
        part.family = given.family;
        part.points = given.points;
        part.space = forms_space(std::shared_ptr<const CudaPart>(all, &given));
        parts.push_back(std::move(part));
    }
    return parts;
}

Candidate draw_one(const Part& part, std::uint64_t& state) {
    if (part.space.draw) return part.space.draw(state);
    constexpr int most_draws = 1000;
    Candidate candidate;
    for (int draw = 0; draw < most_draws; ++draw) {
        candidate.clear();
        for (const Knob& knob : part.space.knobs)
            candidate.push_back(static_cast<int>(next_random(state) % knob.choices.size()));
        if (part.legal(candidate)) break;
    }
    return candidate;
}

}  // namespace

double TuningSpace::size() const {
    double product = 1;
    for (const Knob& knob : knobs) product *= static_cast<double>(knob.choices.size());
    return product;
}

Candidate TuningSpace::combination(std::uint64_t& random_state) const {
    Candidate candidate;
    for (const Knob& knob : knobs)
        candidate.push_back(static_cast<int>(next_random(random_state) % knob.choices.size()));
    return candidate;
}

Candidate TuningSpace::sample(std::uint64_t& random_state) const {
    constexpr int most_draws = 10000;
    for (int attempt = 0; attempt < most_draws; ++attempt) {
        const Candidate candidate = draw ? draw(random_state) : combination(random_state);
        if (legal(candidate)) return candidate;
    }
    throw UserError(
        fmt::format("none of {} candidates drawn from the {} of the tuning space is legal", most_draws, size()));
}

TuningSpace tuning_space(const Pipeline& pipeline, const Target& target) {
    TuningSpace space;
    const auto parts = std::make_shared<std::vector<Part>>();
    *parts = target.kind == TargetKind::host ? Builder(pipeline, target).run() : cuda_parts_of(pipeline, target);

    const auto tuned =
        std::count_if(parts->begin(), parts->end(), [](const Part& p) { return !p.space.knobs.empty(); });
    Family family = Family::stencil;
    double most = -1;
    for (Part& part : *parts) {
        part.first_knob = space.knobs.size();
        for (const Knob& knob : part.space.knobs)
            space.knobs.push_back({tuned > 1 ? part.stage + " " + knob.name : knob.name, knob.choices});
        space.preferred.insert(space.preferred.end(), part.space.preferred.begin(), part.space.preferred.end());
        if (part.points > most) {
            most = part.points;
            family = part.family;
        }
    }
    space.family = name_of(family);
    space.legal_count = 1;
    for (const Part& part : *parts) space.legal_count *= part.space.count;
    const bool listed =
        std::any_of(parts->begin(), parts->end(), [](const Part& p) { return static_cast<bool>(p.space.draw); });
    // Each part by itself: that all of them are legal at once by chance is rare.
    if (listed || tuned > 1)
        space.draw = [parts](std::uint64_t& state) {
            Candidate all;
            for (const Part& part : *parts) {
                const Candidate own = draw_one(part, state);
                all.insert(all.end(), own.begin(), own.end());
            }
            return all;
        };
    // One of the parts changes; the others are made legal where a mixture of candidates is not.
    if (listed)
        space.neighbour = [parts, tuned](const Candidate& from, std::uint64_t& state) {
            auto changed = static_cast<std::ptrdiff_t>(next_random(state) %
                                                       static_cast<std::uint64_t>(std::max<std::ptrdiff_t>(1, tuned)));
            Candidate all;
            for (const Part& part : *parts) {
                Candidate own = part.choices(from);
                const bool here = !own.empty() && changed-- == 0;
                if ((here || !part.legal(own)) && part.space.neighbour) own = part.space.neighbour(own, state);
                all.insert(all.end(), own.begin(), own.end());
            }
            return all;
        };
    space.legal = [parts](const Candidate& candidate) {
        return std::all_of(parts->begin(), parts->end(), [&](const Part& p) { return p.legal(p.choices(candidate)); });
    };
    space.schedule = [parts](const Candidate& candidate) {
        Schedule schedule;
        for (const Part& part : *parts) part.emit(part.choices(candidate), schedule);
        return schedule;
    };
    return space;
}

}  // namespace heddle
