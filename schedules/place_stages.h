// schedules/place_stages.h -- which stages are better computed inside of others than in a nest of their own.
#pragma once

#include "dsl/pipeline.h"

namespace heddle {

/// An intermediate of one elementwise `=` that its readers read at bare variables, as often as it has elements.
bool may_inline(const Pipeline& pipeline, const PipelineStage& stage);
/// An elementwise `=` over the very elements of an earlier reduction that nothing else reads.
bool may_be_epilogue(const Pipeline& pipeline, const PipelineStage& stage);

}  // namespace heddle
