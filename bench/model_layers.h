// bench/model_layers.h -- the layers on which the cost model is held against measured times.
#pragma once

#include <string>
#include <vector>

#include "schedules/target.h"
#include "tools/problem.h"

namespace heddle::bench {

struct ModelLayer {
    std::string name;
    TargetKind target;
    std::string words;     ///< as the command takes them
    std::string gradient;  ///< by this input; empty: forward
};
const std::vector<ModelLayer>& model_layers();
tools::Problem problem_of(const ModelLayer& layer);

}  // namespace heddle::bench
