// codegen/export_cuda_launch.cpp -- a kernel's tensor maps, attributes and shape as statements of C.
#include "codegen/export_cuda_launch.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "codegen/c_text.h"
#include "runtime/cuda_api.h"
#include "runtime/tensor_map_driver.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr std::int64_t most_blocks = 2147483647;

bool clustered(const CudaKernel& kernel) { return kernel.cluster != std::array<int, 3>{1, 1, 1}; }
bool has_attributes(const CudaKernel& kernel) { return clustered(kernel) || kernel.dependent; }

std::string braced(const std::vector<std::string>& items) {
    return fmt::format("{{{}}}", items.empty() ? "0" : join(items, ", "));
}

// Elements [first, rank) of a recipe's array, those over run-time sizes in their place.
template <class Array>
std::string values(const Array& fixed, const std::vector<Expr>& dynamic, int first, int rank,
                   const std::map<Symbol, std::string>& sizes) {
    std::vector<std::string> items;
    for (int d = first; d < rank; ++d) {
        const auto place = static_cast<std::size_t>(d);
        items.push_back(place < dynamic.size() ? fmt::format("(uint64_t)({})", c_integer(dynamic[place], sizes))
                                               : fmt::format("{}", fixed[place]));
    }
    return braced(items);
}

std::string tensor_map(const TensorMapParameter& parameter, std::size_t i, const CLaunchNames& names) {
    const TensorMapRecipe& recipe = parameter.recipe;
    const auto constants = [&](const auto& array) { return values(array, {}, 0, recipe.rank, {}); };
    auto steps = recipe.element_strides;
    steps[0] = 1;
    std::string text = fmt::format(
        "        struct tensor_map map_{0};  /* of {1} */\n"
        "        const uint64_t sizes_{0}[] = {2}, strides_{0}[] = {3};\n"
        "        const unsigned steps_{0}[] = {4};\n",
        i, parameter.buffer.name(), values(recipe.sizes, parameter.sizes, 0, recipe.rank, names.sizes),
        values(recipe.byte_strides, parameter.byte_strides, 1, recipe.rank, names.sizes), constants(steps));
    std::string box;
    if (recipe.im2col) {
        text += fmt::format("        const int lower_{0}[] = {{{1}}}, upper_{0}[] = {{{2}}};\n", i,
                            fmt::join(recipe.lower, ", "), fmt::join(recipe.upper, ", "));
        box = fmt::format("lower_{0}, upper_{0}, {1}, {2}", i, recipe.channels_per_pixel, recipe.pixels_per_column);
    } else {
        text += fmt::format("        const unsigned box_{}[] = {};\n", i, constants(recipe.box));
        box = fmt::format("box_{}", i);
    }
    return text + fmt::format(
                      "        if (result == 0)\n"
                      "            result = cuTensorMapEncode{0}(&map_{1}, {2}, {3}, (char*){4} + {5}, sizes_{1}, "
                      "strides_{1}, {6}, steps_{1}, {7}, {8}, {9}, {10});\n",
                      recipe.im2col ? "Im2col" : "Tiled", i, tensor_map_type_number(recipe.type), recipe.rank,
                      names.arrays.at(parameter.buffer.node().get()), recipe.byte_offset, box, tensor_map_no_interleave,
                      tensor_map_swizzle_number(recipe.swizzle_bytes), tensor_map_l2_promotion, tensor_map_fill);
}

std::string attributes_of(const CudaKernel& kernel) {
    std::vector<std::string> rows;
    if (kernel.dependent) rows.push_back(fmt::format("{{{}, 0, {{{{1}}}}}}", cuda_launch_programmatic_serialization));
    if (clustered(kernel))
        rows.push_back(
            fmt::format("{{{}, 0, {{{{{}}}}}}}", cuda_launch_cluster_dimension, fmt::join(kernel.cluster, ", ")));
    return join(rows, ", ");
}

}  // namespace

