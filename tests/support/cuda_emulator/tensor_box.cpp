// tests/support/cuda_emulator/tensor_box.cpp -- boxes and columns of pixels.
#include "tests/support/cuda_emulator/tensor_box.h"

#include <cstring>
#include <deque>
#include <functional>

namespace heddle::test {
namespace {

constexpr std::uint64_t signature = 0x70616d726f736e65;

std::deque<EmulatedTensorMap>& maps() {
    static std::deque<EmulatedTensorMap> all;
    return all;
}

std::int64_t offset_in(const TensorMapRecipe& recipe, const std::int64_t (&at)[5]) {
    std::int64_t bytes = at[0] * bytes_of(recipe.type);
    for (int d = 1; d < recipe.rank; ++d) bytes += at[d] * recipe.byte_strides[static_cast<std::size_t>(d)];
    return bytes;
}

BoxRow row_at(const TensorMapRecipe& recipe, const std::int64_t (&at)[5], std::int64_t elements) {
    BoxRow row;
    for (int d = 1; d < recipe.rank; ++d)
        row.outside = row.outside || at[d] < 0 || at[d] >= recipe.sizes[static_cast<std::size_t>(d)];
    row.first = at[0];
    row.extent = recipe.sizes[0];
    row.elements = elements;
    row.byte_offset = offset_in(recipe, at);
    return row;
}

// The box starts at the coordinates; a step of s in a dimension takes every s-th element.
void tile_rows(const TensorMapRecipe& recipe, const int* coordinates, const std::function<void(const BoxRow&)>& body) {
    std::int64_t counts[5] = {1, 1, 1, 1, 1};
    for (int d = 0; d < recipe.rank; ++d) {
        const auto place = static_cast<std::size_t>(d);
        const int step = d == 0 ? 1 : recipe.element_strides[place];
        counts[d] = (recipe.box[place] + step - 1) / step;
    }
    std::int64_t i[5] = {};
    for (i[4] = 0; i[4] < counts[4]; ++i[4])
        for (i[3] = 0; i[3] < counts[3]; ++i[3])
            for (i[2] = 0; i[2] < counts[2]; ++i[2])
                for (i[1] = 0; i[1] < counts[1]; ++i[1]) {
                    std::int64_t at[5] = {coordinates[0], 0, 0, 0, 0};
                    for (int d = 1; d < recipe.rank; ++d)
                        at[d] = coordinates[d] + i[d] * recipe.element_strides[static_cast<std::size_t>(d)];
                    body(row_at(recipe, at, counts[0]));
                }
}

// Pixels follow one another in W, H, D between the corners, then N; the offsets shift each.
void column_rows(const TensorMapRecipe& recipe, const int* coordinates, const unsigned short* offsets,
                 const std::function<void(const BoxRow&)>& body) {
    const int pixel_dimensions = recipe.rank - 2;
    std::int64_t at[5] = {};
    for (int d = 0; d < recipe.rank; ++d) at[d] = coordinates[d];
    for (int pixel = 0; pixel < recipe.pixels_per_column; ++pixel) {
        std::int64_t shifted[5] = {};
        for (int d = 0; d < recipe.rank; ++d)
            shifted[d] = at[d] + (d >= 1 && d <= pixel_dimensions ? offsets[d - 1] : 0);
        body(row_at(recipe, shifted, recipe.channels_per_pixel));
        int d = 1;
        for (; d <= pixel_dimensions; ++d) {
            const auto place = static_cast<std::size_t>(d);
            at[d] += recipe.element_strides[place];
            const std::int64_t last = recipe.sizes[place] - 1 + recipe.upper[place - 1];
            if (at[d] <= last) break;
            at[d] = recipe.lower[place - 1];
        }
        if (d > pixel_dimensions) ++at[recipe.rank - 1];
    }
}

}  // namespace

TensorMap make_emulated_tensor_map(const TensorMapRecipe& recipe, const void* base) {
    maps().push_back(
        {recipe, reinterpret_cast<std::uintptr_t>(base) + static_cast<std::uintptr_t>(recipe.byte_offset)});
    TensorMap map{};
    map.words[0] = signature;
    map.words[1] = maps().size() - 1;
    return map;
}

const EmulatedTensorMap* emulated_tensor_map(const void* map) {
    std::uint64_t words[2];
    std::memcpy(words, map, sizeof words);
    return words[0] == signature && words[1] < maps().size() ? &maps()[words[1]] : nullptr;
}

void for_each_row(const TensorMapRecipe& recipe, const int* coordinates, const unsigned short* offsets,
                  const std::function<void(const BoxRow&)>& body) {
    if (offsets)
        column_rows(recipe, coordinates, offsets, body);
    else
        tile_rows(recipe, coordinates, body);
}

}  // namespace heddle::test
