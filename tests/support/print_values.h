// tests/support/print_values.h -- how GoogleTest prints our enumerations: by their names.
#pragma once

#include <ostream>

#include "dsl/boundary.h"
#include "runtime/type.h"

namespace heddle {

inline void PrintTo(ScalarType type, std::ostream* out) { *out << name_of(type); }
inline void PrintTo(BoundaryMode mode, std::ostream* out) { *out << name_of(mode); }

}  // namespace heddle
