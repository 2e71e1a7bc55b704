// ops/conv_rows.cpp -- convolutions in the table of operators.
#include <fmt/format.h>

#include "ops/conv.h"
#include "ops/operator_rows.h"

namespace heddle {
namespace {

ConvOptions options_of(const OperatorArguments& arguments, const std::string& weights) {
    ConvOptions options;
    options.stride = arguments.sizes("stride", 1);
    options.padding = arguments.padding("padding");
    options.dilation = arguments.sizes("dilation", 1);
    options.padding_mode = arguments.boundary("padding_mode");
    options.layout = static_cast<ActivationLayout>(arguments.layout("x"));
    options.weights = static_cast<WeightLayout>(arguments.layout(weights));
    options.output_type = arguments.type("type");
    return options;
}

std::vector<ParameterRow> parameters() {
    return {stride_row(),
            {"padding", "0 or 1,2 or same", "0", "points added at each end; same: as many as keep the size"},
            dilation_row(),
            {"padding_mode", "zeros", "zeros",
             "what lies in the padding: zeros, reflect, replicate, circular; also symmetric, constant:V, skip"},
            type_row()};
}

OperatorRow conv_row(int d) {
    std::vector<ParameterRow> options = parameters();
    options.insert(options.begin() + 3, {"groups", "1", "1", "groups of channels that do not see each other"});
    return {fmt::format("conv{}d", d),
            fmt::format("convolution (cross-correlation) over {} dimension{}, as PyTorch's conv{}d", d,
                        d == 1 ? "" : "s", d),
            {activations_row("x", d),
             {"w", filter_letters(d), true, "weights: filters, channels of a group, taps"},
             {"bias", {"k"}, false, "one number a filter"}},
            std::move(options),
            fmt::format("conv{}d x=f32:{} w=f32:{} padding=1", d, example_sizes("8x16", "28", d),
                        example_sizes("32x16", "3", d)),
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                ConvOptions options = options_of(arguments, "w");
                options.groups = static_cast<int>(arguments.integer("groups", 1));
                return {conv(arguments.tensor("x"), arguments.tensor("w"), arguments.optional_tensor("bias"), options)};
            },
            "Any type of elements, and a layout for each tensor, where PyTorch's is the first; unbatched input is not "
            "taken."};
}

OperatorRow depthwise_row(int d) {
    return {fmt::format("depthwise_conv{}d", d),
            fmt::format("each channel with filters of its own: conv{}d with as many groups as channels", d),
            {activations_row("x", d),
             {"w", filter_letters(d), true, "weights: filters (a multiple of the channels), 1, taps"},
             {"bias", {"k"}, false, "one number a filter"}},
            parameters(),
            fmt::format("depthwise_conv{}d x=f32:{} w=f32:{} padding=1", d, example_sizes("8x32", "28", d),
                        example_sizes("32x1", "3", d)),
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                return {depthwise_conv(arguments.tensor("x"), arguments.tensor("w"), arguments.optional_tensor("bias"),
                                       options_of(arguments, "w"))};
            },
            "PyTorch writes it as a convolution with groups."};
}

OperatorRow separable_row(int d) {
    return {fmt::format("separable_conv{}d", d),
            "a depthwise convolution, then one over the channels of each point",
            {activations_row("x", d),
             {"w", filter_letters(d), true, "depthwise weights: filters, 1, taps"},
             {"v", filter_letters(d), true, "pointwise weights: filters, channels, 1 ... (the layout of w)"},
             {"bias", {"k"}, false, "one number a filter of v"}},
            parameters(),
            fmt::format("separable_conv{}d x=f32:{} w=f32:{} v=f32:{} padding=1", d, example_sizes("8x32", "28", d),
                        example_sizes("32x1", "3", d), example_sizes("64x32", "1", d)),
            [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                if (arguments.layout("v") != arguments.layout("w"))
                    throw UserError("separable_conv: w and v are given in one layout");
                return {separable_conv(arguments.tensor("x"), arguments.tensor("w"), arguments.tensor("v"),
                                       arguments.optional_tensor("bias"), options_of(arguments, "w"))};
            },
            "PyTorch writes it as two convolutions."};
}

}  // namespace

void append_conv_rows(std::vector<OperatorRow>& rows) {
    for (const auto row : {conv_row, depthwise_row, separable_row})
        for (int d = 1; d <= 3; ++d) rows.push_back(row(d));
}

}  // namespace heddle
