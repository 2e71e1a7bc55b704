// tests/support/cuda_emulator/warpgroup_operand.cpp -- the canonical layouts of wgmma's operands.
#include "tests/support/cuda_emulator/warpgroup_operand.h"

namespace heddle::test {

MatrixDescriptor::MatrixDescriptor(std::uint64_t bits)
    : start(static_cast<std::int64_t>(bits & 0x3fff) << 4),
      leading(static_cast<std::int64_t>(bits >> 16 & 0x3fff) << 4),
      stride(static_cast<std::int64_t>(bits >> 32 & 0x3fff) << 4),
      base_offset(static_cast<int>(bits >> 49 & 7)),
      rest(bits & 0x3ff0c000c000c000) {
    const int code = static_cast<int>(bits >> 62);
    swizzle = code == 0 ? 0 : 256 >> code;
}

// Eight rows, each as long as the swizzle (16 bytes without one), make a unit of the layout.
std::int64_t MatrixDescriptor::unswizzled(int row, int k, int element_bytes, bool transposed) const {
    if (!transposed) {
        const std::int64_t byte = std::int64_t{k} * element_bytes;
        if (swizzle == 0) return start + row / 8 * stride + row % 8 * 16 + byte / 16 * leading + byte % 16;
        return start + row / 8 * stride + std::int64_t{row % 8} * swizzle + byte;
    }
    if (swizzle == 0) return start + row / 8 * stride + k / 8 * leading + k % 8 * 16 + row % 8 * element_bytes;
    const int run = swizzle / element_bytes;
    return start + row / run * leading + k / 8 * stride + std::int64_t{k % 8} * swizzle + row % run * element_bytes;
}

}  // namespace heddle::test
