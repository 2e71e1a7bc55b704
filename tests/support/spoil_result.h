// tests/support/spoil_result.h -- a wrong compiler, on demand: to see that tests notice one.
#pragma once

#include "dsl/pipeline.h"
#include "runtime/buffer.h"

namespace heddle::test {

/// Adds 1 to the last element of what a pipeline's code computed, where the pipeline's text has the value of the
/// environment variable HEDDLE_PLANTED_FAULT in it; nothing where that is not set.
void spoil_result(const Pipeline& pipeline, const Buffer& output);

}  // namespace heddle::test
