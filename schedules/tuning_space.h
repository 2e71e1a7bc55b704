// schedules/tuning_space.h -- what can be chosen for a pipeline on a target: knobs, and the schedule of each choice.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "schedules/schedule.h"

namespace heddle {

/// One thing that can be chosen: a name and the texts of its choices.
struct Knob {
    std::string name;                  ///< "register tile", "order", ...
    std::vector<std::string> choices;  ///< "14x2", ...
};
/// One choice for each knob, by position.
using Candidate = std::vector<int>;

/// Derived from the definitions and the target alone. Constraints (registers, divisibility) are solved before sampling:
/// `legal` is cheap and decides without building a nest.
struct TuningSpace {
    std::string family;  ///< "contraction", "stencil", "reduction"
    std::vector<Knob> knobs;
    std::function<bool(const Candidate&)> legal;
    std::function<Schedule(const Candidate&)> schedule;

    /// A legal candidate drawn uniformly, where choices depend on each other much; none: by rejection.
    std::function<Candidate(std::uint64_t& random_state)> draw;
    /// A legal candidate near another (itself legal or not): another choice of a knob, and as many of the other choices
    /// as go with it. None: single knobs can be changed, most changes are legal.
    std::function<Candidate(const Candidate&, std::uint64_t& random_state)> neighbour;
    /// Number of legal candidates where they are counted; 0: they are not.
    double legal_count = 0;

    /// Number of combinations, legal or not.
    double size() const;
    /// Any combination, legal or not, drawn uniformly.
    Candidate combination(std::uint64_t& random_state) const;
    /// A legal candidate drawn uniformly; throws UserError when 10000 draws find none.
    Candidate sample(std::uint64_t& random_state) const;
    /// What default_schedule uses.
    Candidate preferred;
};
TuningSpace tuning_space(const Pipeline& pipeline, const Target& target);

/// How a definition falls into one of the families, from where its variables occur.
enum class Family : std::uint8_t { contraction, stencil, reduction };
std::string_view name_of(Family family);
/// Variables of a product-sum by where they occur: M in the left operand and the output, N in the right operand and the
/// output, K in both operands and reduced, batch in all three. `stencil` and `reduction` leave these empty.
struct Classification {
    Family family = Family::stencil;
    AnyTensor a, b;  ///< operands of the product: a carries M, b carries N
    std::vector<Symbol> m, n, k, batch;
};
Classification classify(const Definition& definition);

}  // namespace heddle
