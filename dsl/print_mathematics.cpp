// dsl/print_mathematics.cpp -- definitions as mathematics, for a terminal that shows Unicode.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/print.h"
#include "dsl/print_expr.h"

namespace heddle {
namespace {

/// "x padded with zeros": what a boundary makes of a tensor.
std::string describe(const Boundary& boundary, const std::string& name) {
    switch (boundary.mode) {
        case BoundaryMode::none:
            return name;
        case BoundaryMode::zero:
            return name + " padded with zeros";
        case BoundaryMode::constant:
            return fmt::format("{} padded with {}", name, print_float(boundary.value));
        case BoundaryMode::replicate:
            return name + " continued by its edge";
        case BoundaryMode::reflect:
            return name + " mirrored, the edge not repeated";
        case BoundaryMode::symmetric:
            return name + " mirrored, the edge repeated";
        case BoundaryMode::circular:
            return name + " repeated periodically";
        case BoundaryMode::skip:
            return name + " where it is defined; other points take no part";
    }
    throw InternalError("an unknown boundary");
}

class Mathematics {
public:
    std::string definition(const Definition& d) {
        std::vector<std::string> targets, values;
        for (std::size_t i = 0; i < d.targets.size(); ++i)
            targets.push_back(names_.of(*d.target(static_cast<int>(i)).node()) + indices(d.left));
        const std::string sign = reduction_sign(d);
        for (const Expr& value : d.right)
            values.push_back(expr(value, sign.empty() || d.op == UpdateOp::tuple ? Strength::none : Strength::product));
        std::string text = fmt::format("{} {} {}{}", tuple(targets), relation(d), sign, tuple(values));
        if (!notes_.empty()) text += fmt::format("    ({})", fmt::join(notes_, ", "));
        const std::vector<std::string> free = ranges(d, false);
        return free.empty() ? text : fmt::format("{}   {}", text, fmt::join(free, " "));
    }

private:
    static std::string tuple(const std::vector<std::string>& parts) {
        return parts.size() == 1 ? parts[0] : fmt::format("({})", fmt::join(parts, ", "));
    }

    /// "=" where the definition is all that makes the tensor and each left index is a variable of its own.
    static std::string_view relation(const Definition& d) {
        std::set<Symbol> variables;
        for (const Expr& index : d.left)
            if (const Variable* variable = index.as<Variable>()) variables.insert(variable->symbol);
        const bool first = d.target().node()->definitions.front().get() == &d;
        const bool plain = variables.size() == d.left.size();
        return (first && plain) || d.op == UpdateOp::tuple ? "=" : name_of(d.op);
    }

    std::vector<std::string> ranges(const Definition& d, bool reduced) {
        std::vector<std::string> parts;
        for (const DomainVar& variable : d.domain)
            if (variable.reduced == reduced)
                parts.push_back(fmt::format("{}<{}", names_.of(variable.symbol),
                                            expr(variable.extent.expr(), Strength::sum, Spacing::compact)));
        return parts;
    }

    /// "Σ_{c<64, r<3} "; nothing where no variable is reduced.
    std::string reduction_sign(const Definition& d) {
        const std::vector<std::string> reduced = ranges(d, true);
        if (reduced.empty()) return "";
        std::string sign;
        switch (d.op) {
            case UpdateOp::assign:
                return "";
            case UpdateOp::add:
                sign = "Σ";
                break;
            case UpdateOp::mul:
                sign = "Π";
                break;
            case UpdateOp::max:
                sign = "max";
                break;
            case UpdateOp::min:
                sign = "min";
                break;
            case UpdateOp::argmax:
                sign = "argmax";
                break;
            case UpdateOp::tuple:
                sign = word_of(d.reducer.name);
                break;
        }
        return fmt::format("{}_{{{}}} ", sign, fmt::join(reduced, ", "));
    }

    std::string indices(const std::vector<Expr>& list) {
        std::vector<std::string> parts;
        bool computed = false;
        for (const Expr& index : list) {
            parts.push_back(expr(index, Strength::none, Spacing::compact));
            computed = computed || !index.as<Variable>();
        }
        return fmt::format("[{}]", fmt::join(parts, computed ? ", " : ","));
    }

    /// The tensor's name, with one ring for the first boundary that it is read with, two for the second, ...
    std::string tensor(const Read& read) {
        const std::string& name = names_.of(*read.tensor);
        if (read.boundary.mode == BoundaryMode::none) return name;
        std::vector<Boundary>& known = boundaries_[read.tensor.get()];
        const auto found = std::find(known.begin(), known.end(), read.boundary);
        std::string marked = name;
        for (auto i = known.begin(); i != found; ++i) marked += "°";
        marked += "°";
        if (found == known.end()) {
            known.push_back(read.boundary);
            notes_.push_back(fmt::format("{} = {}", marked, describe(read.boundary, name)));
        }
        return marked;
    }

