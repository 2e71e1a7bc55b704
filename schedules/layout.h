// schedules/layout.h -- where the elements of a tile lie: shape and stride modes plus an xor on address bits.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace heddle {

/// An xor swizzle on byte addresses: bits [base, base + bits) ^= bits [base + shift, base + shift + bits).
/// 128-byte swizzle of 16-byte units: {3, 4, 3}. No swizzle: bits 0.
struct Swizzle {
    int bits = 0, base = 4, shift = 3;
    bool operator==(const Swizzle&) const = default;
    std::int64_t apply(std::int64_t byte_address) const;
};

/// Offset of index i: sum(i[d] * strides[d]) elements, then the swizzle. A last dimension in blocks counts as
/// (i / block) * block_stride + i % block.
struct Layout {
    std::vector<std::int64_t> shape, strides;
    Swizzle swizzle;
    std::int64_t block = 0, block_stride = 0;  ///< of the last dimension; 0: not in blocks
    bool operator==(const Layout&) const = default;

    /// Row-major; `pad` extra elements after each row of the last dimension.
    static Layout row_major(std::vector<std::int64_t> shape, std::int64_t pad = 0);
    /// Elements before the one at these indices, the swizzle left aside.
    std::int64_t offset(const std::vector<std::int64_t>& indices) const;
    /// Elements from the first to the last, gaps included.
    std::int64_t span() const;
    std::int64_t bytes(int element_bytes) const { return span() * element_bytes; }
    /// "[128,64]:[64,1]", with " xor 3,4,3" where swizzled.
    std::string text() const;
};

}  // namespace heddle
