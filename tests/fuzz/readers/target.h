// tests/fuzz/readers/target.h -- what a fuzzing program calls with bytes that anybody could have written.
//
// Each .cpp file beside this one reads them as one of the things that Heddle reads from outside. Reading may throw
// UserError; anything else that leaves it, and a value that does not survive being written and read again, is a fault.
// Built by clang with -DHEDDLE_SANITIZE=fuzzer-no-link,address the programs are libFuzzer's and look for bytes that
// reach new code; built otherwise they go through the corpus and random changes of it (without_libfuzzer.cpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "runtime/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace heddle::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

/// Ends the process where something that should hold does not.
inline void expect(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "does not hold: %s\n", what);
    std::abort();
}

/// Runs `reading`, which may refuse what it reads.
template <class F>
int read_or_refuse(const F& reading) {
    try {
        reading();
    } catch (const UserError& error) {
        expect(!error.message().empty(), "a refusal says why");
    }
    return 0;
}

}  // namespace heddle::fuzz
