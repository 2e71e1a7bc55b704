// tests/support/cuda_emulator/tensor_box.h -- the elements that a copy by a tensor map moves.
#pragma once

#include <cstdint>
#include <functional>

#include "runtime/tensor_map.h"

namespace heddle::test {

struct EmulatedTensorMap {
    TensorMapRecipe recipe;
    std::uintptr_t base = 0;  ///< of the first element
};

/// A map for an emulated kernel. Holds for the life of the process.
TensorMap make_emulated_tensor_map(const TensorMapRecipe& recipe, const void* base);
/// Null: not made by make_emulated_tensor_map.
const EmulatedTensorMap* emulated_tensor_map(const void* map);

/// One run of the innermost dimension.
struct BoxRow {
    bool outside = false;     ///< all of it
    std::int64_t first = 0;   ///< coordinate of its first element in the innermost dimension
    std::int64_t extent = 0;  ///< of that dimension
    std::int64_t elements = 0;
    std::int64_t byte_offset = 0;  ///< of its first element from the base; counts only inside

    bool inside(std::int64_t i) const { return !outside && first + i >= 0 && first + i < extent; }
};

/// The rows of a box, as they follow one another in shared memory. `offsets` of im2col mode, null: tile mode.
void for_each_row(const TensorMapRecipe& recipe, const int* coordinates, const unsigned short* offsets,
                  const std::function<void(const BoxRow&)>& body);

/// What a swizzle flips of an address in shared memory: bits 4 to 6, by bits 7 to 9.
inline std::uintptr_t swizzle_of(std::uintptr_t address, int swizzle_bytes) {
    const std::uintptr_t mask = swizzle_bytes == 128 ? 7 : swizzle_bytes == 64 ? 3 : swizzle_bytes == 32 ? 1 : 0;
    return (address >> 7 & mask) << 4;
}

}  // namespace heddle::test
