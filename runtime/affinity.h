// runtime/affinity.h -- which CPUs the process may use, and pinning a thread to one.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heddle {

/// The CPUs in the process's affinity mask, one thread of each physical core before the second threads; never empty.
std::vector<int> allowed_cpus();
/// Binds the calling thread to one CPU; false where the system refuses.
bool pin_this_thread(int cpu);

/// CPUs' worth of time that the process's cgroups allow, the smallest over the hierarchy; nothing without a limit.
/// `root` stands before /proc and /sys, for tests.
std::optional<double> cgroup_cpu_quota(const std::string& root = "");

}  // namespace heddle