std::string c_launch(const CudaKernel& kernel, std::size_t function, const CLaunchNames& names, int bad_size) {
    std::vector<std::string> parameters, grid, block;
    for (std::size_t i = 0; i < kernel.tensor_maps.size(); ++i) parameters.push_back(fmt::format("&map_{}", i));
    for (const AnyTensor& buffer : kernel.buffers)
        parameters.push_back(fmt::format("(void*)&{}", names.arrays.at(buffer.node().get())));
    for (const Symbol& size : kernel.sizes) parameters.push_back(fmt::format("(void*)&{}", names.sizes.at(size)));
    if (kernel.reports) parameters.emplace_back("(void*)&workspace");
    bool constant = true;
    for (int i = 0; i < 3; ++i) {
        if (is_const(kernel.grid[i], 0)) return "";
        constant = constant && kernel.grid[i].as<IntImm>();
        grid.push_back(c_integer(kernel.grid[i], names.sizes));
        block.push_back(c_integer(kernel.block[i], names.sizes));
    }
    std::string text = fmt::format("    if (result == 0) {{  /* {} */\n", kernel.name);
    if (!constant) {
        text += fmt::format("        const int64_t grid[3] = {};\n", braced(grid));
        text += fmt::format("        if (grid[0] > {0} || grid[1] > {0} || grid[2] > {0}) return {1};\n", most_blocks,
                            bad_size);
        grid = {"(unsigned)grid[0]", "(unsigned)grid[1]", "(unsigned)grid[2]"};
    }
    for (std::size_t i = 0; i < kernel.tensor_maps.size(); ++i) text += tensor_map(kernel.tensor_maps[i], i, names);
    text += fmt::format("        void* parameters[] = {};\n", braced(parameters));
    std::string launch;
    if (has_attributes(kernel)) {
        text += fmt::format("        struct launch_attribute attributes[] = {{{}}};\n", attributes_of(kernel));
        text += fmt::format(
            "        const struct launch_config config = {{{}, {}, {}, stream, attributes,\n"
            "                                             sizeof attributes / sizeof attributes[0]}};\n",
            braced(grid), braced(block), kernel.shared_bytes);
        launch = fmt::format("cuLaunchKernelEx(&config, kernels->functions[{}], parameters, 0)", function);
    } else {
        launch = fmt::format("cuLaunchKernel(kernels->functions[{}], {}, {}, {}, stream, parameters, 0)", function,
                             join(grid, ", "), join(block, ", "), kernel.shared_bytes);
    }
    std::vector<std::string> conditions;
    if (!kernel.tensor_maps.empty()) conditions.emplace_back("result == 0");
    if (!constant) conditions.emplace_back("grid[0] > 0 && grid[1] > 0 && grid[2] > 0");
    if (!conditions.empty()) text += fmt::format("        if ({})\n    ", join(conditions, " && "));
    return text + fmt::format("        result = {};\n    }}\n", launch);
}

std::string c_launch_declarations(const std::vector<CudaKernel>& kernels) {
    std::string text;
    const auto any = [&](auto has) { return std::any_of(kernels.begin(), kernels.end(), has); };
    if (any([](const CudaKernel& kernel) { return !has_attributes(kernel); }))
        text +=
            "extern CUresult cuLaunchKernel(struct CUfunc_st*, unsigned, unsigned, unsigned, unsigned, unsigned, "
            "unsigned,\n                               unsigned, struct CUstream_st*, void**, void**);\n";
    if (any(has_attributes))
        text +=
            "struct launch_attribute {\n    int id, padding;\n    union {\n        int words[16];\n        void* "
            "aligned;\n    } value;\n};\n"
            "struct launch_config {\n    unsigned grid[3], block[3], shared_bytes;\n    struct CUstream_st* stream;\n"
            "    struct launch_attribute* attributes;\n    unsigned attribute_count;\n};\n"
            "extern CUresult cuLaunchKernelEx(const struct launch_config*, struct CUfunc_st*, void**, void**);\n";
    const auto maps = [&](bool im2col) {
        return any([&](const CudaKernel& kernel) {
            return std::any_of(kernel.tensor_maps.begin(), kernel.tensor_maps.end(),
                               [&](const TensorMapParameter& map) { return map.recipe.im2col == im2col; });
        });
    };
    if (maps(false) || maps(true))
        text += "struct tensor_map {\n    uint64_t words[16];\n} __attribute__((aligned(64)));\n";
    if (maps(false))
        text +=
            "extern CUresult cuTensorMapEncodeTiled(struct tensor_map*, int, unsigned, void*, const uint64_t*, const "
            "uint64_t*,\n                                       const unsigned*, const unsigned*, int, int, int, "
            "int);\n";
    if (maps(true))
        text +=
            "extern CUresult cuTensorMapEncodeIm2col(struct tensor_map*, int, unsigned, void*, const uint64_t*, const "
            "uint64_t*,\n                                        const int*, const int*, unsigned, unsigned, const "
            "unsigned*, int, int,\n                                        int, int);\n";
    return text;
}

}  // namespace heddle
