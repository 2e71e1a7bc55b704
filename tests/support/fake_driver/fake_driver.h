// tests/support/fake_driver/fake_driver.h -- a CUDA driver that runs nothing: it keeps what it is asked, and can
// refuse.
//
// Its library has the name of the real one, so that a program linked with it opens it instead. Memory of the "device"
// is the host's; launches are kept with their arguments; a stream that is captured refuses what the real one refuses.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace heddle::test {

struct FakeLaunch {
    std::string kernel;
    std::array<unsigned, 3> grid{}, block{}, cluster{1, 1, 1};
    unsigned shared_bytes = 0;
    bool dependent = false;
    const void* stream = nullptr;
    std::vector<std::vector<std::byte>> arguments;  ///< of kernels that parameter_bytes names
    /// An argument's value.
    template <class T>
    T argument(std::size_t place) const;
};

/// What the driver is, and what was asked of it. Set what it is before anything else opens it.
struct FakeDriver {
    int version = 13000, devices = 1, compute_capability = 90, shared_bytes_opt_in = 232448;
    int init_result = 0;
    std::size_t free_bytes = std::size_t{1} << 30;
    int max_threads = 1024, registers = 32;                           ///< of every kernel
    std::map<std::string, std::vector<std::size_t>> parameter_bytes;  ///< of kernels, for FakeLaunch::arguments
    /// What the next calls give: launches, waits and copies. Nonzero stays, as after a fault.
    int launch_result = 0, later_result = 0;

    std::vector<FakeLaunch> launches;
    int allocations = 0, waits = 0, modules = 0, encoded_maps = 0, captures = 0, updates = 0, instantiations = 0;
};
FakeDriver& fake_driver();

template <class T>
T FakeLaunch::argument(std::size_t place) const {
    T value{};
    const std::vector<std::byte>& bytes = arguments.at(place);
    if (bytes.size() == sizeof(T)) __builtin_memcpy(static_cast<void*>(&value), bytes.data(), sizeof(T));
    return value;
}

}  // namespace heddle::test
