// ops/textbook_gradients.cpp -- dilated, flipped, padded and cropped tensors, and the operator conv between them.
#include "ops/textbook_gradients.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/window.h"
#include "runtime/buffer.h"

namespace heddle {
namespace {

/// One spatial dimension: H, A and P, and the convolution's numbers.
struct Axis {
    std::int64_t size, taps, count;
    int stride, padding, dilation;
    std::int64_t dilated() const { return stride * (count - 1) + 1; }
    std::int64_t span() const { return dilation * (taps - 1); }
};

std::vector<std::int64_t> numbers(const std::vector<Extent>& shape, std::string_view what,
                                  const SourceLocation& where) {
    std::vector<std::int64_t> sizes;
    for (const Extent& extent : shape) {
        if (!extent.is_static())
            throw UserError(where, fmt::format("the textbook's gradients: {} has a run-time size, {}; give it a number",
                                               what, print(extent.expr())));
        sizes.push_back(extent.value());
    }
    return sizes;
}

std::vector<Axis> axes_of(const std::vector<Extent>& x_shape, const std::vector<Extent>& w_shape, const AnyTensor& dy,
                          const ConvOptions& o, const SourceLocation& where) {
    if (o.groups != 1 || o.layout != ActivationLayout::nchw || o.weights != WeightLayout::kcrs ||
        o.padding_mode.mode != BoundaryMode::zero || o.padding.keeps_size())
        throw UserError(where,
                        "the textbook's gradients are of convolutions with one group, zeros for padding (as "
                        "numbers), and tensors in the orders NCHW and KCRS; gradient() takes all others");
    const std::vector<std::int64_t> x = numbers(x_shape, "x", where), w = numbers(w_shape, "w", where),
                                    y = numbers(dy.shape(), dy.name(), where);
    // The forward says what is wrong with the options.
    const AnyTensor forward = conv(AnyTensor("x", dy.type(), x_shape), AnyTensor("w", dy.type(), w_shape), {}, o);
    if (numbers(forward.shape(), "y", where) != y)
        throw UserError(where, fmt::format("the textbook's gradients: {} is {}; a convolution of {} with {} gives {}",
                                           dy.name(), describe_shape(y), describe_shape(x), describe_shape(w),
                                           describe_shape(numbers(forward.shape(), "y", where))));
    std::vector<Axis> axes;
    for (std::size_t d = 2; d < x.size(); ++d)
        axes.push_back({x[d], w[d], y[d], o.stride[d - 2], o.padding[d - 2], o.dilation[d - 2]});
    return axes;
}

/// dy with its elements `stride` apart, the first at `start`, in dimensions of these sizes; what lies outside is cut
/// off.
AnyTensor dilated(const AnyTensor& dy, bool by_channel, const std::vector<Axis>& axes,
                  const std::vector<std::int64_t>& start, const std::vector<std::int64_t>& sizes,
                  const SourceLocation& where) {
    const Extent n = dy.shape()[0], k = dy.shape()[1];
    std::vector<Extent> shape = by_channel ? std::vector{k, n} : std::vector{n, k};
    shape.insert(shape.end(), sizes.begin(), sizes.end());
    const AnyTensor result(dy.name() + "_dilated", dy.type(), shape);
    const Var image("n", n), filter("k", k);
    std::vector<Expr> to = by_channel ? std::vector<Expr>{filter, image} : std::vector<Expr>{image, filter},
                      from{image, filter};
    std::vector<Extent> counts;
    for (const Axis& axis : axes) counts.emplace_back(axis.count);
    const std::vector<Expr> at = expressions(output_variables(counts));
    for (std::size_t d = 0; d < axes.size(); ++d) {
        from.push_back(at[d]);
        to.push_back(simplify(at[d] * axes[d].stride + start[d]));
    }
    add_definition({result.node()}, to, UpdateOp::add, {Expr(dy.at(from))}, {}, where);
    return result;
}

}  // namespace

AnyTensor conv_input_gradient_by_flipping(const AnyTensor& dy, const AnyTensor& w, const std::vector<Extent>& x_shape,
                                          const ConvOptions& o, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const std::vector<Axis> axes = axes_of(x_shape, w.shape(), dy, o, where);
    std::vector<std::int64_t> start, sizes;
    std::vector<Extent> taps;
    std::vector<int> dilations;
    for (const Axis& axis : axes) {
        start.push_back(axis.span() - axis.padding);
        sizes.push_back(axis.size + axis.span());  // the rho behind the end included
        taps.emplace_back(axis.taps);
        dilations.push_back(axis.dilation);
    }
    const AnyTensor padded = dilated(dy, false, axes, start, sizes, where);

    const Extent filters = w.shape()[0], channels = w.shape()[1];
    std::vector<Extent> flipped_shape{channels, filters};
    flipped_shape.insert(flipped_shape.end(), taps.begin(), taps.end());
    const AnyTensor flipped(w.name() + "_flipped", w.type(), flipped_shape);
    const Var k("k", filters), c("c", channels);
    std::vector<Expr> to{c, k}, from{k, c};
    const std::vector<RVar> names = tap_variables(taps);
    for (std::size_t d = 0; d < axes.size(); ++d) {
        const Var tap(names[d].symbol().name(), taps[d]);
        to.emplace_back(tap);
        from.push_back(axes[d].taps - 1 - Expr(tap));
    }
    add_definition({flipped.node()}, to, UpdateOp::assign, {Expr(w.at(from))}, {}, where);

    ConvOptions plain;
    plain.dilation = dilations;
    return conv(padded, flipped, std::nullopt, plain, std::move(name), call);
}

AnyTensor conv_weight_gradient_by_dilation(const AnyTensor& x, const AnyTensor& dy, const std::vector<Extent>& w_shape,
                                           const ConvOptions& o, std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const std::vector<Axis> axes = axes_of(x.shape(), w_shape, dy, o, where);
    std::vector<std::int64_t> sizes;
    for (const Axis& axis : axes) sizes.push_back(axis.dilated());
    const AnyTensor kernel = dilated(dy, true, axes, std::vector<std::int64_t>(axes.size(), 0), sizes, where);

    // Images become what is summed over, channels what stays: N C H W as C N H W.
    const Var n("n"), c("c");
    std::vector<Extent> shape = x.shape();
    std::swap(shape[0], shape[1]);
    const AnyTensor by_channel(x.name() + "_by_channel", x.type(), shape);
    std::vector<Expr> to{c, n}, from{n, c};
    for (const Var& v : output_variables(static_cast<int>(axes.size()))) {
        to.emplace_back(v);
        from.emplace_back(v);
    }
    add_definition({by_channel.node()}, to, UpdateOp::assign, {Expr(x.at(from))}, {}, where);

    ConvOptions options;
    options.stride = o.dilation;
    options.padding = o.padding;
    const AnyTensor wide = conv(by_channel, kernel, std::nullopt, options, name + "_by_channel", call);

    const AnyTensor result(std::move(name), dy.type(), w_shape, call);  // the first taps of it
    const Var k("k");
    to = {k, c}, from = {c, k};
    for (const RVar& tap : tap_variables(static_cast<int>(axes.size()))) {
        const Var v(tap.symbol().name(), w_shape[to.size()]);
        to.emplace_back(v);
        from.emplace_back(v);
    }
    add_definition({result.node()}, to, UpdateOp::assign, {Expr(wide.at(from))}, {}, where);
    return result;
}

}  // namespace heddle
