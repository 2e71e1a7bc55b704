// tests/support/cuda_emulator/warpgroup_operand.h -- where the elements of a tile lie that a wgmma descriptor names.
#pragma once

#include <cstdint>

namespace heddle::test {

/// A matrix descriptor, decoded; all in bytes.
struct MatrixDescriptor {
    std::int64_t start = 0;  ///< in the block's shared memory
    std::int64_t leading = 0, stride = 0;
    int swizzle = 0;  ///< 0, 32, 64, 128
    int base_offset = 0;
    std::uint64_t rest = 0;  ///< bits that have no meaning

    explicit MatrixDescriptor(std::uint64_t bits);

    /// The address of element (row, k), before the swizzle: row counts along m or n. `element_bytes`: 2 or 4.
    /// K-major: k is contiguous; else (`transposed`) row is.
    std::int64_t unswizzled(int row, int k, int element_bytes, bool transposed) const;
};

}  // namespace heddle::test
