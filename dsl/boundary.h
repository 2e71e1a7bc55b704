// dsl/boundary.h -- what a read outside of a tensor means.
#pragma once

#include <cstdint>
#include <string_view>

namespace heddle {

/// A read at index i of a dimension of extent N, for i outside [0, N):
///   none       must not happen: proved when the definition is made, a UserError otherwise
///   zero       gives 0; as a factor of a `+=` product the point contributes nothing, whatever the other factors are
///   constant   gives the value
///   replicate  reads min(max(i, 0), N-1)
///   reflect    mirrors without repeating the edge, as PyTorch's: -i, 2(N-1)-i; legal for i in [-(N-1), 2(N-1)]
///   symmetric  mirrors with the edge repeated: -1-i, 2N-1-i; legal for i in [-N, 2N-1]
///   circular   reads i mod N; legal for i in [-N, 2N-1]
///   skip       the point takes no part in the update
enum class BoundaryMode : std::uint8_t { none, zero, constant, replicate, reflect, symmetric, circular, skip };

struct Boundary {
    BoundaryMode mode = BoundaryMode::none;
    double value = 0;  ///< of `constant`
    bool operator==(const Boundary&) const = default;
};

/// "zero", "reflect", ...; as written in a definition.
std::string_view name_of(BoundaryMode mode);

}  // namespace heddle
