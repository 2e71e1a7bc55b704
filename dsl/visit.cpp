// dsl/visit.cpp -- walking and rewriting expressions.
#include "dsl/visit.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "runtime/error.h"

namespace heddle {
namespace {

void visit_once(const Expr& e, const std::function<void(const Expr&)>& visit,
                std::unordered_set<const ExprNode*>& seen) {
    if (!seen.insert(e.get()).second) return;
    for (const Expr& operand : operands_of(e)) visit_once(operand, visit, seen);
    visit(e);
}

using Rewritten = std::unordered_map<const ExprNode*, Expr>;

Expr rewrite_once(const Expr& e, const std::function<Expr(const Expr&)>& change, Rewritten& done) {
    if (const auto found = done.find(e.get()); found != done.end()) return found->second;
    std::vector<Expr> operands = operands_of(e);
    for (Expr& operand : operands) operand = rewrite_once(operand, change, done);
    const Expr rebuilt = with_operands(e, operands);
    const Expr changed = change(rebuilt);
    return done[e.get()] = changed.defined() ? changed : rebuilt;
}

Expr rebuild(const Expr& e, const std::vector<Expr>& operands) {
    switch (e.kind()) {
        case ExprKind::Read:
            return Expr(std::make_shared<const Read>(e.as<Read>()->tensor, operands, e.as<Read>()->boundary, e.type()));
        case ExprKind::Unary:
            return unary(e.as<Unary>()->op, operands[0]);
        case ExprKind::Binary:
            return binary(e.as<Binary>()->op, operands[0], operands[1]);
        case ExprKind::Select:
            return select(operands[0], operands[1], operands[2]);
        case ExprKind::Cast:
            return Expr(std::make_shared<const Cast>(e.as<Cast>()->to, operands[0]));
        case ExprKind::DataIndex:
            return index(operands[0], operands[1], e.as<DataIndex>()->mode);
        case ExprKind::StopGradient:
            return stop_gradient(operands[0]);
        case ExprKind::PrintWhen:
            return print_when(operands[0], e.as<PrintWhen>()->label, operands[1],
                              {operands.begin() + 2, operands.end()});
        case ExprKind::IntImm:
        case ExprKind::FloatImm:
        case ExprKind::Variable:
            break;
    }
    throw InternalError("a node without operands was given some");
}

}  // namespace

std::vector<Expr> operands_of(const Expr& e) {
    switch (e.kind()) {
        case ExprKind::Read:
            return e.as<Read>()->indices;
        case ExprKind::Unary:
            return {e.as<Unary>()->operand};
        case ExprKind::Binary:
            return {e.as<Binary>()->a, e.as<Binary>()->b};
        case ExprKind::Select:
            return {e.as<Select>()->condition, e.as<Select>()->when_true, e.as<Select>()->when_false};
        case ExprKind::Cast:
            return {e.as<Cast>()->operand};
        case ExprKind::DataIndex:
            return {e.as<DataIndex>()->value, e.as<DataIndex>()->extent};
        case ExprKind::StopGradient:
            return {e.as<StopGradient>()->operand};
        case ExprKind::PrintWhen: {
            std::vector<Expr> operands = {e.as<PrintWhen>()->condition, e.as<PrintWhen>()->value};
            operands.insert(operands.end(), e.as<PrintWhen>()->shown.begin(), e.as<PrintWhen>()->shown.end());
            return operands;
        }
        case ExprKind::IntImm:
        case ExprKind::FloatImm:
        case ExprKind::Variable:
            break;
    }
    return {};
}

Expr with_operands(const Expr& e, const std::vector<Expr>& operands) {
    const std::vector<Expr> old = operands_of(e);
    require(old.size() == operands.size(), "with_operands: another number of operands than the node has");
    const auto same = [](const Expr& a, const Expr& b) { return a.same_as(b); };
    return std::equal(old.begin(), old.end(), operands.begin(), same) ? e : rebuild(e, operands);
}

void for_each_node(const Expr& e, const std::function<void(const Expr&)>& visit) {
    std::unordered_set<const ExprNode*> seen;
    visit_once(e, visit, seen);
}

Expr rewrite(const Expr& e, const std::function<Expr(const Expr&)>& rewrite) {
    Rewritten done;
    return rewrite_once(e, rewrite, done);
}

Expr substitute(const Expr& e, const Substitution& values) {
    if (values.empty()) return e;
    return rewrite(e, [&](const Expr& node) {
        const Variable* variable = node.as<Variable>();
        const auto found = variable ? values.find(variable->symbol) : values.end();
        return found == values.end() ? Expr() : found->second;
    });
}

bool uses(const Expr& e, const Symbol& symbol) {
    if (const Variable* variable = e.as<Variable>()) return variable->symbol == symbol;
    const std::vector<Expr> operands = operands_of(e);
    return std::any_of(operands.begin(), operands.end(), [&](const Expr& operand) { return uses(operand, symbol); });
}

std::vector<Symbol> symbols_of(const Expr& e) {
    std::vector<Symbol> symbols;
    for_each_node(e, [&](const Expr& node) {
        const Variable* variable = node.as<Variable>();
        if (variable && std::find(symbols.begin(), symbols.end(), variable->symbol) == symbols.end())
            symbols.push_back(variable->symbol);
    });
    return symbols;
}

}  // namespace heddle
