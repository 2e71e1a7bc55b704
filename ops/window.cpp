// ops/window.cpp -- arithmetic of windows.
#include "ops/window.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/tensor_order.h"

namespace heddle {
namespace {

void check_fits(std::string_view operation, std::string_view option, const PerDimension& values, std::size_t count,
                const SourceLocation& where) {
    if (!values.fits(count))
        throw UserError(where, fmt::format("{}: {} has {} numbers; it takes one, or one for each of {} spatial "
                                           "dimension{}",
                                           operation, option, values.size(), count, count == 1 ? "" : "s"));
}

}  // namespace

Extent WindowAxis::span() const { return Expr(taps) * dilation - (dilation - 1); }
Expr WindowAxis::start(const Expr& at) const { return simplify(at * stride - before); }
Expr WindowAxis::element(const Expr& at, const Expr& tap) const {
    return simplify(at * stride + tap * dilation - before);
}

std::vector<WindowAxis> window_axes(std::string_view operation, const std::vector<Extent>& sizes,
                                    const std::vector<Extent>& taps, const WindowSteps& steps,
                                    const SourceLocation& where) {
    const std::size_t count = sizes.size();
    check_fits(operation, "stride", steps.stride, count, where);
    check_fits(operation, "padding", steps.padding, count, where);
    check_fits(operation, "dilation", steps.dilation, count, where);
    std::vector<WindowAxis> axes;
    for (std::size_t d = 0; d < count; ++d) {
        const std::string name = axis_name(static_cast<int>(count), static_cast<int>(d));
        WindowAxis axis{
            name, sizes[d], taps[d], steps.stride[d], steps.padding[d], steps.padding[d], steps.dilation[d]};
        if (axis.stride < 1 || axis.dilation < 1 || axis.before < 0)
            throw UserError(where,
                            fmt::format("{}: stride {}, dilation {}, padding {} along the {}: stride and dilation are "
                                        "1 or more, padding 0 or more",
                                        operation, axis.stride, axis.dilation, axis.before, name));
        if (axis.taps.is_static() && axis.taps.value() < 1)
            throw UserError(where, fmt::format("{}: the window has {} {}; it needs one at least", operation,
                                               axis.taps.value(), name));
        if (steps.padding.keeps_size()) {
            if (axis.stride != 1 || !axis.taps.is_static())
                throw UserError(where, fmt::format("{}: padding=same keeps the size for a stride of 1 and a filter of "
                                                   "known size; the stride along the {} is {}",
                                                   operation, name, axis.stride));
            const std::int64_t total = axis.span().value() - 1;
            axis.before = static_cast<int>(total / 2);
            axis.after = static_cast<int>(total - total / 2);
        }
        axes.push_back(axis);
    }
    return axes;
}

Extent window_count(std::string_view operation, const AnyTensor& tensor, const WindowAxis& axis, bool ceil_mode,
                    const SourceLocation& where) {
    const Extent span = axis.span(), padded(Expr(axis.size) + axis.before + axis.after);
    if (span.is_static() && padded.is_static() && span.value() > padded.value() + (ceil_mode ? axis.stride - 1 : 0))
        throw UserError(where, fmt::format("{}: the filter spans {} {}, and {} with its padding has {}: give a smaller "
                                           "filter, less dilation or more padding",
                                           operation, span.value(), axis.name, tensor.name(), padded.value()));
    const int part = ceil_mode ? axis.stride - 1 : 0;
    const Expr count = (Expr(padded) - Expr(span) + part) / axis.stride + 1;
    if (!ceil_mode) return count;
    // Windows that start at or behind the end of the tensor are left out.
    return min(count, (Expr(axis.size) + axis.before - 1) / axis.stride + 1);
}

std::vector<Extent> window_counts(std::string_view operation, const AnyTensor& tensor,
                                  const std::vector<WindowAxis>& axes, bool ceil_mode, const SourceLocation& where) {
    std::vector<Extent> counts;
    for (const WindowAxis& axis : axes) counts.push_back(window_count(operation, tensor, axis, ceil_mode, where));
    return counts;
}

std::vector<Expr> elements(const std::vector<WindowAxis>& axes, const std::vector<Expr>& at,
                           const std::vector<Expr>& taps) {
    std::vector<Expr> indices;
    for (std::size_t d = 0; d < axes.size(); ++d) indices.push_back(axes[d].element(at[d], taps[d]));
    return indices;
}

bool has_padding(const std::vector<WindowAxis>& axes) {
    bool any = false;
    for (const WindowAxis& axis : axes) any |= axis.before > 0 || axis.after > 0;
    return any;
}

std::vector<Extent> extents_of(const PerDimension& values, std::size_t dimensions) {
    std::vector<Extent> extents;
    for (std::size_t d = 0; d < dimensions; ++d) extents.emplace_back(values[d]);
    return extents;
}

}  // namespace heddle
