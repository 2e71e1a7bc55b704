// codegen/provenance.h -- what a measurement depends on besides its key: versions and the machine.
#pragma once

#include <string>

#include "schedules/target.h"

namespace heddle {

/// "codegen 4, LLVM 19.1.7, AMD EPYC 9R14", or "codegen 4, NVRTC 13.0, driver 13.0, NVIDIA H200"; parts that this
/// machine does not have are left out. A record with another provenance is stale.
std::string provenance(const Target& target);

}  // namespace heddle
