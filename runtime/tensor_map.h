// runtime/tensor_map.h -- descriptors of tensors in device memory for the copy engine of sm_90 (TMA).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "runtime/type.h"

namespace heddle {

/// What a tensor map says, but for the address: plain data that a schedule fixes and a launch encodes. Dimensions are
/// innermost first; only the first `rank` entries of an array count. Two modes: in tile mode a copy moves a box; in
/// im2col mode it moves `pixels_per_column` pixels of `channels_per_pixel` channels, walking W, H, D and N by itself.
/// Elements outside the tensor arrive as zeros and are not written.
struct TensorMapRecipe {
    ScalarType type = ScalarType::f32;
    bool im2col = false;
    int rank = 1;                                       ///< 1 to 5; in im2col mode 3 to 5: C, W, [H, [D,]] N
    std::array<std::int64_t, 5> sizes{};                ///< in elements
    std::array<std::int64_t, 5> byte_strides{};         ///< [0] is not used: it is the element's size
    std::array<int, 5> box{1, 1, 1, 1, 1};              ///< tile mode: elements traversed
    std::array<int, 5> element_strides{1, 1, 1, 1, 1};  ///< step of the traversal; [0] is not used
    /// im2col mode: where the traversal of W, H, D starts and ends, relative to the tensor's first and last element.
    std::array<int, 3> lower{}, upper{};
    int channels_per_pixel = 0, pixels_per_column = 0;  ///< im2col mode
    int swizzle_bytes = 0;                              ///< of the rows in shared memory: 0, 32, 64 or 128
    std::int64_t byte_offset = 0;                       ///< of the first element from the buffer's address

    bool operator==(const TensorMapRecipe&) const = default;
};

/// An encoded map, passed to a kernel as `const __grid_constant__`.
struct alignas(64) TensorMap {
    std::uint64_t words[16];
};

/// Why no device would take this recipe over memory whose address is a multiple of `alignment_of_base` bytes; empty: it
/// would. Needs no driver, so that a schedule can be refused ahead. The dimension and the limit are named.
std::string check(const TensorMapRecipe& recipe, std::uintptr_t alignment_of_base);

/// The map of the tensor at `base` (its byte_offset not added). Throws UserError with check()'s reason, and for a
/// driver before CUDA 12.0 or a device before sm_90.
TensorMap encode(const TensorMapRecipe& recipe, const void* base);

/// "tensor map bf16 64x56x56x32, im2col, 64 channels x 128 pixels, swizzle 128 B".
std::string describe(const TensorMapRecipe& recipe);

}  // namespace heddle
