// tests/support/equivalent.h -- do two pipelines mean the same, whatever their names?
#pragma once

#include "dsl/pipeline.h"

namespace heddle::test {

/// Equal canonical texts: the same definitions, types, sizes and boundaries.
bool equivalent(const Pipeline& a, const Pipeline& b);

}  // namespace heddle::test
