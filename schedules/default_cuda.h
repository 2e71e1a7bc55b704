// schedules/default_cuda.h -- what the stages of a pipeline can be on a CUDA device, and what they are untuned.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "schedules/cuda_form.h"
#include "schedules/loop_nest.h"
#include "schedules/schedule.h"
#include "schedules/target.h"
#include "schedules/tuning_space.h"

namespace heddle {

/// A part of a schedule: directives that are settled, or forms of a stage (with the stages that are computed in it),
/// one of which the untuned schedule has.
struct CudaPart {
    Schedule settled;  ///< where there are no forms
    std::string stage;
    Family family = Family::stencil;
    double points = 0;
    CudaForms forms;
    std::size_t preferred = 0;
};
/// In the order of the directives. Forms refer to the nest and the pipeline.
struct CudaParts {
    Pipeline pipeline;
    std::shared_ptr<const LoopNest> plain;
    std::vector<CudaPart> parts;
};
/// By family and facts of each definition (schedules/default_cuda_family.h), each tried against the checks of a nest;
/// what none fits has one thread an output element. With `all`, each stage has all forms that fit, those of families
/// that are less preferred after the others; else those that it was chosen from.
CudaParts cuda_parts(const Pipeline& pipeline, const Target& target, bool all);

/// Legal for any pipeline and any sizes. A scatter spreads only the variables that stand bare on its left; what is left
/// of it runs in order within a thread, so that no two threads write one element.
Schedule default_cuda_schedule(const Pipeline& pipeline, const Target& target);

}  // namespace heddle
