// ops/conv.cpp -- convolution as one definition, after an `=` with the bias where there is one.
#include "ops/conv.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "ops/groups.h"
#include "ops/window.h"

namespace heddle {
namespace {

/// Refuses padding that its mode cannot fill, and a bias of another length than there are filters.
void check_padding(const std::string& operation, const AnyTensor& x, const std::vector<WindowAxis>& axes,
                   const Boundary& mode, const SourceLocation& where) {
    const bool mirrors = mode.mode == BoundaryMode::reflect;
    if (!mirrors && mode.mode != BoundaryMode::circular && mode.mode != BoundaryMode::symmetric) return;
    for (const WindowAxis& axis : axes) {
        const int widest = std::max(axis.before, axis.after);
        if (axis.size.is_static() && widest > axis.size.value() - mirrors)
            throw UserError(where,
                            fmt::format("{}: padding {} is wider than {}'s {} {} can fill by {}: it takes {} at most",
                                        operation, widest, x.name(), axis.size.value(), axis.name, name_of(mode.mode),
                                        axis.size.value() - mirrors));
    }
}

}  // namespace

AnyTensor conv(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias, const ConvOptions& o,
               std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const int dimensions = spatial_dimensions(x, "conv", where);
    const std::string operation = fmt::format("conv{}d", dimensions);
    if (w.rank() != x.rank())
        throw UserError(where, fmt::format("{}: {} has {} dimensions and {} has {}; they have as many", operation,
                                           x.name(), x.rank(), w.name(), w.rank()));
    const ActivationSizes sizes = sizes_of(x, o.layout);
    const FilterSizes filters = sizes_of(w, o.weights);
    check_groups(operation, o.groups, {x.name(), "channels", sizes.channels}, {w.name(), "filters", filters.filters},
                 where);
    check_filter_channels(operation, x, sizes.channels, w, filters.channels, o.groups, where);
    const std::vector<WindowAxis> axes =
        window_axes(operation, sizes.spatial, filters.taps, {o.stride, o.padding, o.dilation}, where);
    check_padding(operation, x, axes, o.padding_mode, where);
    const std::vector<Extent> counts = window_counts(operation, x, axes, false, where);
    const AnyTensor y(std::move(name), o.output_type.value_or(x.type()),
                      arranged(o.layout, sizes.batch, filters.filters, counts), call);

    const Var n("n"), k("k");
    const RVar c("c");
    const std::vector<Expr> at = expressions(output_variables(dimensions)),
                            taps = expressions(tap_variables(dimensions));
    if (bias) {
        check_bias(operation, *bias, w, filters.filters, where);
        y.at(arranged<Expr>(o.layout, n, k, at)) = {bias->at({k}), call};
    }
    const GroupIndices of = group_indices(o.groups, sizes.channels, filters.filters, c, k);
    const Boundary boundary = has_padding(axes) ? o.padding_mode : Boundary{};
    const Expr value(Access(x.node(), arranged<Expr>(o.layout, n, of.channel, elements(axes, at, taps)), boundary));
    const Expr weight(w.at(arranged<Expr>(o.weights, of.filter, of.channel_of_group, taps)));
    y.at(arranged<Expr>(o.layout, n, of.filter, at)) += {value * weight, call};
    return y;
}

Tensor<4> conv2d(const Tensor<4>& x, const Tensor<4>& w, const std::optional<Tensor<1>>& bias, const ConvOptions& o,
                 std::string name, const CallSite& call) {
    return Tensor<4>(conv(x, w, bias ? std::optional<AnyTensor>(*bias) : std::nullopt, o, std::move(name), call));
}

AnyTensor depthwise_conv(const AnyTensor& x, const AnyTensor& w, const std::optional<AnyTensor>& bias,
                         const ConvOptions& options, std::string name, const CallSite& call) {
    spatial_dimensions(x, "depthwise_conv", SourceLocation(call));
    const Extent channels = sizes_of(x, options.layout).channels;
    if (!channels.is_static())
        throw UserError(SourceLocation(call), fmt::format("depthwise_conv: the channels of {} ({}) must be known",
                                                          x.name(), print(channels.expr())));
    ConvOptions each = options;
    each.groups = static_cast<int>(channels.value());
    return conv(x, w, bias, each, std::move(name), call);
}

AnyTensor separable_conv(const AnyTensor& x, const AnyTensor& depthwise, const AnyTensor& pointwise,
                         const std::optional<AnyTensor>& bias, const ConvOptions& options, std::string name,
                         const CallSite& call) {
    const AnyTensor filtered = depthwise_conv(x, depthwise, std::nullopt, options, name + "_depthwise", call);
    ConvOptions mix;
    mix.layout = options.layout;
    mix.weights = options.weights;
    mix.output_type = options.output_type;
    for (const Extent& taps : sizes_of(pointwise, options.weights).taps)
        if (!taps.is_static() || taps.value() != 1)
            throw UserError(SourceLocation(call),
                            fmt::format("separable_conv: {} has {} taps in a dimension; a pointwise filter has one",
                                        pointwise.name(), print(taps.expr())));
    return conv(filtered, pointwise, bias, mix, std::move(name), call);
}

}  // namespace heddle
