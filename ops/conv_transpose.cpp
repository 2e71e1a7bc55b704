// ops/conv_transpose.cpp -- transposed convolution as a scatter: each input point adds a filter to the result.
#include "ops/conv_transpose.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/groups.h"
#include "ops/operator_rows.h"
#include "ops/window.h"

namespace heddle {
namespace {

/// Size of the result along one axis; `axis.size` is that of x.
Extent result_size(const std::string& operation, const WindowAxis& axis, int output_padding,
                   const SourceLocation& where) {
    if (output_padding < 0 || (output_padding >= axis.stride && output_padding >= axis.dilation))
        throw UserError(where,
                        fmt::format("{}: output_padding {} along the {}: it is 0 or more, and smaller than the stride "
                                    "({}) or the dilation ({})",
                                    operation, output_padding, axis.name, axis.stride, axis.dilation));
    const Expr size =
        simplify((Expr(axis.size) - 1) * axis.stride - axis.before - axis.after + Expr(axis.span()) + output_padding);
    if (const auto* known = size.as<IntImm>(); known && known->value < 1)
        throw UserError(where, fmt::format("{}: the result would have {} {}: ({} - 1)*{} - 2*{} + {} + {}; give less "
                                           "padding",
                                           operation, known->value, axis.name, print(axis.size.expr()), axis.stride,
                                           axis.before, print(axis.span().expr()), output_padding));
    return size;
}

}  // namespace

AnyTensor conv_transpose(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias,
                         const ConvTransposeOptions& o, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const int dimensions = spatial_dimensions(x, "conv_transpose", where);
    const std::string operation = fmt::format("conv_transpose{}d", dimensions);
    if (w.rank() != x.rank())
        throw UserError(where, fmt::format("{}: {} has {} dimensions and {} has {}; they have as many", operation,
                                           x.name(), x.rank(), w.name(), w.rank()));
    if (o.padding.keeps_size())
        throw UserError(where, operation + ": padding=same is for convolutions; give the number of points to cut off");
    if (!o.output_padding.fits(static_cast<std::size_t>(dimensions)))
        throw UserError(where, fmt::format("{}: output_padding has {} numbers; it takes one, or one for each of {} "
                                           "spatial dimensions",
                                           operation, o.output_padding.size(), dimensions));
    const ActivationSizes sizes = sizes_of(x, o.layout);
    const FilterSizes filters = sizes_of(w, o.weights);  // its filters are x's channels, its channels the result's
    check_groups(operation, o.groups, {x.name(), "channels", sizes.channels},
                 {w.name(), "rows of filters", filters.filters}, where);
    if (differ(sizes.channels, filters.filters))
        throw UserError(where,
                        fmt::format("{}: {} has {} channels, so that {} needs as many filters; it has {}", operation,
                                    x.name(), print(sizes.channels.expr()), w.name(), print(filters.filters.expr())));
    const Extent channels(Expr(filters.channels) * o.groups);
    const std::vector<WindowAxis> axes =
        window_axes(operation, sizes.spatial, filters.taps, {o.stride, o.padding, o.dilation}, where);
    std::vector<Extent> results;
    for (std::size_t d = 0; d < axes.size(); ++d)
        results.push_back(result_size(operation, axes[d], o.output_padding[d], where));
    const AnyTensor y(std::move(name), o.output_type.value_or(x.type()),
                      arranged(o.layout, sizes.batch, channels, results), call);

    const Var n("n"), k("k");
    const RVar c = o.groups == 1 ? RVar("c") : RVar("c", sizes.channels.value() / o.groups);
    const std::vector<Expr> at = expressions(output_variables(dimensions)),
                            taps = expressions(tap_variables(dimensions));
    if (bias) {
        check_bias(operation, *bias, w, channels, where);
        y.at(arranged<Expr>(o.layout, n, k, at)) = {bias->at({k}), call};
    }
    const GroupIndices of = group_indices(o.groups, sizes.channels, channels, c, k);
    const Expr value(x.at(arranged<Expr>(o.layout, n, of.channel, at)));
    const Expr weight(w.at(arranged<Expr>(o.weights, of.channel, of.filter_of_group, taps)));
    y.at(arranged<Expr>(o.layout, n, of.filter, elements(axes, at, taps))) += {value * weight, call};
    return y;
}

void append_conv_transpose_rows(std::vector<OperatorRow>& rows) {
    for (int d = 1; d <= 3; ++d)
        rows.push_back(
            {fmt::format("conv_transpose{}d", d),
             fmt::format("transposed convolution over {} dimension{}, as PyTorch's conv_transpose{}d", d,
                         d == 1 ? "" : "s", d),
             {activations_row("x", d),
              {"w", {filter_letters(d)[0]}, true, "weights: channels of x, channels of a group of the result, taps"},
              {"bias", {"k"}, false, "one number a channel of the result"}},
             {stride_row(),
              padding_row("points cut off at each end of the result"),
              {"output_padding", "0 or 1,1", "0", "points added at the end of the result"},
              dilation_row(),
              {"groups", "1", "1", "groups of channels that do not see each other"},
              type_row()},
             fmt::format("conv_transpose{}d x=f32:{} w=f32:{} stride=2 padding=1", d, example_sizes("8x32", "14", d),
                         example_sizes("32x16", "4", d)),
             [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                 ConvTransposeOptions options;
                 options.stride = arguments.sizes("stride", 1);
                 options.padding = arguments.padding("padding");
                 options.output_padding = arguments.sizes("output_padding", 0);
                 options.dilation = arguments.sizes("dilation", 1);
                 options.groups = static_cast<int>(arguments.integer("groups", 1));
                 options.layout = static_cast<ActivationLayout>(arguments.layout("x"));
                 options.output_type = arguments.type("type");
                 return {conv_transpose(arguments.tensor("x"), arguments.tensor("w"), arguments.optional_tensor("bias"),
                                        options)};
             },
             "Unbatched input is not taken."});
}

}  // namespace heddle
