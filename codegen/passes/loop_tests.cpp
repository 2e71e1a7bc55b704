// codegen/passes/loop_tests.cpp -- the iterations of a loop in which all tests of its body hold.
#include "codegen/passes/loop_tests.h"

#include <algorithm>

#include "codegen/passes/conditions.h"
#include "codegen/passes/edge_tests.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {

std::pair<std::int64_t, std::int64_t> interior_of(const For& loop, Ranges around) {
    const auto* min = loop.min.as<IntImm>();
    const auto* extent = loop.extent.as<IntImm>();
    require(min != nullptr && extent != nullptr, "an interior is that of a loop with constant ends");
    std::int64_t low = min->value, high = min->value + extent->value;
    for (const auto& [symbol, range] : inner_ranges(loop.body)) around[symbol] = range;
    for (const Expr& term : tests_in(loop.body)) {
        const std::optional<Linear> sum = at_least_zero(in_parts(term));
        const std::int64_t coefficient = sum ? factor_of(*sum, loop.var).value_or(0) : 0;
        if (coefficient == 0) continue;
        std::int64_t worst = sum->constant;
        bool known = true;
        for (const LinearTerm& part : sum->terms) {
            if (uses(part.product, loop.var)) continue;
            const Interval range = interval_of(part.product, around);
            const std::int64_t end = part.factor > 0 ? range.min : range.max;
            known = known && end != Interval::minus_infinity && end != Interval::plus_infinity;
            if (known) worst += part.factor * end;
        }
        if (!known) continue;
        if (coefficient > 0)  // coefficient * v + worst >= 0
            low = std::max(low, -floor_quotient(worst, coefficient));
        else
            high = std::min(high, floor_quotient(worst, -coefficient) + 1);
    }
    return {low, std::max(low, high)};
}

}  // namespace heddle
