// ops/conv2d.cpp -- two-dimensional convolution as one definition, after an `=` with the bias where there is one.
#include "ops/conv2d.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"

namespace heddle {
namespace {

/// Values of N, C, H, W in the order of the layout, and back.
template <class T>
std::vector<T> arranged(ActivationLayout layout, T n, T c, T h, T w) {
    if (layout == ActivationLayout::nchw) return {n, c, h, w};
    return {n, h, w, c};
}
template <class T>
std::vector<T> arranged(WeightLayout layout, T k, T c, T r, T s) {
    if (layout == WeightLayout::kcrs) return {k, c, r, s};
    if (layout == WeightLayout::krsc) return {k, r, s, c};
    return {r, s, c, k};
}
/// Where each of N, C, H, W (or K, C, R, S) stands.
std::vector<int> places(ActivationLayout layout) {
    return layout == ActivationLayout::nchw ? std::vector{0, 1, 2, 3} : std::vector{0, 3, 1, 2};
}
std::vector<int> places(WeightLayout layout) {
    if (layout == WeightLayout::kcrs) return {0, 1, 2, 3};
    return layout == WeightLayout::krsc ? std::vector{0, 3, 1, 2} : std::vector{3, 2, 0, 1};
}

bool differ(const Extent& a, const Extent& b) { return a.is_static() && b.is_static() && a.value() != b.value(); }

void check_channels(const AnyTensor& x, const AnyTensor& w, const Extent& c, const Extent& c_of_group, const Extent& k,
                    int groups, const SourceLocation& where) {
    if (groups < 1) throw UserError(where, fmt::format("conv2d: groups is {}; it is 1 or more", groups));
    if (groups > 1)
        for (const auto& [what, extent] :
             {std::pair(x.name() + "'s channels", c), std::pair(w.name() + "'s filters", k)})
            if (!extent.is_static() || extent.value() % groups != 0)
                throw UserError(where, fmt::format("conv2d: groups={} does not divide {} ({})", groups, what,
                                                   print(extent.expr())));
    const Extent expected = groups == 1 ? c : Extent(c.value() / groups);
    if (differ(expected, c_of_group))
        throw UserError(
            where, fmt::format("conv2d: {} has {} channels in {} group{}, so that a filter of {} needs {}; it has {}",
                               x.name(), print(c.expr()), groups, groups == 1 ? "" : "s", w.name(),
                               print(expected.expr()), print(c_of_group.expr())));
}

/// Size of the output along dimension `d` (0: rows, 1: columns).
Extent output_size(const AnyTensor& x, const Extent& size, const Extent& taps, const Conv2dOptions& o, int d,
                   const SourceLocation& where) {
    if (o.stride[d] < 1 || o.dilation[d] < 1 || o.padding[d] < 0)
        throw UserError(
            where, fmt::format("conv2d: stride {}, dilation {}, padding {} along the {}: stride and dilation are 1 "
                               "or more, padding 0 or more",
                               o.stride[d], o.dilation[d], o.padding[d], d == 0 ? "rows" : "columns"));
    const Extent span(Expr(taps) * o.dilation[d] - (o.dilation[d] - 1)), padded(Expr(size) + 2 * o.padding[d]);
    if (span.is_static() && padded.is_static() && span.value() > padded.value())
        throw UserError(
            where, fmt::format("conv2d: the filter spans {} {}, and {} with its padding has {}: give a smaller filter, "
                               "less dilation or more padding",
                               span.value(), d == 0 ? "rows" : "columns", x.name(), padded.value()));
    return Expr((Expr(padded) - Expr(span)) / o.stride[d] + 1);
}

/// The row or column that tap `tap` of output `at` reads.
Expr source_index(const Var& at, const RVar& tap, const Conv2dOptions& o, int d) {
    return simplify(at * o.stride[d] + tap * o.dilation[d] - o.padding[d]);
}

}  // namespace

Tensor<4> conv2d(const Tensor<4>& x, const Tensor<4>& w, const std::optional<Tensor<1>>& bias, const Conv2dOptions& o,
                 std::string name, const CallSite& call) {
    const SourceLocation where(call);
    const std::vector<int> xs = places(o.layout), ws = places(o.weights);
    const Extent N = x.shape()[xs[0]], C = x.shape()[xs[1]], K = w.shape()[ws[0]], C_of_group = w.shape()[ws[1]];
    check_channels(x, w, C, C_of_group, K, o.groups, where);
    const Extent P = output_size(x, x.shape()[xs[2]], w.shape()[ws[2]], o, 0, where);
    const Extent Q = output_size(x, x.shape()[xs[3]], w.shape()[ws[3]], o, 1, where);
    const Tensor<4> y(
        AnyTensor(std::move(name), o.output_type.value_or(x.type()), arranged(o.layout, N, K, P, Q), call));

    Var n("n"), k("k"), p("p"), q("q");
    RVar c("c"), r("r"), s("s");
    if (bias) {
        if (differ(bias->shape()[0], K))
            throw UserError(where, fmt::format("conv2d: {} has {} elements, {} has {} filters", bias->name(),
                                               print(bias->shape()[0].expr()), w.name(), print(K.expr())));
        y.at(arranged<Expr>(o.layout, n, k, p, q)) = {(*bias)(k), call};
    }
    Expr filter = k, channel = c, channel_of_group = c;  // in groups of several filters k = g * (K / groups) + i
    if (o.groups > 1) {
        const Var g("g", o.groups), i("i", K.value() / o.groups);
        filter = K.value() == o.groups ? Expr(g) : g * (K.value() / o.groups) + i;
        channel = C.value() == o.groups ? Expr(g) : g * (C.value() / o.groups) + c;
        if (C.value() == o.groups) channel_of_group = 0;
    }
    const Boundary boundary = o.padding == std::array{0, 0} ? Boundary{} : o.boundary;
    const Expr rows = source_index(p, r, o, 0), columns = source_index(q, s, o, 1);
    const Expr value(Access(x.node(), arranged<Expr>(o.layout, n, channel, rows, columns), boundary));
    const Expr weight(w.at(arranged<Expr>(o.weights, filter, channel_of_group, r, s)));
    y.at(arranged<Expr>(o.layout, n, filter, p, q)) += {value * weight, call};
    return y;
}

}  // namespace heddle
