// tools/access_report.h -- each read of a pipeline: its range in every dimension, boundary, strides and reuse.
#pragma once

#include <string>

#include "dsl/pipeline.h"

namespace heddle::tools {

/// A table for each read. Strides are in elements of a row-major tensor, one for each variable that moves the address;
/// reuse is how often an element is read.
std::string access_report(const Pipeline& pipeline);

}  // namespace heddle::tools
