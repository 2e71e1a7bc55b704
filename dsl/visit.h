// dsl/visit.h -- walking and rewriting expressions.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "dsl/expr.h"

namespace heddle {

/// The operands of a node, left to right (a Read's indices, a Select's condition first, ...).
std::vector<Expr> operands_of(const Expr& e);
/// The node with other operands, one for each of operands_of; the same handle when none changed.
Expr with_operands(const Expr& e, const std::vector<Expr>& operands);
/// Calls `visit` on every node, operands before users; on a node that several handles share, once.
void for_each_node(const Expr& e, const std::function<void(const Expr&)>& visit);
/// Bottom-up rewrite: operands first, then `rewrite` on the rebuilt node (returns an undefined Expr to keep it).
Expr rewrite(const Expr& e, const std::function<Expr(const Expr&)>& rewrite);
/// Replaces variables.
using Substitution = std::map<Symbol, Expr>;
Expr substitute(const Expr& e, const Substitution& values);
/// True when the symbol occurs.
bool uses(const Expr& e, const Symbol& symbol);
/// The symbols that occur, in order of first occurrence.
std::vector<Symbol> symbols_of(const Expr& e);

}  // namespace heddle
