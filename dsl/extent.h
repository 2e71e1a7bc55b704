// dsl/extent.h -- the size of a dimension or of a variable's range.
#pragma once

#include "dsl/expr.h"

namespace heddle {

/// An integer, or an i64 expression over run-time parameters: `Extent::dynamic("N", 1, 4096)`, `2 * N + 1`.
class Extent {
public:
    template <std::integral T>
    Extent(T value) : expr_(Expr::integer(static_cast<std::int64_t>(value))) {}
    /// Throws UserError for an expression that is not an integer, or uses anything but parameters.
    Extent(Expr expr);
    /// A run-time parameter in [min, max]; throws UserError unless 0 <= min <= max.
    static Extent dynamic(std::string name, std::int64_t min, std::int64_t max);

    const Expr& expr() const { return expr_; }
    operator Expr() const { return expr_; }
    /// True when it is a plain integer.
    bool is_static() const;
    /// The integer; throws InternalError when dynamic.
    std::int64_t value() const;

private:
    Expr expr_;
};

}  // namespace heddle
