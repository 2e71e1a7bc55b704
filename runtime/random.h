// runtime/random.h -- a small generator of pseudo-random numbers: the same numbers everywhere for the same seed.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle {

/// A number, and the next state: splitmix64 (Steele, Lea and Flood, 2014).
inline std::uint64_t next_random(std::uint64_t& state) {
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}
    std::uint64_t next() { return next_random(state_); }
    /// Uniform in [0, count); count is at least 1.
    std::size_t below(std::size_t count) { return static_cast<std::size_t>(next() % count); }
    /// Uniform in [0, 1).
    double unit() { return static_cast<double>(next() >> 11) * 0x1p-53; }
    /// What functions that keep such a state of their own take.
    std::uint64_t& state() { return state_; }

private:
    std::uint64_t state_;
};

}  // namespace heddle
