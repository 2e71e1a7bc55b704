// codegen/passes/edge_tests.h -- the tests that decide where a partitioned loop has edges, and statements without them.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <vector>

#include "codegen/stmt.h"
#include "dsl/interval.h"

namespace heddle {

inline constexpr std::int64_t most_edge_copies = 4;  ///< a side; more edge iterations stay a loop with tests

std::int64_t floor_quotient(std::int64_t a, std::int64_t b);
/// Constant ranges of the variables of loops inside a statement, over all loops of a variable (its own parts, when it
/// was partitioned already); variables of loops with other bounds are absent.
Ranges inner_ranges(const Stmt& s);
/// Conditions inside, of values too, and where the folding of an index by its boundary changes nothing.
std::vector<Expr> tests_in(const Stmt& s);
/// Without the tests in `proved`, which hold throughout the statement.
Stmt assume(const Stmt& s, const std::vector<Expr>& proved);
/// With the body of one edge iteration: loops that the remaining tests depend on are unrolled.
Stmt unroll_tested(const Stmt& body, const std::set<Symbol>& tested);
/// The part of the index that a boundary folds back into its tensor, without the foldings that `proved` says change
/// nothing.
Stmt unfold(const Stmt& s, const std::vector<Expr>& proved);
/// Each term of each condition replaced by what `change` makes of it; undefined: kept.
Stmt rewrite_terms(const Stmt& s, const std::function<Expr(const Expr&)>& change);

}  // namespace heddle
