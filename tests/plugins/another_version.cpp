// tests/plugins/another_version.cpp -- what a plugin built with another version looks like.
#include <cstddef>

namespace {
struct Description {
    const char* version;
    std::size_t row_bytes;
    const void* library;
    void* operators;
};
const Description description{"9.9.9", 1, nullptr, nullptr};
}  // namespace

extern "C" const Description* heddle_plugin() { return &description; }
