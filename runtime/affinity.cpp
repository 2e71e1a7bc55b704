// runtime/affinity.cpp -- affinity mask, core topology and cgroup quota, as Linux shows them.
#include "runtime/affinity.h"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

namespace heddle {
namespace {

/// Position of a CPU among the hardware threads of its core: 0 for the first. The kernel's list reads "0,64" or "0-1".
int rank_in_core(int cpu) {
    std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu{}/topology/thread_siblings_list", cpu));
    int rank = 0, first = 0;
    while (file >> first) {
        int last = first;
        if (file.peek() == '-') {
            file.get();
            file >> last;
        }
        for (int sibling = first; sibling <= last; ++sibling) rank += sibling < cpu ? 1 : 0;
        if (file.get() != ',') break;
    }
    return rank;
}

/// Quota over period of one group: cpu.max of version 2 ("max 100000"), or the two files of version 1.
std::optional<double> quota_of_group(const std::string& folder, bool version_2) {
    double quota = 0, period = 0;
    if (version_2) {
        std::ifstream(folder + "/cpu.max") >> quota >> period;  // "max" is no number and leaves 0
    } else {
        std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;  // -1: no limit
        std::ifstream(folder + "/cpu.cfs_period_us") >> period;
    }
    if (quota <= 0 || period <= 0) return std::nullopt;
    return quota / period;
}

bool lists_cpu(const std::string& controllers) {
    std::istringstream names(controllers);
    for (std::string name; std::getline(names, name, ',');)
        if (name == "cpu") return true;
    return false;
}

}  // namespace

std::vector<int> allowed_cpus() {
    // The mask of the main thread: a pool's own threads are pinned and would see one CPU. The set grows until it holds
    // the kernel's.
    std::vector<int> cpus;
    for (int size = 1024; size <= 1 << 20; size *= 4) {
        cpu_set_t* set = CPU_ALLOC(size);
        if (set == nullptr) break;
        const std::size_t bytes = CPU_ALLOC_SIZE(size);
        const bool fits = sched_getaffinity(getpid(), bytes, set) == 0;
        for (int cpu = 0; fits && cpu < size; ++cpu)
            if (CPU_ISSET_S(static_cast<unsigned>(cpu), bytes, set)) cpus.push_back(cpu);
        CPU_FREE(set);
        if (fits) break;
    }
    if (cpus.empty()) cpus.push_back(0);
    std::vector<std::pair<int, int>> ordered;
    for (int cpu : cpus) ordered.emplace_back(rank_in_core(cpu), cpu);
    std::sort(ordered.begin(), ordered.end());
    std::transform(ordered.begin(), ordered.end(), cpus.begin(), [](const auto& entry) { return entry.second; });
    return cpus;
}

bool pin_this_thread(int cpu) {
    const std::size_t bytes = CPU_ALLOC_SIZE(cpu + 1);
    cpu_set_t* set = CPU_ALLOC(cpu + 1);
    if (set == nullptr) return false;
    CPU_ZERO_S(bytes, set);
    CPU_SET_S(static_cast<unsigned>(cpu), bytes, set);
    const bool pinned = pthread_setaffinity_np(pthread_self(), bytes, set) == 0;
    CPU_FREE(set);
    return pinned;
}

std::optional<double> cgroup_cpu_quota(const std::string& root) {
    std::optional<double> smallest;
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {  // "<hierarchy>:<controllers>:<path>"
        const std::size_t first = line.find(':');
        const std::size_t second = first == std::string::npos ? first : line.find(':', first + 1);
        if (second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const bool version_2 = controllers.empty();
        if (!version_2 && !lists_cpu(controllers)) continue;
        std::string path = line.substr(second + 1);
        // From the group up to the root. In a container the path may be the host's, and then only the root is there.
        while (true) {
            if (path == "/") path.clear();
            std::vector<std::string> mounts = {root + "/sys/fs/cgroup"};
            if (!version_2) mounts = {mounts[0] + "/cpu", mounts[0] + "/cpu,cpuacct"};
            for (const std::string& mount : mounts)
                if (const auto quota = quota_of_group(mount + path, version_2))
                    smallest = std::min(smallest.value_or(*quota), *quota);
            if (path.empty()) break;
            path.resize(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
        }
    }
    return smallest;
}

}  // namespace heddle
