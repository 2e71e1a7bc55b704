// ops/cross_entropy.cpp -- cross entropy: statistics of each row, its loss, and the sum over all rows.
#include "ops/cross_entropy.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/groups.h"
#include "ops/row_statistics.h"

namespace heddle {
namespace {

constexpr const char* operation = "cross_entropy";

void check(const AnyTensor& x, const AnyTensor& target, const std::optional<AnyTensor>& weight,
           const CrossEntropyOptions& o, const SourceLocation& where) {
    if (x.rank() < 2)
        throw UserError(
            where, fmt::format("{}: {} has {} dimension; it needs a batch and classes", operation, x.name(), x.rank()));
    const bool probabilities = is_float(target.type());
    if (!probabilities && target.type() != i32 && target.type() != i64)
        throw UserError(where, fmt::format("{}: {} is {}; it holds class indices (i32, i64) or probabilities (floats)",
                                           operation, target.name(), name_of(target.type())));
    const int expected = probabilities ? x.rank() : x.rank() - 1;
    if (target.rank() != expected)
        throw UserError(where, fmt::format("{}: {} of {} has {} dimensions, as {} has {}; {} were given", operation,
                                           target.name(), probabilities ? "probabilities" : "class indices", expected,
                                           x.name(), x.rank(), target.rank()));
    for (int d = 0; d < x.rank(); ++d) {
        if (!probabilities && d == 1) continue;
        const Extent& given = target.shape()[!probabilities && d > 1 ? d - 1 : d];
        if (differ(x.shape()[d], given))
            throw UserError(where,
                            fmt::format("{}: {} has {} where {} has {} in dimension {}", operation, target.name(),
                                        print(given.expr()), x.name(), print(x.shape()[d].expr()), d));
    }
    if (weight && (weight->rank() != 1 || differ(weight->shape()[0], x.shape()[1])))
        throw UserError(where, fmt::format("{}: {} needs one number for each of the {} classes of {}", operation,
                                           weight->name(), print(x.shape()[1].expr()), x.name()));
    if (!(o.label_smoothing >= 0 && o.label_smoothing <= 1))
        throw UserError(
            where, fmt::format("{}: label_smoothing is {}; it lies between 0 and 1", operation, o.label_smoothing));
    if (probabilities && o.ignore_index >= 0)
        throw UserError(where, fmt::format("{}: ignore_index={} needs class indices; {} holds probabilities", operation,
                                           o.ignore_index, target.name()));
}

/// What one row is written with: reads at its variables.
struct Row {
    std::vector<Extent> shape;
    std::vector<Expr> index;  ///< of the row: n and the further dimensions
    std::vector<Expr> all;    ///< of x: with the class in dimension 1
    Expr log_sum;             ///< m + log(sum of exp(x - m))
    Expr minus_log(const AnyTensor& x, const Expr& of_class) const {
        std::vector<Expr> at = all;
        at[1] = of_class;
        return log_sum - Expr(x.at(at));
    }
};
Row row_of(const AnyTensor& x, const std::string& name, const CallSite& call) {
    const RowStatistics statistics = row_statistics(x, 1, operation, name, call);
    Row row{x.shape(), statistics.index, statistics.index, statistics.largest + log(statistics.sum)};
    row.shape.erase(row.shape.begin() + 1);
    row.index.erase(row.index.begin() + 1);
    return row;
}

/// sum over all elements of `values`, in a tensor of one element.
AnyTensor total(const AnyTensor& values, std::string name, const CallSite& call) {
    const AnyTensor sum(std::move(name), values.type(), std::vector<Extent>{}, call);
    std::vector<Expr> all;
    for (int d = 0; d < values.rank(); ++d) all.emplace_back(RVar(fmt::format("i{}", d)));
    sum.at({}) += {Expr(values.at(all)), call};
    return sum;
}

}  // namespace

AnyTensor cross_entropy(const AnyTensor& x, const AnyTensor& target, const std::optional<AnyTensor>& weight,
                        const CrossEntropyOptions& o, std::string name, const CallSite& call) {
    check(x, target, weight, o, SourceLocation(call));
    const ScalarType type = compute_type(x.type());
    const auto number = [&](double value) { return Expr::floating(value, type); };
    const auto weight_of = [&](const Expr& c) { return weight ? cast(type, weight->at({c})) : number(1); };
    const auto weighted = [&](const Expr& c, const Expr& value) { return weight ? value * weight_of(c) : value; };
    const Row row = row_of(x, name, call);
    const Extent classes = x.shape()[1];
    const Expr share = number(o.label_smoothing) / cast(type, classes), rest = number(1 - o.label_smoothing);
    const bool smooth = o.label_smoothing > 0, none = o.reduction == LossReduction::none;
    const RVar c("c");
    const AnyTensor loss = none && x.type() == type ? AnyTensor(name, type, row.shape, call)
                                                    : AnyTensor(name + "_rows", type, row.shape, call);
    AnyTensor counted;  // weights of the rows
    if (is_float(target.type())) {
        std::vector<Expr> at = row.all;
        at[1] = c;
        const Expr given = cast(type, target.at(at));
        loss.at(row.index) += {weighted(c, row.minus_log(x, c) * (smooth ? given * rest + share : given)), call};
    } else {
        const Expr given = target.at(row.index), ignored = equals(given, cast(given.type(), o.ignore_index));
        const Expr of_class = index(given, classes);
        Expr value = weighted(of_class, row.minus_log(x, of_class));
        if (smooth) {
            const AnyTensor spread(name + "_spread", type, row.shape, call);
            spread.at(row.index) += {weighted(c, row.minus_log(x, c)), call};
            value = value * rest + Expr(spread.at(row.index)) * share;
        }
        loss.at(row.index) = {select(ignored, number(0), value), call};
        if (o.reduction == LossReduction::mean) {
            counted = AnyTensor(name + "_counted", type, row.shape, call);
            counted.at(row.index) = {select(ignored, number(0), weight_of(of_class)), call};
        }
    }
    const AnyTensor y =
        none && x.type() == type ? loss : AnyTensor(name, x.type(), none ? row.shape : std::vector<Extent>{}, call);
    if (none) {
        if (!(y == loss)) y.at(row.index) = {Expr(loss.at(row.index)), call};
        return y;
    }
    Expr sum = total(loss, name + "_total", call).at({});
    if (o.reduction == LossReduction::mean) {
        Expr rows = 1;
        for (const Extent& extent : row.shape) rows = rows * extent;
        sum =
            sum / (counted.defined() ? Expr(total(counted, name + "_count", call).at({})) : cast(type, simplify(rows)));
    }
    y.at({}) = {sum, call};
    return y;
}

}  // namespace heddle
