// runtime/hash.h -- a 128-bit hash of bytes: fast, the same on every machine, no defence against an adversary.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace heddle {

/// MurmurHash3 x64 128 (Austin Appleby, public domain), its two words in order.
std::array<std::uint64_t, 2> hash_bytes(std::span<const std::byte> bytes, std::uint32_t seed = 0);

}  // namespace heddle
