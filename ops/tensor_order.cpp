// ops/tensor_order.cpp -- sizes by what they are, and the customary names of variables.
#include "ops/tensor_order.h"

#include <fmt/format.h>

namespace heddle {
namespace {

constexpr const char* outputs[] = {"z", "p", "q"};
constexpr const char* taps[] = {"t", "r", "s"};
constexpr const char* axes[] = {"planes", "rows", "columns"};

std::string letters(std::string_view before, std::string_view spatial, int dimensions, std::string_view after) {
    return fmt::format("{}{}{}", before, spatial.substr(3 - dimensions), after);
}

}  // namespace

ActivationSizes sizes_of(const AnyTensor& x, ActivationLayout layout) {
    const std::vector<Extent>& shape = x.shape();
    if (layout == ActivationLayout::nchw) return {shape[0], shape[1], {shape.begin() + 2, shape.end()}};
    return {shape[0], shape.back(), {shape.begin() + 1, shape.end() - 1}};
}

FilterSizes sizes_of(const AnyTensor& w, WeightLayout layout) {
    const std::vector<Extent>& shape = w.shape();
    if (layout == WeightLayout::kcrs) return {shape[0], shape[1], {shape.begin() + 2, shape.end()}};
    if (layout == WeightLayout::krsc) return {shape[0], shape.back(), {shape.begin() + 1, shape.end() - 1}};
    return {shape.back(), *(shape.end() - 2), {shape.begin(), shape.end() - 2}};
}

int spatial_dimensions(const AnyTensor& x, std::string_view operation, const SourceLocation& where) {
    const int dimensions = x.rank() - 2;
    if (dimensions < 1 || dimensions > 3)
        throw UserError(where, fmt::format("{}: {} has {} dimensions; it takes a batch, channels and one, two or three "
                                           "spatial dimensions",
                                           operation, x.name(), x.rank()));
    return dimensions;
}

std::vector<Var> output_variables(int dimensions) {
    std::vector<Var> variables;
    for (int d = 3 - dimensions; d < 3; ++d) variables.emplace_back(outputs[d]);
    return variables;
}

std::vector<Var> output_variables(const std::vector<Extent>& sizes) {
    std::vector<Var> variables;
    for (std::size_t d = 0; d < sizes.size(); ++d) variables.emplace_back(outputs[3 - sizes.size() + d], sizes[d]);
    return variables;
}

std::vector<RVar> tap_variables(int dimensions) {
    std::vector<RVar> variables;
    for (int d = 3 - dimensions; d < 3; ++d) variables.emplace_back(taps[d]);
    return variables;
}

std::vector<RVar> tap_variables(const std::vector<Extent>& sizes) {
    std::vector<RVar> variables;
    for (std::size_t d = 0; d < sizes.size(); ++d) variables.emplace_back(taps[3 - sizes.size() + d], sizes[d]);
    return variables;
}

std::string axis_name(int dimensions, int d) { return axes[3 - dimensions + d]; }

std::vector<std::string> activation_letters(int dimensions) {
    return {letters("nc", "dhw", dimensions, ""), letters("n", "dhw", dimensions, "c")};
}

std::vector<std::string> filter_letters(int dimensions) {
    return {letters("kc", "trs", dimensions, ""), letters("k", "trs", dimensions, "c"),
            letters("", "trs", dimensions, "ck")};
}

}  // namespace heddle
