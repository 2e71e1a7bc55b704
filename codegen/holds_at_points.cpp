// codegen/holds_at_points.cpp -- integer conditions as a list of operations, run at every point of a box.
#include "codegen/holds_at_points.h"

#include <algorithm>

#include "dsl/integer.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

/// A result for each operation, from earlier ones.
struct Operation {
    ExprKind kind;
    BinaryOp op = BinaryOp::add;
    UnaryOp unary = UnaryOp::logical_not;
    ScalarType type;
    int a = 0, b = 0, c = 0;
    std::int64_t value = 0;  ///< a literal; of a variable the present value
};

struct Axis {
    int place;  ///< of its operation
    std::int64_t min, max;
};

class Points {
public:
    Points(const Ranges& ranges, std::int64_t most) : ranges_(ranges), most_(most) {}

    /// Makes axes of the symbols of `e`, and of those that their ranges depend on; false: they are too many points, and
    /// none is added.
    bool add_symbols(const Expr& e) {
        std::vector<Symbol> added;
        std::int64_t count = count_;
        std::vector<Expr> open = {e};
        while (!open.empty()) {
            const Expr next = open.back();
            open.pop_back();
            for (const Symbol& symbol : symbols_of(next)) {
                if (known(symbol) || std::find(added.begin(), added.end(), symbol) != added.end()) continue;
                const Interval range = interval_of(Expr(symbol), ranges_);
                const auto found = ranges_.find(symbol);
                if (found == ranges_.end() || range.min == Interval::minus_infinity ||
                    range.max == Interval::plus_infinity || range.max - range.min >= most_)
                    return false;
                count *= std::max<std::int64_t>(range.max - range.min + 1, 1);
                if (count > most_) return false;
                added.push_back(symbol);
                open.push_back(found->second.min);
                open.push_back(found->second.max);
            }
        }
        count_ = count;
        for (const Symbol& symbol : added) {
            const Interval range = interval_of(Expr(symbol), ranges_);
            operations_.push_back({ExprKind::Variable, {}, {}, i64});
            axes_.push_back({static_cast<int>(operations_.size()) - 1, range.min, range.max});
            symbols_.push_back(symbol);
        }
        return true;
    }

    bool knows_all(const Expr& e) const {
        const std::vector<Symbol> symbols = symbols_of(e);
        return std::all_of(symbols.begin(), symbols.end(), [&](const Symbol& s) { return known(s); });
    }

    /// A condition that is looked at after those added before; false: it has operations that are not of integers.
    bool add_condition(const Expr& e) {
        const std::size_t before = operations_.size();
        const int place = compile(e);
        if (place < 0)
            operations_.resize(before);
        else
            conditions_.push_back({place, before, operations_.size()});
        return place >= 0;
    }
    void add_ranges() {
        for (const Symbol& symbol : std::vector<Symbol>(symbols_)) {
            const SymbolicRange& range = ranges_.at(symbol);
            if (!range.min.as<IntImm>()) add_condition(range.min <= Expr(symbol));
            if (!range.max.as<IntImm>()) add_condition(Expr(symbol) <= range.max);
        }
    }

    /// Whether the last condition holds wherever the others do.
    bool run() {
        for (const Axis& axis : axes_) {
            if (axis.min > axis.max) return true;
            operations_[axis.place].value = axis.min;
        }
        while (last_holds())
            if (!step()) return true;
        return false;
    }

private:
    struct Condition {
        int place;
        std::size_t begin, end;  ///< its operations
    };

    bool known(const Symbol& symbol) const {
        return std::find(symbols_.begin(), symbols_.end(), symbol) != symbols_.end();
    }

    bool step() {
        for (const Axis& axis : axes_) {
            if (operations_[axis.place].value++ < axis.max) return true;
            operations_[axis.place].value = axis.min;
        }
        return false;
    }

    bool last_holds() {
        for (const Condition& condition : conditions_) {
            for (std::size_t i = condition.begin; i < condition.end; ++i) calculate(operations_[i]);
            if (operations_[condition.place].value == 0) return &condition != &conditions_.back();
        }
        return true;
    }

    void calculate(Operation& o) const {
        const auto value = [&](int place) { return operations_[static_cast<std::size_t>(place)].value; };
        if (o.kind == ExprKind::Binary)
            o.value = apply(o.op, value(o.a), value(o.b), o.type);
        else if (o.kind == ExprKind::Select)
            o.value = value(o.a) != 0 ? value(o.b) : value(o.c);
        else if (o.kind == ExprKind::Unary)
            o.value = o.unary == UnaryOp::negate ? wrap(-value(o.a), o.type) : value(o.a) == 0;
        else if (o.kind == ExprKind::Cast)
            o.value = wrap(value(o.a), o.type);
    }

    /// The place of its operation; -1: it has none.
    int compile(const Expr& e) {
        if (is_float(e.type())) return -1;
        Operation operation{e.kind(), {}, {}, e.type()};
        if (const auto* variable = e.as<Variable>()) {
            const auto found = std::find(symbols_.begin(), symbols_.end(), variable->symbol);
            return found == symbols_.end() ? -1 : axes_[static_cast<std::size_t>(found - symbols_.begin())].place;
        }
        if (const auto* literal = e.as<IntImm>()) {
            operation.value = literal->value;
        } else if (const auto* binary = e.as<Binary>(); binary && binary->op != BinaryOp::pow) {
            operation.op = binary->op;
            operation.type = binary->a.type();
        } else if (const auto* unary = e.as<Unary>();
                   unary && (unary->op == UnaryOp::logical_not || unary->op == UnaryOp::negate)) {
            operation.unary = unary->op;
        } else if (!e.as<Select>() && !e.as<Cast>()) {
            return -1;
        }
        std::vector<int> places;
        for (const Expr& operand : operands_of(e)) places.push_back(compile(operand));
        if (std::find(places.begin(), places.end(), -1) != places.end()) return -1;
        int* const operands[] = {&operation.a, &operation.b, &operation.c};
        for (std::size_t i = 0; i < places.size(); ++i) *operands[i] = places[i];
        operations_.push_back(operation);
        return static_cast<int>(operations_.size()) - 1;
    }

    const Ranges& ranges_;
    std::int64_t most_, count_ = 1;
    std::vector<Symbol> symbols_;
    std::vector<Axis> axes_;  ///< one a symbol
    std::vector<Operation> operations_;
    std::vector<Condition> conditions_;
};

}  // namespace

std::optional<bool> holds_at_points(const Expr& test, const std::vector<Expr>& facts, const Ranges& ranges,
                                    std::int64_t most) {
    Points points(ranges, most);
    if (!points.add_symbols(test)) return std::nullopt;
    for (const Expr& fact : facts) points.add_symbols(fact);
    points.add_ranges();
    for (const Expr& fact : facts)
        if (points.knows_all(fact)) points.add_condition(fact);
    if (!points.add_condition(test)) return std::nullopt;
    return points.run();
}

}  // namespace heddle
