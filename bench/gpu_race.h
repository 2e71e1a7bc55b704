// bench/gpu_race.h -- one case on the device: Heddle beside its peers on the same data, each result checked.
#pragma once

#include <string>
#include <vector>

#include "bench/gpu_case.h"
#include "bench/gpu_results.h"
#include "bench/gpu_stage.h"

namespace heddle::bench {

struct GpuRaceOptions {
    std::vector<ActivationLayout> layouts{ActivationLayout::nchw, ActivationLayout::nhwc};
    std::vector<std::string> schedules;  ///< texts: each is one more contestant
    bool tuned = true;                   ///< the best record of the tuning database too, where there is one
    GpuRoundOptions rounds;
};

/// A contestant that cannot take part (a schedule that is refused, a case that a peer has no kernel for) is left out
/// with the reason. Each result is compared with the first one, whole, and with the definition's own meaning
/// (evaluate_at) at some elements; NaN stands in the outputs before.
/// `product_rate`: operations a second that a product can reach, 0 where that is not known.
GpuCaseResult run_race(GpuStage& stage, const GpuCase& given, const GpuRaceOptions& options, double product_rate);

}  // namespace heddle::bench
