// tools/demo_cuda.h -- the demo's part on CUDA: emitted source, what its code takes of devices, a run where there is
// one.
#pragma once

#include "tools/problem.h"

namespace heddle::tools {

/// Prints the CUDA C++ of the default schedule and, where there is NVRTC, what its machine code takes of sm_80 and
/// sm_90, for which no device is needed. Where there is a device, runs there and compares with the host. What is
/// missing is said in a line. False: a wrong result.
bool show_cuda(const Problem& problem);

}  // namespace heddle::tools
