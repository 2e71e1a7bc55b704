// bench/gpu_layers.h -- the layers that are measured on CUDA devices: tables in files, one row a layer.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace heddle::bench {

enum class LayerKind : std::uint8_t {
    convolution,             ///< PyTorch's conv2d; depthwise where groups = C
    transposed_convolution,  ///< PyTorch's conv_transpose2d
    max_pool,
    average_pool,  ///< padding counts, as in PyTorch
    softmax,       ///< along C, of N rows
    cross_entropy,
    linear  ///< y[n,k] = sum over c of x[n,c] * w[k,c]
};
/// "convolution", "max_pool", ... as in the tables.
std::string_view name_of(LayerKind kind);

/// Sizes that a kind does not have are 1 (paddings 0). The same along rows and columns but for H, W and R, S.
struct GpuLayer {
    std::string name;
    LayerKind kind = LayerKind::convolution;
    std::int64_t N = 1, C = 1, H = 1, W = 1, K = 1, R = 1, S = 1;
    std::int64_t stride = 1, padding = 0, output_padding = 0, dilation = 1, groups = 1;
    std::int64_t P = 1, Q = 1;  ///< rows and columns of the output
};

/// The layers of one table. Throws UserError naming file, layer and field: a kind that is not known, a field that is
/// missing or not of this kind, a size below 1, groups that do not divide, a window larger than the padded input.
std::vector<GpuLayer> parse_gpu_layers(std::string_view text, const std::string& origin);

/// A table by its name ("pooling": all its layers, in their order) with the layers in it.
struct GpuTable {
    std::string name;
    std::vector<GpuLayer> layers;
};
/// The tables of bench/layers for CUDA devices, as they were when this was built; or the one file given.
std::vector<GpuTable> read_gpu_tables(const std::filesystem::path& file);
/// Layers by their own names or their table's, in that order, each once; none named: all. Throws UserError that lists
/// the names for an unknown one.
std::vector<GpuLayer> select_gpu_layers(const std::vector<GpuTable>& tables, const std::vector<std::string>& names);

}  // namespace heddle::bench
