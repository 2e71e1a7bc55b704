// codegen/device_helpers/tensor_memory_access.cpp -- copies of boxes of tensors, described by tensor maps (TMA).
#include <fmt/format.h>

#include <iterator>

#include "codegen/device_helpers/rows.h"

namespace heddle {
namespace {

// "prefix0, prefix1, ..." with something around each.
std::string listed(int count, const std::string& before, const std::string& after = "", int first = 0) {
    std::string text;
    for (int i = 0; i < count; ++i)
        text.append(i ? ", " : "").append(before).append(std::to_string(first + i)).append(after);
    return text;
}

DeviceHelper tile_load(int rank) {
    const std::string name = fmt::format("tma_load_{}d", rank);
    return {
        name, 90, false,
        fmt::format(
            R"(// Starts the copy of the box at these coordinates, counted by the barrier; zeros outside of the tensor.
static __device__ __forceinline__ void {0}(void* shared, const TensorMap* map, Barrier* barrier, {1}) {{
    asm volatile(
        "cp.async.bulk.tensor.{2}d.shared::cluster.global.tile.mbarrier::complete_tx::bytes "
        "[%0], [%1, {{{3}}}], [%2];" ::"r"(shared_address(shared)),
        "l"(map), "r"(shared_address(barrier)), {4}
        : "memory");
}}
)",
            name, listed(rank, "int c"), rank, listed(rank, "%", "", 3), listed(rank, "\"r\"(c", ")"))};
}

// Coordinates of an im2col map: channel, the pixel from the innermost dimension outwards, image.
std::string im2col_coordinates(int rank, const std::string& before, const std::string& after) {
    static const char* const pixel[] = {"w", "h", "d"};
    std::string text = before + "c" + after;
    for (int i = 0; i < rank - 2; ++i) text.append(", ").append(before).append(pixel[i]).append(after);
    return text + ", " + before + "n" + after;
}

std::string im2col_offsets(int rank, const std::string& before, const std::string& after) {
    static const char* const names[] = {"offset_w", "offset_h", "offset_d"};
    std::string text;
    for (int i = 0; i < rank - 2; ++i) text.append(i ? ", " : "").append(before).append(names[i]).append(after);
    return text;
}

DeviceHelper im2col_load(int rank) {
    const std::string name = fmt::format("tma_load_im2col_{}d", rank);
    return {
        name, 90, false,
        fmt::format(
            R"(// Starts the copy of a column of pixels, each shifted by the offsets, from the pixel at these coordinates on.
static __device__ __forceinline__ void {0}(void* shared, const TensorMap* map, Barrier* barrier, {1}, {2}) {{
    asm volatile(
        "cp.async.bulk.tensor.{3}d.shared::cluster.global.im2col.mbarrier::complete_tx::bytes "
        "[%0], [%1, {{{4}}}], [%2], {{{5}}};" ::"r"(shared_address(shared)),
        "l"(map), "r"(shared_address(barrier)), {6}, {7}
        : "memory");
}}
)",
            name, im2col_coordinates(rank, "int ", ""), im2col_offsets(rank, "unsigned short ", ""), rank,
            listed(rank, "%", "", 3), listed(rank - 2, "%", "", 3 + rank), im2col_coordinates(rank, "\"r\"(", ")"),
            im2col_offsets(rank, "\"h\"(", ")"))};
}

DeviceHelper store(int rank, bool im2col) {
    const std::string name = fmt::format("tma_store_{}{}d", im2col ? "im2col_" : "", rank);
    return {name, 90, false,
            fmt::format(
                R"(// Starts the copy to the {0} at these coordinates; what lies outside of the tensor is not written.
static __device__ __forceinline__ void {1}(const TensorMap* map, const void* shared, {2}) {{
    asm volatile("cp.async.bulk.tensor.{3}d.global.shared::cta.{4}.bulk_group [%0, {{{5}}}], [%1];" ::"l"(map),
                 "r"(shared_address(shared)), {6}
                 : "memory");
}}
)",
                im2col ? "column of pixels" : "box", name,
                im2col ? im2col_coordinates(rank, "int ", "") : listed(rank, "int c"), rank,
                im2col ? "im2col_no_offs" : "tile", listed(rank, "%", "", 2),
                im2col ? im2col_coordinates(rank, "\"r\"(", ")") : listed(rank, "\"r\"(c", ")"))};
}

}  // namespace

void add_tensor_memory_access(DeviceHelpers& table) {
    table.push_back(
        {"TensorMap", 90, false,
         R"(// A tensor in global memory, as the driver encodes it; a kernel takes it as `const __grid_constant__ TensorMap`.
struct __align__(64) TensorMap {
    unsigned long long words[16];
};
)"});
    for (int rank = 1; rank <= 5; ++rank) table.push_back(tile_load(rank));
    for (int rank = 3; rank <= 5; ++rank) table.push_back(im2col_load(rank));
    for (int rank = 1; rank <= 5; ++rank) table.push_back(store(rank, false));
    for (int rank = 3; rank <= 5; ++rank) table.push_back(store(rank, true));
    const DeviceHelper rows[] = {
        {"tma_store_commit", 90, false, R"(// Closes this thread's group of started stores, of tensors and of bytes.
static __device__ __forceinline__ void tma_store_commit() {
    asm volatile("cp.async.bulk.commit_group;" ::: "memory");
}
)"},
        {"tma_store_wait_read", 90, false,
         R"(// Waits until all but the latest N groups have read shared memory, which may be written again.
template <int N>
static __device__ __forceinline__ void tma_store_wait_read() {
    asm volatile("cp.async.bulk.wait_group.read %0;" ::"n"(N) : "memory");
}
)"},
        {"tma_store_wait", 90, false, R"(// Waits until all but the latest N groups have arrived in global memory.
template <int N>
static __device__ __forceinline__ void tma_store_wait() {
    asm volatile("cp.async.bulk.wait_group %0;" ::"n"(N) : "memory");
}
)"},
    };
    table.insert(table.end(), std::begin(rows), std::end(rows));
}

}  // namespace heddle
