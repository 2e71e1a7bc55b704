// schedules/space_forms.h -- the space of a stage whose forms are listed: knobs from what they differ in.
#pragma once

#include <memory>

#include "schedules/default_cuda.h"
#include "schedules/stage_space.h"

namespace heddle {

/// A candidate is legal when a form has all of its choices. A knob that a form does not have is "-" there; one that is
/// the same in all forms is left out.
StageSpace forms_space(const std::shared_ptr<const CudaPart>& part);

}  // namespace heddle
