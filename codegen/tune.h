// codegen/tune.h -- tuning from a program: a search whose candidates are measured in processes of their own.
#pragma once

#include "codegen/tuning/measure.h"
#include "schedules/tuner.h"

namespace heddle {

/// Searches for a fast schedule of a pipeline on this machine, on these inputs, and records every trial in `database`.
/// Of `options`, batch, versions and predict are filled in here where they are not given: the analytical cost model
/// predicts. Throws UserError for what cannot be tuned: nothing to choose, no heddle command to measure with.
///     Database database(Database::standard_path());
///     tune(gather_pipeline(Pipeline::of({y})), Target::host(), {{"x", x_buffer}, {"w", w_buffer}}, {}, {}, &database);
TuningResult tune(const Pipeline& pipeline, const Target& target, const NamedBuffers& inputs,
                  const TuningOptions& options = {}, const WorkerOptions& workers = {}, Database* database = nullptr);

/// What that search sees: `options` with everything filled in.
TuningOptions complete_options(const Pipeline& pipeline, const Target& target, const TuningOptions& options,
                               const WorkerOptions& workers, const Database* database);

}  // namespace heddle
