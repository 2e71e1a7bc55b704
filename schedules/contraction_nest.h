// schedules/contraction_nest.h -- the directives of one choice of a contraction.
#pragma once

#include <string>
#include <vector>

#include "schedules/contraction_plan.h"

namespace heddle {

/// Reduced variables, outermost first: "by address" (descending stride in the image), "channels outside", "taps
/// outside".
std::vector<Symbol> reductions(const Contraction& contraction, const std::string& order);
/// Distance in elements that a step moves the image's address; of dynamic shapes, a guess.
std::int64_t image_stride(const Contraction& contraction, const Symbol& symbol);
/// Knobs: lanes, register tile, order, parallel, reductions, taps, unroll, partition, pack, pack image, accumulate,
/// streaming stores.
void write_contraction(const Contraction& contraction, const Choices& choice, Schedule& schedule);

}  // namespace heddle
