// dsl/simplify_rules.h -- the rewrite rules of the simplifier, as a table that its tests read too.
#pragma once

#include <utility>
#include <vector>

#include "dsl/expr.h"

namespace heddle {

/// What a rule's wildcards may stand for, besides booleans.
enum class RuleTypes : std::uint8_t {
    any,       ///< also floats: every bit of the result is kept
    integers,  ///< holds in wrapping arithmetic of every width
    indices    ///< i64 only, taken as whole numbers
};

/// pattern -> replacement where the condition is proved (an undefined one: always). Variables are wildcards: those
/// named c0, c1, ... stand for literals, flags (`Cast` of a variable to boolean) for conditions, the others for
/// anything. An i64 pattern `p + y` takes any one term of a sum as p and the rest, maybe 0, as y; `x * z` in it takes
/// every multiple of what z already stands for.
struct Rule {
    Expr pattern, replacement, condition;
    RuleTypes types;
};

/// All rules, in the order in which they are tried.
const std::vector<Rule>& simplify_rules();
bool is_literal_wildcard(const Symbol& symbol);
/// The variable of a flag; nothing for other patterns.
const Variable* flag_of(const Expr& pattern);

/// What the wildcards stand for.
using Bindings = std::vector<std::pair<Symbol, Expr>>;
/// True when `e` has the pattern's form; adds to the bindings, and leaves them as they were when it has not.
bool match(const Expr& pattern, const Expr& e, Bindings& bindings);
/// The pattern with its wildcards replaced.
Expr instantiate(const Expr& pattern, const Bindings& bindings);
/// True when everything bound has one of the types.
bool have_types(const Bindings& bindings, RuleTypes types);

}  // namespace heddle
