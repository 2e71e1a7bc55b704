// tests/support/cuda_emulator/knowledge.h -- which accesses happen before which: vector clocks.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace heddle::test {

/// For each thread of a cluster, and then for each agent (an mbarrier whose copies write memory by themselves), up to
/// which time its accesses are known. Times start at 1; empty: nothing is known.
using Times = std::vector<std::uint32_t>;

inline void join(Times& into, const Times& from) {
    if (into.size() < from.size()) into.resize(from.size());
    for (std::size_t i = 0; i < from.size(); ++i) into[i] = std::max(into[i], from[i]);
}

inline void learn(Times& into, int who, std::uint32_t time) {
    if (into.size() <= static_cast<std::size_t>(who)) into.resize(static_cast<std::size_t>(who) + 1);
    into[static_cast<std::size_t>(who)] = std::max(into[static_cast<std::size_t>(who)], time);
}

inline bool knows(const Times& times, int who, std::uint32_t time) {
    return static_cast<std::size_t>(who) < times.size() && times[static_cast<std::size_t>(who)] >= time;
}

}  // namespace heddle::test
