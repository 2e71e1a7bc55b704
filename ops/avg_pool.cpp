// ops/avg_pool.cpp -- averages and norms over windows.
#include <fmt/format.h>

#include "dsl/simplify.h"
#include "ops/pool.h"

namespace heddle {
namespace {

void check_float(const AnyTensor& x, std::string_view operation, const SourceLocation& where) {
    if (!is_float(x.type()))
        throw UserError(where, fmt::format("{}: {} is {}; it takes floats", operation, x.name(), name_of(x.type())));
}

/// A sum is kept in the type that it is computed in.
AnyTensor sum_like(const std::string& name, const AnyTensor& x, const std::vector<Extent>& shape,
                   const CallSite& call) {
    return AnyTensor(name + "_sum", compute_type(x.type()), shape, call);
}

/// Points of a window along an axis: inside x with its padding, or inside x alone. All windows are whole unless one
/// may reach beyond the padding (`ceil_mode`).
Expr points_along(const WindowAxis& axis, const Expr& at, bool include_padding, bool ceil_mode) {
    if (!ceil_mode && (include_padding || axis.before == 0)) return axis.taps;
    const Expr start = axis.start(at), whole = start + axis.taps;
    if (include_padding) return simplify(min(whole, Expr(axis.size) + axis.before) - start);
    return simplify(min(whole, axis.size) - max(start, 0));
}

Expr points_of(const PoolPlan& plan, bool include_padding, bool ceil_mode) {
    Expr points = 1;
    for (std::size_t d = 0; d < plan.axes.size(); ++d) {
        const Expr along = points_along(plan.axes[d], plan.at[d], include_padding, ceil_mode);
        points = d == 0 ? along : points * along;
    }
    return points;
}

/// sum / points; by a constant it is a product.
Expr divided(const Expr& sum, const Expr& points) {
    if (const auto* whole = points.as<IntImm>())
        return sum / Expr::floating(static_cast<double>(whole->value), sum.type());
    return sum / cast(sum.type(), points);
}

}  // namespace

AnyTensor avg_pool(const AnyTensor& x, const AvgPoolOptions& o, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const PoolPlan plan = pool_plan("avg_pool", x, o.window, where);
    check_float(x, plan.operation, where);
    for (const WindowAxis& axis : plan.axes)
        if (axis.dilation != 1)
            throw UserError(where, fmt::format("{}: dilation {} along the {}: the points of an average are neighbours",
                                               plan.operation, axis.dilation, axis.name));
    if (o.divisor_override && *o.divisor_override == 0)
        throw UserError(where, plan.operation + ": divisor_override is 0; it is what the sum is divided by");
    const AnyTensor sum = sum_like(name, x, plan.shape, call), y(std::move(name), x.type(), plan.shape, call);
    const std::vector<Expr> index = plan.result_index(o.window.layout);
    const bool may_leave = has_padding(plan.axes) || o.window.ceil_mode;
    sum.at(index) += {plan.read(x, o.window.layout, {may_leave ? BoundaryMode::zero : BoundaryMode::none}), call};
    const Expr points =
        o.divisor_override ? Expr(*o.divisor_override) : points_of(plan, o.count_include_pad, o.window.ceil_mode);
    y.at(index) = {divided(sum.at(index), points), call};
    return y;
}

AnyTensor lp_pool(const AnyTensor& x, double norm, const PoolWindow& window, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const PoolPlan plan = pool_plan("lp_pool", x, window, where);
    check_float(x, plan.operation, where);
    if (norm == 0) throw UserError(where, plan.operation + ": norm_type is 0; the result is a root of that degree");
    for (const WindowAxis& axis : plan.axes)
        if (axis.dilation != 1 || axis.before != 0)
            throw UserError(where, fmt::format("{}: padding {} and dilation {} along the {}: it takes neither",
                                               plan.operation, axis.before, axis.dilation, axis.name));
    const AnyTensor sum = sum_like(name, x, plan.shape, call), y(std::move(name), x.type(), plan.shape, call);
    const std::vector<Expr> index = plan.result_index(window.layout);
    const Expr value = plan.read(x, window.layout, {window.ceil_mode ? BoundaryMode::zero : BoundaryMode::none});
    const Expr power = Expr::floating(norm, value.type());
    sum.at(index) += {norm == 1 ? value : norm == 2 ? value * value : pow(value, power), call};
    Expr total = sum.at(index);
    if (window.ceil_mode) {
        const Expr whole = points_of(plan, true, false), points = points_of(plan, true, true);
        total = total * (cast(total.type(), whole) / cast(total.type(), points));
    }
    const Expr root = norm == 1 ? total : norm == 2 ? sqrt(total) : pow(total, Expr::floating(1 / norm, total.type()));
    y.at(index) = {root, call};
    return y;
}

AnyTensor global_avg_pool(const AnyTensor& x, ActivationLayout layout, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const int dimensions = spatial_dimensions(x, "global_avg_pool", where);
    check_float(x, fmt::format("global_avg_pool{}d", dimensions), where);
    const ActivationSizes sizes = sizes_of(x, layout);
    const std::vector<Extent> ones(static_cast<std::size_t>(dimensions), 1);
    const std::vector<Expr> only = expressions(output_variables(dimensions));  // of extent 1
    const std::vector<Extent> shape = arranged(layout, sizes.batch, sizes.channels, ones);
    const AnyTensor sum = sum_like(name, x, shape, call), y(std::move(name), x.type(), shape, call);
    const Var n("n"), c("c");
    const std::vector<Expr> index = arranged<Expr>(layout, n, c, only);
    sum.at(index) += {x.at(arranged<Expr>(layout, n, c, expressions(tap_variables(dimensions)))), call};
    Expr points = 1;
    for (const Extent& size : sizes.spatial) points = points * size;
    y.at(index) = {divided(sum.at(index), simplify(points)), call};
    return y;
}

}  // namespace heddle
