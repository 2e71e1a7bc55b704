// ops/window.h -- windows that slide over the spatial dimensions of a tensor: steps, output sizes and indices.
#pragma once

#include <string>
#include <vector>

#include "dsl/tensor.h"
#include "ops/per_dimension.h"

namespace heddle {

/// One spatial dimension under a window of `taps` elements, `dilation` apart, that moves by `stride` over `size`
/// elements with `before` and `after` points added at its ends.
struct WindowAxis {
    std::string name;  ///< "rows", "columns": for messages
    Extent size, taps;
    int stride = 1, before = 0, after = 0, dilation = 1;

    /// dilation * (taps - 1) + 1: from the first tap to the last, both included.
    Extent span() const;
    /// The element that tap `tap` of window `at` reads, or of a transposed window writes: at*stride + tap*dilation -
    /// before.
    Expr element(const Expr& at, const Expr& tap) const;
    /// The points where window `at` starts and ends (excluded), counted on the padded dimension's own scale.
    Expr start(const Expr& at) const;
};

struct WindowSteps {
    PerDimension stride = 1;
    Padding padding = 0;
    PerDimension dilation = 1;
};

/// The axes of a window of `taps` over `sizes`. Throws UserError, which begins with `operation`, for an option that
/// does not speak of each dimension, a stride or dilation below 1, a padding below 0, and `same` with a stride.
std::vector<WindowAxis> window_axes(std::string_view operation, const std::vector<Extent>& sizes,
                                    const std::vector<Extent>& taps, const WindowSteps& steps,
                                    const SourceLocation& where);

/// How many windows fit: floor((size + before + after - span) / stride) + 1. With `ceil_mode` also the window that
/// fits in part, unless it would start in the padding at the end. Throws UserError for a window larger than the padded
/// `tensor`.
Extent window_count(std::string_view operation, const AnyTensor& tensor, const WindowAxis& axis, bool ceil_mode,
                    const SourceLocation& where);
std::vector<Extent> window_counts(std::string_view operation, const AnyTensor& tensor,
                                  const std::vector<WindowAxis>& axes, bool ceil_mode, const SourceLocation& where);

/// Elements under all windows: one index a dimension.
std::vector<Expr> elements(const std::vector<WindowAxis>& axes, const std::vector<Expr>& at,
                           const std::vector<Expr>& taps);
bool has_padding(const std::vector<WindowAxis>& axes);
/// The sizes as extents.
std::vector<Extent> extents_of(const PerDimension& values, std::size_t dimensions);

}  // namespace heddle
