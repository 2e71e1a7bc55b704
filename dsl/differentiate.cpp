// dsl/differentiate.cpp -- one expression, backwards: what each of its reads contributes.
#include "dsl/differentiate.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "dsl/adjoint_rules.h"
#include "dsl/definition.h"
#include "dsl/print.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

template <class Rule, class Op>
const Rule* find_rule(std::span<const Rule> table, Op op) {
    const auto found = std::find_if(table.begin(), table.end(), [&](const Rule& rule) { return rule.op == op; });
    return found == table.end() ? nullptr : &*found;
}

class Backwards {
public:
    Backwards(const std::function<bool(const TensorNode&)>& active, const std::function<Expr(const Expr&)>& value,
              const std::string& stage, const SourceLocation& where)
        : active_(active), value_(value), stage_(stage), where_(where) {}

    std::vector<ReadAdjoint> run(const Expr& e, const Expr& g) {
        order(e);
        add(e, g);
        for (auto node = order_.rbegin(); node != order_.rend(); ++node)
            if (const auto found = adjoints_.find(node->get()); found != adjoints_.end()) visit(*node, found->second);
        return std::move(reads_);
    }

private:
    /// The operands through which a derivative passes.
    static std::vector<Expr> paths_of(const Expr& e) {
        switch (e.kind()) {
            case ExprKind::Unary:
                return e.as<Unary>()->op == UnaryOp::logical_not ? std::vector<Expr>{} : operands_of(e);
            case ExprKind::Binary:
                return e.type() == boolean ? std::vector<Expr>{} : operands_of(e);
            case ExprKind::Select:
                return {e.as<Select>()->when_true, e.as<Select>()->when_false};
            case ExprKind::Cast:
                return operands_of(e);
            case ExprKind::PrintWhen:
                return {e.as<PrintWhen>()->value};
            default:
                return {};
        }
    }

    /// Post-order of what leads to an active read.
    bool order(const Expr& e) {
        if (const auto known = leads_.find(e.get()); known != leads_.end()) return known->second;
        const Read* read = e.as<Read>();
        bool leads = read && active_(*read->tensor);
        for (const Expr& operand : paths_of(e)) leads |= order(operand);
        leads_[e.get()] = leads;
        if (leads) order_.push_back(e);
        return leads;
    }

    void add(const Expr& e, const Expr& g) {
        const auto leads = leads_.find(e.get());
        if (leads == leads_.end() || !leads->second) return;
        const auto [found, added] = adjoints_.emplace(e.get(), g);
        if (!added) found->second = derivative_sum(found->second, g);
    }

    Expr value_of(const Expr& e) const {
        const Expr known = value_(e);
        return known.defined() ? known : e;
    }

    std::string active_tensor(const Expr& e) const {
        std::string name;
        for_each_node(e, [&](const Expr& node) {
            if (const Read* read = node.as<Read>(); read && active_(*read->tensor) && name.empty())
                name = read->tensor->name;
        });
        return name;
    }

    [[noreturn]] void refuse(const Expr& e, const std::string& operation) const {
        throw UserError(where_, fmt::format("{} in `{}` has no derivative, and {} is computed from {} by it: put "
                                            "stop_gradient(...) around it, or leave {} out of the gradient",
                                            operation, print(e), stage_, active_tensor(e), active_tensor(e)));
    }

    void visit(const Expr& e, const Expr& g) {
        if (e.as<Read>()) return note(e, g);
        if (!is_float(e.type())) refuse(e, fmt::format("a value of type {}", name_of(e.type())));
        if (const Unary* unary = e.as<Unary>()) {
            const UnaryAdjoint* rule = find_rule(unary_adjoints(), unary->op);
            if (!rule || !rule->operand) refuse(e, std::string(name_of(unary->op)));
            add(unary->operand, rule->operand(g, value_of(unary->operand), value_of(e)));
        } else if (const Binary* binary = e.as<Binary>()) {
            const BinaryAdjoint* rule = find_rule(binary_adjoints(), binary->op);
            if (!rule || !rule->a) refuse(e, std::string(name_of(binary->op)));
            const Expr a = value_of(binary->a), b = value_of(binary->b), f = value_of(e);
            if (leads_[binary->a.get()]) add(binary->a, rule->a(g, a, b, f));
            if (leads_[binary->b.get()]) add(binary->b, rule->b(g, a, b, f));
        } else if (const Select* choice = e.as<Select>()) {
            const Expr zero = Expr::floating(0, g.type());
            if (leads_[choice->when_true.get()]) add(choice->when_true, select(choice->condition, g, zero));
            if (leads_[choice->when_false.get()]) add(choice->when_false, select(choice->condition, zero, g));
        } else if (const Cast* conversion = e.as<Cast>()) {
            if (!is_float(conversion->operand.type()))
                refuse(e, fmt::format("a value of type {}", name_of(conversion->operand.type())));
            add(conversion->operand, cast(conversion->operand.type(), g));
        } else if (const PrintWhen* shown = e.as<PrintWhen>()) {
            add(shown->value, g);
        }
    }

    void note(const Expr& e, const Expr& g) {
        for (ReadAdjoint& known : reads_)
            if (equal(known.read, e)) {
                known.adjoint = derivative_sum(known.adjoint, g);
                return;
            }
        reads_.push_back({e, g});
    }

    const std::function<bool(const TensorNode&)>& active_;
    const std::function<Expr(const Expr&)>& value_;
    const std::string& stage_;
    const SourceLocation& where_;
    std::unordered_map<const ExprNode*, bool> leads_;
    std::unordered_map<const ExprNode*, Expr> adjoints_;
    std::vector<Expr> order_;
    std::vector<ReadAdjoint> reads_;
};

}  // namespace

std::vector<ReadAdjoint> differentiate(const Expr& e, const Expr& g,
                                       const std::function<bool(const TensorNode&)>& active,
                                       const std::function<Expr(const Expr&)>& value, const std::string& stage,
                                       const SourceLocation& where) {
    return Backwards(active, value, stage, where).run(e, g);
}

}  // namespace heddle
