// schedules/renamed_schedule.h -- a recorded schedule for the same pipeline with other names.
#pragma once

#include <string>

#include "schedules/schedule.h"

namespace heddle {

/// The key of a record has no names, but its schedule names loops and tensors. `written` is the pipeline that it was
/// recorded for and `here` another one as text (print), alike but for names and sizes: what stands at a place of the
/// one is called what stands there in the other. A loop that the schedule makes by fuse() gets another name where
/// `here` has a variable of that name. Texts that differ otherwise change nothing.
///     with_names_of("x: f32[8]\ny[i] = x[i]\n", "a: f32[8]\nb[n] = a[n]\n", y: parallel(i))   // b: parallel(n)
Schedule with_names_of(const std::string& written, const std::string& here, const Schedule& schedule);

}  // namespace heddle
