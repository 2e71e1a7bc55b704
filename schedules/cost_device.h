// schedules/cost_device.h -- rates of CUDA devices, as the model of their time takes them.
#pragma once

#include <cstdint>

#include "runtime/cuda_limits.h"

namespace heddle {

/// Rates of one multiprocessor are a cycle, those of the device a second. Of an H200 they are measured; of others they
/// are in proportion to what their makers state.
struct DeviceRates {
    int multiprocessors = 132;
    double cycles_a_second = 1.70e9;
    double memory_bytes_a_second = 4.2e12;
    double arriving_bytes = 57;  ///< from the second-level cache
    double shared_bytes = 128;
    double multiply_adds = 128;    ///< of f32, by threads
    double products = 1024;        ///< of 16-bit operands, mma.sync
    double group_products = 2048;  ///< the same, wgmma
    double double_products = 128;  ///< of f64
    std::int64_t cache_bytes = 50 << 20;
    std::int64_t shared_of_all = 233472;  ///< for the blocks of a multiprocessor together
    double launch_seconds = 2.5e-6, next_launch_seconds = 1.2e-6;
    double latency = 650;  ///< cycles from a load to its value
};

inline DeviceRates device_rates(int compute_capability) {
    DeviceRates rates;
    rates.multiprocessors = multiprocessors_of(compute_capability);
    if (compute_capability >= 90) return rates;
    rates.cycles_a_second = 1.35e9;
    rates.memory_bytes_a_second = 1.6e12;
    rates.arriving_bytes = 40;
    rates.multiply_adds = 64;
    rates.products = 900;
    rates.group_products = 0;
    rates.double_products = 64;
    rates.cache_bytes = 40 << 20;
    rates.shared_of_all = most_shared_bytes(compute_capability) + 1024;
    return rates;
}

}  // namespace heddle
