// runtime/tensor_map.cpp -- the limits of tensor maps, as cuda.h states them, and their encoding by the driver.
#include "runtime/tensor_map.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <span>

#include "runtime/cuda_driver.h"
#include "runtime/error.h"
#include "runtime/tensor_map_driver.h"

namespace heddle {
namespace {

constexpr std::int64_t most_elements = std::int64_t{1} << 32, most_stride = std::int64_t{1} << 40, granule = 16;
constexpr int most_box = 256, most_element_stride = 8, most_pixels = 1024;
constexpr std::int64_t most_bytes = 228 << 10;  // of a box or column: what a multiprocessor's shared memory holds
constexpr CudaResult cuda_invalid_value = 1;

/// The least and the most that a corner of im2col mode may be: 16 bits for one, 8 for two, 5 for three.
std::pair<int, int> corner_range(int rank) {
    const int most = rank == 3 ? 32767 : rank == 4 ? 127 : 15;
    return {-most - 1, most};
}

/// The elements of a row of the copy in shared memory, and their name.
std::string check_row(const TensorMapRecipe& recipe, int elements, const char* name) {
    const int bytes = bytes_of(recipe.type);
    const std::string row = fmt::format("{} {} of {} bytes each are {} bytes", elements, name, bytes, elements * bytes);
    if (elements * bytes % granule != 0) return fmt::format("{}, not a multiple of {}", row, granule);
    if (recipe.swizzle_bytes > 0 && elements * bytes > recipe.swizzle_bytes)
        return fmt::format("{}, more than the swizzle of {} bytes", row, recipe.swizzle_bytes);
    return {};
}

std::string check_bytes(const char* name, std::int64_t bytes) {
    return bytes > most_bytes ? fmt::format("{} of {} bytes, at most {} are legal", name, bytes, most_bytes)
                              : std::string();
}

std::string check_tile(const TensorMapRecipe& recipe) {
    for (int d = 0; d < recipe.rank; ++d)
        if (recipe.box[d] < 1 || recipe.box[d] > most_box)
            return fmt::format("the box has {} elements in dimension {}, legal are 1 to {}", recipe.box[d], d,
                               most_box);
    if (const std::string reason = check_row(recipe, recipe.box[0], "elements of the box in dimension 0");
        !reason.empty())
        return reason;
    std::int64_t bytes = bytes_of(recipe.type);
    for (int d = 0; d < recipe.rank; ++d) bytes *= recipe.box[d];
    return check_bytes("a box", bytes);
}

std::string check_im2col(const TensorMapRecipe& recipe) {
    if (recipe.rank < 3) return fmt::format("rank {}, im2col mode takes 3 to 5", recipe.rank);
    const auto [least, most] = corner_range(recipe.rank);
    for (int i = 0; i < recipe.rank - 2; ++i) {
        const int d = i + 1;
        for (const auto& [name, corner] : {std::pair("lower", recipe.lower[i]), std::pair("upper", recipe.upper[i])})
            if (corner < least || corner > most)
                return fmt::format("the {} corner is {} in dimension {}, legal in rank {} are {} to {}", name, corner,
                                   d, recipe.rank, least, most);
        if (recipe.sizes[d] + recipe.upper[i] - recipe.lower[i] < 1)
            return fmt::format("no pixel between the corners {} and {} of dimension {} of {} elements", recipe.lower[i],
                               recipe.upper[i], d, recipe.sizes[d]);
    }
    if (recipe.channels_per_pixel < 1 || recipe.channels_per_pixel > most_box)
        return fmt::format("{} channels a pixel, legal are 1 to {}", recipe.channels_per_pixel, most_box);
    if (recipe.pixels_per_column < 1 || recipe.pixels_per_column > most_pixels)
        return fmt::format("{} pixels a column, legal are 1 to {}", recipe.pixels_per_column, most_pixels);
    if (const std::string reason = check_row(recipe, recipe.channels_per_pixel, "channels of a pixel"); !reason.empty())
        return reason;
    return check_bytes("a column",
                       std::int64_t{recipe.channels_per_pixel} * recipe.pixels_per_column * bytes_of(recipe.type));
}

template <class T, class From>
std::array<T, 5> as(const From& values) {
    std::array<T, 5> result{};
    for (std::size_t i = 0; i < values.size(); ++i) result[i] = static_cast<T>(values[i]);
    return result;
}

}  // namespace

std::string check(const TensorMapRecipe& recipe, std::uintptr_t alignment_of_base) {
    if (recipe.rank < 1 || recipe.rank > 5) return fmt::format("rank {}, legal are 1 to 5", recipe.rank);
    if (recipe.swizzle_bytes != 0 && recipe.swizzle_bytes != 32 && recipe.swizzle_bytes != 64 &&
        recipe.swizzle_bytes != 128)
        return fmt::format("a swizzle of {} bytes, legal are 0, 32, 64 and 128", recipe.swizzle_bytes);
    if (alignment_of_base % granule != 0)
        return fmt::format("its address is a multiple of {} bytes, not of {}", alignment_of_base, granule);
    if (recipe.byte_offset % granule != 0)
        return fmt::format("its first element is {} bytes from the buffer's address, not a multiple of {}",
                           recipe.byte_offset, granule);
    for (int d = 0; d < recipe.rank; ++d) {
        if (recipe.sizes[d] < 1 || recipe.sizes[d] > most_elements)
            return fmt::format("{} elements in dimension {}, legal are 1 to {}", recipe.sizes[d], d, most_elements);
        if (d == 0) continue;
        const std::int64_t stride = recipe.byte_strides[d];
        if (stride < 0 || stride >= most_stride || stride % granule != 0)
            return fmt::format("a stride of {} bytes in dimension {}, legal are multiples of {} below 2^40", stride, d,
                               granule);
        if (recipe.element_strides[d] < 1 || recipe.element_strides[d] > most_element_stride)
            return fmt::format("an element stride of {} in dimension {}, legal are 1 to {}", recipe.element_strides[d],
                               d, most_element_stride);
    }
    return recipe.im2col ? check_im2col(recipe) : check_tile(recipe);
}

int tensor_map_type_number(ScalarType type) {
    switch (type) {
        case ScalarType::boolean:
        case ScalarType::i8:
        case ScalarType::u8:
            return 0;
        case ScalarType::i16:
        case ScalarType::u16:
            return 1;
        case ScalarType::i32:
            return 3;
        case ScalarType::i64:
            return 5;
        case ScalarType::f16:
            return 6;
        case ScalarType::f32:
            return 7;
        case ScalarType::f64:
            return 8;
        case ScalarType::bf16:
            return 9;
    }
    throw InternalError("an element type without a number in tensor maps");
}

TensorMap encode(const TensorMapRecipe& recipe, const void* base) {
    // A base and an offset that are misaligned alike make an aligned address.
    const auto address = reinterpret_cast<std::uintptr_t>(base) + static_cast<std::uintptr_t>(recipe.byte_offset);
    TensorMapRecipe shifted = recipe;
    shifted.byte_offset = 0;
    if (base == nullptr) throw UserError(describe(recipe) + ": it has no memory");
    if (const std::string reason = check(shifted, address & -address); !reason.empty())
        throw UserError(fmt::format("{}: {}", describe(recipe), reason));
    const CudaApi& api = cuda_api();
    const CudaDevice& device = current_cuda_device();
    if (device.compute_capability < 90)
        throw UserError(fmt::format("{}: it needs sm_90 or later, CUDA device {} ({}) is sm_{}", describe(recipe),
                                    device.index, device.name, device.compute_capability));
    if (api.encode_tiled_map == nullptr || api.encode_im2col_map == nullptr)
        throw UserError(fmt::format("{}: it needs a driver for CUDA 12.0 or later, this one is for CUDA {}.{}",
                                    describe(recipe), device.driver_version / 1000, device.driver_version % 1000 / 10));
    const auto sizes = as<std::uint64_t>(recipe.sizes);
    const auto strides = as<std::uint64_t>(recipe.byte_strides);
    const auto box = as<unsigned>(recipe.box);
    auto steps = as<unsigned>(recipe.element_strides);
    steps[0] = 1;
    const auto rank = static_cast<unsigned>(recipe.rank);
    const int swizzle = tensor_map_swizzle_number(recipe.swizzle_bytes);
    const int type = tensor_map_type_number(recipe.type);
    auto* const memory = reinterpret_cast<void*>(address);
    TensorMap map{};
    const CudaResult result =
        recipe.im2col
            ? api.encode_im2col_map(&map, type, rank, memory, sizes.data(), strides.data() + 1, recipe.lower.data(),
                                    recipe.upper.data(), static_cast<unsigned>(recipe.channels_per_pixel),
                                    static_cast<unsigned>(recipe.pixels_per_column), steps.data(),
                                    tensor_map_no_interleave, swizzle, tensor_map_l2_promotion, tensor_map_fill)
            : api.encode_tiled_map(&map, type, rank, memory, sizes.data(), strides.data() + 1, box.data(), steps.data(),
                                   tensor_map_no_interleave, swizzle, tensor_map_l2_promotion, tensor_map_fill);
    if (result == cuda_invalid_value)
        throw InternalError(
            fmt::format("the driver refuses the {} at {}, which breaks no known limit", describe(recipe), memory));
    check_cuda(result, describe(recipe));
    return map;
}

std::string describe(const TensorMapRecipe& recipe) {
    const auto rank = static_cast<std::size_t>(recipe.rank < 1 ? 0 : recipe.rank > 5 ? 5 : recipe.rank);
    const auto first = [&](const auto& values) { return fmt::join(values.begin(), values.begin() + rank, "x"); };
    std::string text = fmt::format("tensor map {} {}", name_of(recipe.type), first(recipe.sizes));
    if (recipe.im2col)
        text += fmt::format(", im2col, {} channels x {} pixels", recipe.channels_per_pixel, recipe.pixels_per_column);
    else
        text += fmt::format(", box {}", first(recipe.box));
    if (recipe.swizzle_bytes > 0) text += fmt::format(", swizzle {} B", recipe.swizzle_bytes);
    return text;
}

}  // namespace heddle
