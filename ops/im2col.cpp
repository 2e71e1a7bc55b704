// ops/im2col.cpp -- windows as columns.
#include "ops/im2col.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/operator_rows.h"
#include "ops/tensor_order.h"
#include "ops/window.h"

namespace heddle {
namespace {

Expr product(const std::vector<Extent>& sizes) {
    Expr all = 1;
    for (const Extent& size : sizes) all = all * size;
    return simplify(all);
}

/// Windows over C channels of `sizes`: the axes, and the row and column of the matrix that an element is in.
struct Columns {
    std::vector<WindowAxis> axes;
    std::vector<Extent> counts;
    Extent rows, columns;
    std::vector<Expr> at, taps;
    Expr row, column;
};
Columns columns_of(const std::string& operation, const AnyTensor& tensor, const std::vector<Extent>& sizes,
                   const Extent& channels, const Expr& channel, const ColumnOptions& o, const SourceLocation& where) {
    const std::size_t count = sizes.size();
    if (!o.kernel_size.fits(count))
        throw UserError(where, fmt::format("{}: kernel_size has {} numbers; it takes one, or one for each of {} "
                                           "spatial dimensions",
                                           operation, o.kernel_size.size(), count));
    const std::vector<Extent> taps = extents_of(o.kernel_size, count);
    Columns all{
        window_axes(operation, sizes, taps, {o.stride, o.padding, o.dilation}, where), {}, 0, 0, {}, {}, {}, {}};
    all.counts = window_counts(operation, tensor, all.axes, false, where);
    all.rows = Expr(channels) * product(taps);
    all.columns = product(all.counts);
    all.row = channel;
    all.column = 0;
    all.at = expressions(output_variables(all.counts));
    all.taps = expressions(tap_variables(taps));
    for (std::size_t d = 0; d < count; ++d) {
        all.row = all.row * taps[d] + all.taps[d];
        all.column = all.column * all.counts[d] + all.at[d];
    }
    all.row = simplify(all.row);
    all.column = simplify(all.column);
    return all;
}

}  // namespace

AnyTensor im2col(const AnyTensor& x, const ColumnOptions& o, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    spatial_dimensions(x, "im2col", where);
    const ActivationSizes sizes = sizes_of(x, ActivationLayout::nchw);
    const Var n("n"), c("c", sizes.channels);
    const Columns all = columns_of("im2col", x, sizes.spatial, sizes.channels, c, o, where);
    const AnyTensor y(std::move(name), x.type(), std::vector<Extent>{sizes.batch, all.rows, all.columns}, call);
    const std::vector<Expr> from = arranged<Expr>(ActivationLayout::nchw, n, c, elements(all.axes, all.at, all.taps));
    y.at({n, all.row, all.column}) = {
        Access(x.node(), from, {has_padding(all.axes) ? BoundaryMode::zero : BoundaryMode::none}), call};
    return y;
}

AnyTensor col2im(const AnyTensor& x, const PerDimension& output_size, const ColumnOptions& o, std::string name,
                 const CallSite& call) {
    const SourceLocation where(call);
    const std::size_t count = std::max(output_size.size(), o.kernel_size.size());
    if (x.rank() != 3 || count > 3 || !output_size.fits(count))
        throw UserError(where, fmt::format("col2im: {} has {} dimensions and output_size {} numbers; it takes N, "
                                           "channels times taps, windows, and one to three sizes",
                                           x.name(), x.rank(), output_size.size()));
    std::int64_t taps = 1;
    for (const Extent& size : extents_of(o.kernel_size, count)) taps *= size.value();
    const Extent rows = x.shape()[1];
    if (taps < 1 || !rows.is_static() || rows.value() % taps != 0)
        throw UserError(where, fmt::format("col2im: dimension 1 of {} ({}) is not a multiple of the {} taps", x.name(),
                                           print(rows.expr()), taps));
    const std::vector<Extent> sizes = extents_of(output_size, count);
    const Extent channels = rows.value() / taps;
    const Var n("n"), c("c", channels);
    const Columns all = columns_of("col2im", x, sizes, channels, c, o, where);
    if (x.shape()[2].is_static() && all.columns.is_static() && x.shape()[2].value() != all.columns.value())
        throw UserError(where, fmt::format("col2im: {} has {} windows; an output of this size has {}", x.name(),
                                           x.shape()[2].value(), all.columns.value()));
    const AnyTensor y(std::move(name), x.type(), arranged(ActivationLayout::nchw, x.shape()[0], channels, sizes), call);
    y.at(arranged<Expr>(ActivationLayout::nchw, n, c, elements(all.axes, all.at, all.taps))) +=
        {Expr(x.at({n, all.row, all.column})), call};
    return y;
}

void append_column_rows(std::vector<OperatorRow>& rows) {
    const auto options_of = [](const OperatorArguments& arguments) {
        ColumnOptions options;
        options.kernel_size = arguments.sizes("kernel_size", 1);
        options.stride = arguments.sizes("stride", 1);
        options.padding = arguments.padding("padding");
        options.dilation = arguments.sizes("dilation", 1);
        return options;
    };
    const std::vector<ParameterRow> parameters{kernel_size_row("3"), stride_row(), padding_row(), dilation_row()};
    std::vector<ParameterRow> with_size = parameters;
    with_size.push_back({"output_size", "28,28", "", "height and width of the result"});
    rows.push_back({"im2col",
                    "windows laid out as columns of a matrix, as PyTorch's unfold",
                    {{"x", {"nchw"}, true, "activations: batch, channels, height, width"}},
                    parameters,
                    "im2col x=f32:8x16x28x28 padding=1",
                    [options_of](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        return {im2col(arguments.tensor("x"), options_of(arguments))};
                    },
                    "Unbatched input is not taken."});
    rows.push_back({"col2im",
                    "columns added back to where their windows lie, as PyTorch's fold",
                    {{"x", {"nkl"}, true, "batch, channels times taps, windows"}},
                    with_size,
                    "col2im x=f32:8x144x784 padding=1 output_size=28,28",
                    [options_of](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        if (!arguments.stated("output_size"))
                            throw UserError("col2im needs output_size (height and width), for example 28,28");
                        std::vector<int> sizes = arguments.integers("output_size", 1);
                        if (sizes.size() == 1) sizes.push_back(sizes[0]);
                        return {col2im(arguments.tensor("x"), sizes, options_of(arguments))};
                    },
                    "Unbatched input is not taken."});
}

}  // namespace heddle
