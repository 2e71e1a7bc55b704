// ops/unpool.cpp -- unpooling: which window comes last at each element, as a scatter, then a scatter of its value,
// whose derivative is a gather.
#include "ops/unpool.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/operator_rows.h"

namespace heddle {
namespace {

std::vector<Extent> result_sizes(const std::string& operation, const std::vector<WindowAxis>& axes,
                                 const std::optional<PerDimension>& stated, const SourceLocation& where) {
    std::vector<Extent> sizes;
    for (std::size_t d = 0; d < axes.size(); ++d) {
        const WindowAxis& axis = axes[d];
        const Extent usual((Expr(axis.size) - 1) * axis.stride - 2 * axis.before + axis.taps);
        sizes.push_back(stated ? Extent((*stated)[d]) : usual);
        if (sizes.back().is_static() && sizes.back().value() < 1)
            throw UserError(where, fmt::format("{}: the result would have {} {}; give less padding", operation,
                                               sizes.back().value(), axis.name));
        if (!stated || !usual.is_static()) continue;
        const std::int64_t low = usual.value() - axis.stride + 1, high = usual.value() + axis.stride - 1;
        if (sizes.back().value() < low || sizes.back().value() > high)
            throw UserError(where, fmt::format("{}: output_size {} along the {}: it lies between {} and {}", operation,
                                               sizes.back().value(), axis.name, low, high));
    }
    return sizes;
}

/// Indices of each dimension from one that counts all of them, row by row.
std::vector<Expr> taken_apart(Expr flat, const std::vector<Extent>& sizes) {
    std::vector<Expr> indices(sizes.size());
    for (std::size_t d = sizes.size(); d-- > 0;) {
        indices[d] = d == 0 ? flat : flat % sizes[d];
        flat = flat / sizes[d];
    }
    return indices;
}

Expr product(const std::vector<Extent>& sizes) {
    Expr all = 1;
    for (const Extent& size : sizes) all = all * size;
    return simplify(all);
}

}  // namespace

AnyTensor max_unpool(const AnyTensor& x, const AnyTensor& indices, const UnpoolOptions& o, std::string name,
                     const CallSite& call) {
    const SourceLocation where(call);
    const int dimensions = spatial_dimensions(x, "max_unpool", where);
    const std::string operation = fmt::format("max_unpool{}d", dimensions);
    const auto count = static_cast<std::size_t>(dimensions);
    if (indices.type() != i32 && indices.type() != i64)
        throw UserError(where, fmt::format("{}: {} is {}; it holds i32 or i64", operation, indices.name(),
                                           name_of(indices.type())));
    for (int d = 0; d < x.rank(); ++d)
        if (indices.rank() != x.rank() || (x.shape()[d].is_static() && indices.shape()[d].is_static() &&
                                           x.shape()[d].value() != indices.shape()[d].value()))
            throw UserError(where,
                            fmt::format("{}: {} has another shape than {}", operation, indices.name(), x.name()));
    if (!o.kernel_size.fits(count) || (o.output_size && !o.output_size->fits(count)))
        throw UserError(where, fmt::format("{}: kernel_size and output_size take one number, or one for each of {} "
                                           "spatial dimensions",
                                           operation, dimensions));
    const ActivationSizes sizes = sizes_of(x, o.layout);
    WindowSteps steps{o.stride.value_or(o.kernel_size)};
    std::vector<WindowAxis> axes =
        window_axes(operation, sizes.spatial, extents_of(o.kernel_size, count), steps, where);
    for (std::size_t d = 0; d < count; ++d) axes[d].before = o.padding[d];
    const std::vector<Extent> results = result_sizes(operation, axes, o.output_size, where);
    const std::vector<Extent> shape = arranged(o.layout, sizes.batch, sizes.channels, results);

    // Which window: in two bytes where they can say it.
    const auto* windows = product(sizes.spatial).as<IntImm>();
    const ScalarType number = windows && windows->value <= 1 << 15 ? i16 : i32;
    const AnyTensor source(name + "_source", number, shape, call), y(std::move(name), x.type(), shape, call);
    const Var n("n"), c("c");
    const std::vector<Expr> at = expressions(output_variables(dimensions));
    Expr window = 0;
    for (std::size_t d = 0; d < count; ++d) window = window * sizes.spatial[d] + at[d];
    const Expr place = index(indices.at(arranged<Expr>(o.layout, n, c, at)), product(results));
    source.at(arranged<Expr>(o.layout, n, c, taken_apart(place, results)))
        .maximize({cast(number, simplify(window)), call});

    const std::vector<Expr> to = arranged<Expr>(o.layout, n, c, taken_apart(place, results));
    const Expr value = x.at(arranged<Expr>(o.layout, n, c, at)), last = source.at(to);
    y.at(to) += LocatedExpr(select(equals(last, cast(number, simplify(window))), value, cast(value.type(), 0)), call);
    return y;
}

void append_unpool_rows(std::vector<OperatorRow>& rows) {
    for (int d = 1; d <= 3; ++d)
        rows.push_back(
            {fmt::format("max_unpool{}d", d),
             fmt::format("the values of a max pool put back where they came from, as PyTorch's max_unpool{}d", d),
             {activations_row("x", d),
              {"indices", activation_letters(d), true, "where each value goes: an index that counts all of a channel"}},
             {kernel_size_row("2"),
              stride_row(""),
              padding_row(),
              {"output_size", "8 or 8,9", "", "of the result; (H - 1)*stride - 2*padding + kernel_size if not stated"}},
             fmt::format("max_unpool{0}d x=f32:{1} indices=i64:{1}", d, example_sizes("8x16", "14", d)),
             [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                 UnpoolOptions options;
                 options.kernel_size = arguments.sizes("kernel_size", 1);
                 if (arguments.stated("stride")) options.stride = arguments.sizes("stride", 1);
                 options.padding = arguments.sizes("padding", 0);
                 if (arguments.stated("output_size")) options.output_size = arguments.sizes("output_size", 1);
                 options.layout = static_cast<ActivationLayout>(arguments.layout("x"));
                 if (arguments.layout("indices") != arguments.layout("x"))
                     throw UserError("max_unpool: x and indices are given in one layout");
                 return {max_unpool(arguments.tensor("x"), arguments.tensor("indices"), options)};
             },
             "Of several values for one element the last is kept, on all targets, and the gradient "
             "reaches it alone; PyTorch's reaches all of them."});
}

}  // namespace heddle
