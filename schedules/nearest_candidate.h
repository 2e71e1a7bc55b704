// schedules/nearest_candidate.h -- where in a tuning space a schedule lies that came from elsewhere.
#pragma once

#include "schedules/tuning_space.h"

namespace heddle {

struct NearestCandidate {
    Candidate candidate;
    int different = 0;  ///< directives that one schedule has and the other has not; 0: it makes this very schedule
};
/// The legal candidate whose schedule shares most directives with `wanted`, as descent by single knobs from the
/// preferred one and from some drawn at random finds it.
NearestCandidate nearest_candidate(const TuningSpace& space, const Schedule& wanted);

}  // namespace heddle
