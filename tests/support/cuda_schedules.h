// tests/support/cuda_schedules.h -- definitions with schedules for CUDA devices, for sweeps.
#pragma once

#include <ostream>
#include <string>
#include <vector>

namespace heddle::test {

struct ScheduledText {
    std::string name, text, schedule;
    double tolerance = 0;  ///< of floats, on whole random inputs
};
inline void PrintTo(const ScheduledText& subject, std::ostream* out) { *out << subject.name; }

/// Reductions across threads and blocks, in registers, shuffles, shared memory and two launches; loops bound to them.
const std::vector<ScheduledText>& reduction_schedules();
/// Tiles in shared memory, cp.async, mma.sync: from sm_80 on.
const std::vector<ScheduledText>& tile_schedules();
/// wgmma, the tensor memory accelerator, roles: sm_90a.
const std::vector<ScheduledText>& warpgroup_schedules();
/// Reductions across clusters of blocks: from sm_90 on.
const std::vector<ScheduledText>& cluster_schedules();
/// Tiles that are spans of memory, copied in bulk: from sm_90 on.
const std::vector<ScheduledText>& span_schedules();

/// Stencils and reductions of many sizes, for their default schedules; `schedule` is empty.
const std::vector<ScheduledText>& default_schedule_sizes();

}  // namespace heddle::test
