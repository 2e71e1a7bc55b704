// tests/support/nothing_shipped.cpp -- test programs and what they start know nothing that was tuned elsewhere
#include <cstdlib>

namespace {

[[maybe_unused]] const int set_before_main = setenv("HEDDLE_SHARE", "", 0);

}  // namespace
