// tests/support/cuda_emulator/never_ending.h -- notices that compiled code runs for too long.
#pragma once

#include <cstdint>
#include <functional>

namespace heddle::test {

/// After so many seconds of processor time, `stop` is called, with the address, where code in a range of addresses is
/// interrupted: it must not return.
class NeverEnding {
public:
    NeverEnding(double seconds, std::uintptr_t code, std::uintptr_t bytes, std::function<void(const void* code)> stop);
    ~NeverEnding();
    NeverEnding(const NeverEnding&) = delete;
    NeverEnding& operator=(const NeverEnding&) = delete;
};

}  // namespace heddle::test
