// schedules/stage_space.h -- what can be chosen for one stage with a nest of its own; a file a family.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schedules/definition_facts.h"
#include "schedules/tuning_space.h"

namespace heddle {

/// The choices of a candidate by the names of their knobs.
class Choices {
public:
    Choices(const std::vector<Knob>& knobs, const Candidate& candidate) : knobs_(knobs), candidate_(candidate) {}
    /// The text chosen; `otherwise` where there is no such knob.
    std::string text(std::string_view knob, std::string_view otherwise = "") const;
    int number(std::string_view knob, int otherwise) const;
    bool is(std::string_view knob, std::string_view choice) const { return text(knob) == choice; }

private:
    const std::vector<Knob>& knobs_;
    const Candidate& candidate_;
};

struct StageSpace {
    std::vector<Knob> knobs;
    Candidate preferred;
    std::function<bool(const Choices&)> legal;
    std::function<void(const Choices&, Schedule&)> emit;  ///< appends directives to the stage that is addressed
    std::function<Candidate(std::uint64_t&)> draw;        ///< a legal one; none: by rejection
    /// A legal one with another choice of a knob, and as many of the other choices as go with it; none: any change of a
    /// knob that is legal.
    std::function<Candidate(const Candidate&, std::uint64_t&)> neighbour;
    double count = 0;  ///< of legal ones, where they are counted

    /// Adds a knob unless it has no choices; `choice` is the preferred one, the first when it is absent.
    void add(std::string name, std::vector<std::string> choices, const std::string& choice);
};

/// Nothing to choose and no directive: every loop stays serial.
StageSpace serial_space();
StageSpace contraction_space(const Definition& definition, const Classification& classes, const Target& target);
StageSpace stencil_space(const Definition& definition, const Target& target);
/// Nothing where the definition is no long sum to the elements of a window.
std::optional<StageSpace> window_sum_space(const Definition& definition, const Target& target);
StageSpace reduction_space(const Definition& definition, const Target& target);

}  // namespace heddle
