// schedules/cuda_form.h -- one way to write the directives of a stage for a CUDA device, by what was chosen for it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "schedules/schedule.h"

namespace heddle {

/// A family gives all of its forms whose threads, registers, shared memory and divisions fit, in the order in which
/// they are preferred: the untuned schedule takes the first that the checks of a nest accept, of those `by_default`;
/// the tuning space offers them all. What a form is written from (a stage of a nest) must outlive it.
struct CudaForm {
    std::vector<std::pair<std::string, std::string>> choices;  ///< knob and choice: {"vector", "4"}
    std::function<void(Schedule&)> write;                      ///< appends the directives, the stage's name first
    bool by_default = false;
    double cycles = 0;  ///< expected, of products on warpgroups; 0: not known
};
using CudaForms = std::vector<CudaForm>;

}  // namespace heddle
