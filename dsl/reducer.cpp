// dsl/reducer.cpp -- tuple reductions: identities and how two tuples combine.
#include <limits>

#include "dsl/definition.h"
#include "dsl/last_nan.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

std::int64_t smallest(ScalarType type) {
    if (!is_signed(type)) return 0;
    return std::numeric_limits<std::int64_t>::min() >> (64 - 8 * bytes_of(type));
}
std::int64_t largest(ScalarType type) {
    if (type == boolean) return 1;
    return std::numeric_limits<std::int64_t>::max() >> (64 - 8 * bytes_of(type) - (is_signed(type) ? 0 : 1));
}

Expr extreme(ScalarType type, bool low) {
    if (!is_float(type)) return Expr::integer(low ? smallest(type) : largest(type), compute_type(type));
    constexpr double infinity = std::numeric_limits<double>::infinity();
    return Expr::floating(low ? -infinity : infinity, compute_type(type));
}

std::vector<AnyTensor> placeholders(const std::string& name, const std::vector<Expr>& identity) {
    std::vector<AnyTensor> tensors;
    for (std::size_t i = 0; i < identity.size(); ++i)
        tensors.emplace_back(name + std::to_string(i), identity[i].type(), std::vector<Extent>{});
    return tensors;
}

std::vector<Expr> reads_of(const std::vector<AnyTensor>& tensors) {
    std::vector<Expr> reads;
    for (const AnyTensor& tensor : tensors) reads.push_back(tensor.at({}));
    return reads;
}

}  // namespace

Expr identity_of(UpdateOp op, ScalarType type) {
    const ScalarType compute = compute_type(type);
    switch (op) {
        case UpdateOp::assign:
        case UpdateOp::add:
            return is_float(compute) ? Expr::floating(0, compute) : Expr::integer(0, compute);
        case UpdateOp::mul:
            return is_float(compute) ? Expr::floating(1, compute) : Expr::integer(1, compute);
        case UpdateOp::max:
            return extreme(type, true);
        case UpdateOp::min:
            return extreme(type, false);
        case UpdateOp::argmax:
            return Expr::integer(-1, compute);
        case UpdateOp::tuple:
            break;
    }
    throw InternalError("the identity of a tuple reduction is its reducer's");
}

namespace detail {

Reducer reducer_without_combine(std::string name, std::vector<Expr> identity) {
    if (identity.empty()) throw UserError("the reducer " + name + " has no components; give it one identity for each");
    for (const Expr& value : identity)
        if (!value.defined() || !symbols_of(value).empty())
            throw UserError("the identities of the reducer " + name + " must be constants");
    Reducer reducer{std::move(name), std::move(identity), {}, {}, {}};
    reducer.left = placeholders("left", reducer.identity);
    reducer.right = placeholders("right", reducer.identity);
    return reducer;
}

std::vector<Expr> reads_of_components(const std::vector<AnyTensor>& placeholders) { return reads_of(placeholders); }

Reducer with_combine(Reducer reducer, std::vector<Expr> combine) {
    reducer.combine = std::move(combine);
    if (reducer.combine.size() != reducer.identity.size())
        throw UserError("the reducer " + reducer.name + " has " + std::to_string(reducer.identity.size()) +
                        " identities and combines into " + std::to_string(reducer.combine.size()) +
                        " values; it needs one of each a component");
    for (std::size_t i = 0; i < reducer.combine.size(); ++i)
        reducer.combine[i] = cast(reducer.identity[i].type(), reducer.combine[i]);
    return reducer;
}

}  // namespace detail

Reducer argmax_reducer(ScalarType value_type) {
    // A position below 0 stands for no value yet.
    return make_reducer("argmax", {extreme(value_type, true), Expr::integer(-1, i64)},
                        [](std::vector<Expr> a, std::vector<Expr> b) -> std::vector<Expr> {
                            const Expr a_nan = not_equals(a[0], a[0]), b_nan = not_equals(b[0], b[0]);
                            const Expr larger = !a_nan && (b_nan || a[0] < b[0]);
                            const Expr same = (a_nan && b_nan) || equals(a[0], b[0]);
                            const Expr second = Expr(0) <= b[1] && (a[1] < 0 || larger || (same && b[1] < a[1]));
                            return {select(second, b[0], a[0]), select(second, b[1], a[1])};
                        });
}

Reducer argmax_last_nan_reducer(ScalarType value_type, ScalarType position_type) {
    return make_reducer("argmax_last_nan", {extreme(value_type, true), Expr::integer(-1, position_type)},
                        [](std::vector<Expr> a, std::vector<Expr> b) -> std::vector<Expr> {
                            const Expr a_nan = not_equals(a[0], a[0]), b_nan = not_equals(b[0], b[0]);
                            const Expr later = a[1] < b[1];
                            const Expr larger = !a_nan && (a[0] < b[0] || (equals(a[0], b[0]) && !later));
                            const Expr beats = select(b_nan, !a_nan || later, larger);
                            const Expr second = 0 <= b[1] && (a[1] < 0 || beats);
                            return {select(second, b[0], a[0]), select(second, b[1], a[1])};
                        });
}

Reducer max_sum_exp_reducer(ScalarType value_type) {
    if (!is_float(value_type))
        throw UserError("max_sum_exp_reducer(" + std::string(name_of(value_type)) + ") needs a float type");
    return make_reducer("max_sum_exp", {extreme(value_type, true), identity_of(UpdateOp::add, value_type)},
                        [](std::vector<Expr> a, std::vector<Expr> b) -> std::vector<Expr> {
                            const Expr largest = max(a[0], b[0]);
                            // Equal maxima need no factor, and two infinite ones would give inf - inf.
                            const auto scaled = [&](const std::vector<Expr>& part) {
                                return select(equals(part[0], largest), part[1], part[1] * exp(part[0] - largest));
                            };
                            return {largest, scaled(a) + scaled(b)};
                        });
}

void reduce(const std::vector<Access>& left, const Reducer& reducer, const std::vector<Expr>& right,
            const CallSite& where) {
    std::vector<std::shared_ptr<TensorNode>> targets;
    for (const Access& access : left) {
        bool same = access.indices().size() == left[0].indices().size();
        for (std::size_t d = 0; same && d < access.indices().size(); ++d)
            same = equal(access.indices()[d], left[0].indices()[d]);
        if (!same)
            throw UserError(SourceLocation(where), left[0].tensor()->name + " and " + access.tensor()->name +
                                                       " are defined together and must have the same indices");
        targets.push_back(access.tensor());
    }
    if (left.empty()) throw UserError(SourceLocation(where), "reduce(): no tensor to define");
    add_definition(targets, left[0].indices(), UpdateOp::tuple, right, reducer, SourceLocation(where));
}

}  // namespace heddle