    std::string expr(const Expr& e, Strength at_least = Strength::none, Spacing spacing = Spacing::wide) {
        switch (e.kind()) {
            case ExprKind::IntImm:
                if (e.type() == boolean) return e.as<IntImm>()->value ? "true" : "false";
                return fmt::format("{}", e.as<IntImm>()->value);
            case ExprKind::FloatImm:
                return number(*e.as<FloatImm>());
            case ExprKind::Variable:
                return names_.of(e.as<Variable>()->symbol);
            case ExprKind::Read:
                return tensor(*e.as<Read>()) + indices(e.as<Read>()->indices);
            case ExprKind::Unary:
                return unary(*e.as<Unary>(), at_least, spacing);
            case ExprKind::Binary:
                return binary(*e.as<Binary>(), at_least, spacing);
            case ExprKind::Select: {
                const Select& s = *e.as<Select>();
                return fmt::format("({} if {}, else {})", expr(s.when_true), expr(s.condition), expr(s.when_false));
            }
            case ExprKind::Cast:
                return fmt::format("{}({})", name_of(e.as<Cast>()->to), expr(e.as<Cast>()->operand));
            case ExprKind::DataIndex:
                return expr(e.as<DataIndex>()->value, at_least, spacing);
            case ExprKind::StopGradient:
                return expr(e.as<StopGradient>()->operand, at_least, spacing);
            case ExprKind::PrintWhen:
                return expr(e.as<PrintWhen>()->value, at_least, spacing);
        }
        throw InternalError("an unknown expression cannot be printed");
    }

    static std::string number(const FloatImm& literal) {
        std::string digits = print_float(literal.value, literal.type);
        if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
        if (digits.ends_with("inf")) digits.replace(digits.size() - 3, 3, "∞");
        return digits;
    }

    std::string unary(const Unary& u, Strength at_least, Spacing spacing) {
        switch (u.op) {
            case UnaryOp::negate:
            case UnaryOp::logical_not: {
                const std::string text = (u.op == UnaryOp::negate ? "-" : "¬") + expr(u.operand, Strength::primary);
                return at_least > Strength::prefix ? fmt::format("({})", text) : text;
            }
            case UnaryOp::abs:
                return fmt::format("|{}|", expr(u.operand));
            case UnaryOp::floor:
                return fmt::format("⌊{}⌋", expr(u.operand));
            case UnaryOp::ceil:
                return fmt::format("⌈{}⌉", expr(u.operand));
            case UnaryOp::sqrt:
                return fmt::format("√({})", expr(u.operand, Strength::none, spacing));
            case UnaryOp::sigmoid:
                return fmt::format("σ({})", expr(u.operand));
            default:
                return fmt::format("{}({})", name_of(u.op), expr(u.operand));
        }
    }

    static std::string_view sign_of(BinaryOp op) {
        switch (op) {
            case BinaryOp::mul:
                return "·";
            case BinaryOp::mod:
                return "mod";
            case BinaryOp::eq:
                return "=";
            case BinaryOp::ne:
                return "≠";
            case BinaryOp::le:
                return "≤";
            case BinaryOp::logical_and:
                return "∧";
            case BinaryOp::logical_or:
                return "∨";
            default:
                return name_of(op);
        }
    }

    std::string binary(const Binary& b, Strength at_least, Spacing spacing) {
        const Strength own = strength_of(b.op);
        if (b.op == BinaryOp::pow)
            return fmt::format("{}^{}", expr(b.a, Strength::primary), expr(b.b, Strength::primary));
        if (own == Strength::primary) return fmt::format("{}({}, {})", name_of(b.op), expr(b.a), expr(b.b));
        if (b.op == BinaryOp::div && is_integer(b.type))
            return fmt::format("⌊{}/{}⌋", expr(b.a, own, Spacing::compact),
                               expr(b.b, Strength::prefix, Spacing::compact));
        const Strength tighter = static_cast<Strength>(static_cast<int>(own) + 1);
        const bool coefficient = b.op == BinaryOp::mul && b.a.as<IntImm>() && b.b.as<Variable>();
        const bool tight = spacing == Spacing::compact && own >= Strength::sum && b.op != BinaryOp::mod;
        const std::string_view sign = coefficient ? "" : sign_of(b.op), space = tight || coefficient ? "" : " ";
        const std::string left = expr(b.a, own, spacing), right = expr(b.b, tighter, spacing);
        const std::string text = fmt::format("{}{}{}{}{}", left, space, sign, space, right);
        return at_least > own ? fmt::format("({})", text) : text;
    }

    Names names_;
    std::map<const TensorNode*, std::vector<Boundary>> boundaries_;  ///< that each tensor is read with
    std::vector<std::string> notes_;
};

}  // namespace

std::string print_mathematics(const Definition& definition) { return Mathematics().definition(definition); }

}  // namespace heddle
