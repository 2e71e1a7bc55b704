// ops/pool_plan.cpp -- the windows of a pool, checked, and the variables that it is written with.
#include <fmt/format.h>

#include "ops/pool.h"

namespace heddle {

std::vector<Expr> PoolPlan::result_index(ActivationLayout layout) const { return arranged<Expr>(layout, n, c, at); }

Expr PoolPlan::read(const AnyTensor& x, ActivationLayout layout, Boundary boundary) const {
    return Access(x.node(), arranged<Expr>(layout, n, c, elements(axes, at, taps)), boundary);
}

PoolPlan pool_plan(std::string_view kind, const AnyTensor& x, const PoolWindow& window, const SourceLocation& where) {
    PoolPlan plan;
    const int dimensions = spatial_dimensions(x, kind, where);
    const auto count = static_cast<std::size_t>(dimensions);
    plan.operation = fmt::format("{}{}d", kind, dimensions);
    if (!window.kernel_size.fits(count))
        throw UserError(where, fmt::format("{}: kernel_size has {} numbers; it takes one, or one for each of {} "
                                           "spatial dimensions",
                                           plan.operation, window.kernel_size.size(), dimensions));
    if (window.padding.keeps_size())
        throw UserError(where, plan.operation + ": padding=same is for convolutions; give a number");
    plan.sizes = sizes_of(x, window.layout);
    const std::vector<Extent> taps = extents_of(window.kernel_size, count);
    plan.axes = window_axes(plan.operation, plan.sizes.spatial, taps,
                            {window.stride.value_or(window.kernel_size), window.padding, window.dilation}, where);
    for (const WindowAxis& axis : plan.axes)
        if (2 * axis.before > axis.span().value())
            throw UserError(where, fmt::format("{}: padding {} along the {} is more than half of what the window "
                                               "spans ({}); give {} at most",
                                               plan.operation, axis.before, axis.name, axis.span().value(),
                                               axis.span().value() / 2));
    plan.counts = window_counts(plan.operation, x, plan.axes, window.ceil_mode, where);
    plan.shape = arranged(window.layout, plan.sizes.batch, plan.sizes.channels, plan.counts);
    plan.at = expressions(output_variables(dimensions));
    plan.taps = expressions(tap_variables(taps));
    return plan;
}

}  // namespace heddle
