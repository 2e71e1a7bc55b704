// tests/plugins/crashes.cpp -- a library that does not survive being loaded.
#include <cstdlib>

namespace {
const int crashed = (std::abort(), 0);
}  // namespace

extern "C" int heddle_plugin_crashed() { return crashed; }
