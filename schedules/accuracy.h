// schedules/accuracy.h -- how far results of a scheduled pipeline may lie from exact ones.
#pragma once

#include "schedules/loop_nest.h"

namespace heddle {

/// Largest relative L2 error of a correct result of the class, against exact arithmetic on the same inputs: f64 1e-12,
/// f32 1e-5, tf32 1e-3, f16 and bf16 1e-2, i32 0.
double tolerance_of(AccuracyClass accuracy);
/// The class of a type: of integers i32.
AccuracyClass accuracy_of(ScalarType type);
/// The loosest class of all float tensors of the pipeline, inputs as well.
AccuracyClass accuracy_of(const Pipeline& pipeline);
/// The same, and of the atoms that multiply in its stages: operands split in pieces make the class that is asked for.
AccuracyClass accuracy_of(const LoopNest& nest);

}  // namespace heddle
