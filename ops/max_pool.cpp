// ops/max_pool.cpp -- the largest element of each window, and where it is.
#include <limits>

#include "dsl/last_nan.h"
#include "dsl/simplify.h"
#include "ops/pool.h"

namespace heddle {
namespace {

constexpr Boundary left_out{BoundaryMode::skip};

ScalarType offset_type(std::int64_t points) {
    if (points - 1 <= std::numeric_limits<std::uint8_t>::max()) return u8;
    return points - 1 <= std::numeric_limits<std::uint16_t>::max() ? u16 : i32;
}

}  // namespace

AnyTensor max_pool(const AnyTensor& x, const PoolWindow& window, std::string name, const CallSite& call) {
    const PoolPlan plan = pool_plan("max_pool", x, window, SourceLocation(call));
    const AnyTensor y(std::move(name), x.type(), plan.shape, call);
    y.at(plan.result_index(window.layout)).maximize({plan.read(x, window.layout, left_out), call});
    return y;
}

AnyTensor min_pool(const AnyTensor& x, const PoolWindow& window, std::string name, const CallSite& call) {
    const PoolPlan plan = pool_plan("min_pool", x, window, SourceLocation(call));
    const AnyTensor y(std::move(name), x.type(), plan.shape, call);
    y.at(plan.result_index(window.layout)).minimize({plan.read(x, window.layout, left_out), call});
    return y;
}

MaxPoolResult max_pool_with_indices(const AnyTensor& x, const PoolWindow& window, std::string name,
                                    const CallSite& call) {
    const PoolPlan plan = pool_plan("max_pool", x, window, SourceLocation(call));
    std::int64_t points = 1;
    Expr offset = 0;
    for (std::size_t d = 0; d < plan.taps.size(); ++d) {
        const std::int64_t taps = plan.axes[d].taps.value();
        points *= taps;
        offset = offset * taps + plan.taps[d];
    }
    const AnyTensor values(name, x.type(), plan.shape, call);
    const AnyTensor offsets(name + "_offsets", offset_type(points), plan.shape, call);
    const AnyTensor indices(name + "_indices", i64, plan.shape, call);
    const std::vector<Expr> index = plan.result_index(window.layout);
    reduce({values.at(index), offsets.at(index)}, argmax_last_nan_reducer(compute_type(x.type()), i32),
           {plan.read(x, window.layout, left_out), cast(i32, simplify(offset))}, call);

    // The offset taken apart into taps, last dimension first, and put together as an index of x.
    Expr rest = cast(i64, offsets.at(index)), flat = 0;
    std::vector<Expr> tap(plan.taps.size());
    for (std::size_t d = tap.size(); d-- > 0;) {
        tap[d] = d == 0 ? rest : rest % plan.axes[d].taps.value();
        rest = rest / plan.axes[d].taps.value();
    }
    for (std::size_t d = 0; d < tap.size(); ++d)
        flat = flat * plan.axes[d].size + plan.axes[d].element(plan.at[d], tap[d]);
    indices.at(index) = {simplify(flat), call};
    return {values, indices, offsets};
}

AnyTensor global_max_pool(const AnyTensor& x, ActivationLayout layout, std::string name, const CallSite& call) {
    const int dimensions = spatial_dimensions(x, "global_max_pool", SourceLocation(call));
    const ActivationSizes sizes = sizes_of(x, layout);
    const std::vector<Extent> ones(static_cast<std::size_t>(dimensions), 1);
    const std::vector<Expr> only = expressions(output_variables(dimensions));  // of extent 1
    const AnyTensor y(std::move(name), x.type(), arranged(layout, sizes.batch, sizes.channels, ones), call);
    const Var n("n"), c("c");
    y.at(arranged<Expr>(layout, n, c, only))
        .maximize({x.at(arranged<Expr>(layout, n, c, expressions(tap_variables(dimensions)))), call});
    return y;
}

}  // namespace heddle
