// dsl/print_expr.cpp -- expressions as text: precedence, literals, reads.
#include "dsl/print_expr.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "dsl/definition.h"
#include "dsl/unique_index.h"

namespace heddle {
namespace {

bool is_literal(const Expr& e) { return e.as<IntImm>() || e.as<FloatImm>(); }

/// The type that a bare literal takes beside `other`; beside another literal it would keep its own.
std::optional<ScalarType> type_beside(const Expr& other) {
    if (is_literal(other)) return std::nullopt;
    return other.type();
}

bool starts_with_sign(const std::string& text) { return text.starts_with('-'); }

class ExprPrinter {
public:
    ExprPrinter(Names& names, Spacing spacing) : names_(names), spacing_(spacing) {}

    std::string operator()(const Expr& e, std::optional<ScalarType> expected, Strength at_least) const {
        switch (e.kind()) {
            case ExprKind::IntImm:
            case ExprKind::FloatImm:
                return literal(e, expected);
            case ExprKind::Variable:
                return names_.of(e.as<Variable>()->symbol);
            case ExprKind::Read:
                return read(*e.as<Read>());
            case ExprKind::Unary:
                return unary(*e.as<Unary>(), at_least);
            case ExprKind::Binary:
                return binary(*e.as<Binary>(), at_least);
            case ExprKind::Select: {
                const Select& s = *e.as<Select>();
                return call("select",
                            {plain(s.condition), beside(s.when_true, s.when_false), beside(s.when_false, s.when_true)});
            }
            case ExprKind::Cast:
                return call(name_of(e.as<Cast>()->to), {plain(e.as<Cast>()->operand)});
            case ExprKind::DataIndex: {
                const DataIndex& d = *e.as<DataIndex>();
                const char* name = is_unique(d)                   ? "unique_index"
                                   : d.mode == IndexMode::checked ? "index"
                                                                  : "index_clamped";
                return call(name, {index(d.value), index(d.extent)});
            }
            case ExprKind::StopGradient:
                return call("stop_gradient", {plain(e.as<StopGradient>()->operand)});
            case ExprKind::PrintWhen:
                return print_when(*e.as<PrintWhen>());
        }
        throw InternalError("an unknown expression cannot be printed");
    }

private:
    std::string plain(const Expr& e) const { return (*this)(e, std::nullopt, Strength::none); }
    std::string beside(const Expr& e, const Expr& other) const {
        return (*this)(e, type_beside(other), Strength::none);
    }
    std::string index(const Expr& e) const { return print_index(e, names_); }

    std::string call(std::string_view name, const std::vector<std::string>& arguments) const {
        return fmt::format("{}({})", name, fmt::join(arguments, spacing_ == Spacing::wide ? ", " : ","));
    }

    static std::string literal(const Expr& e, std::optional<ScalarType> expected) {
        const IntImm* integer = e.as<IntImm>();
        if (integer && e.type() == boolean) return integer->value ? "true" : "false";
        const std::string digits =
            integer ? fmt::format("{}", integer->value) : print_float(e.as<FloatImm>()->value, e.type());
        return expected == e.type() ? digits : digits + std::string(name_of(e.type()));
    }

    std::string read(const Read& r) const {
        if (names_.is_placeholder(*r.tensor)) return names_.of(*r.tensor);
        std::vector<std::string> indices;
        for (const Expr& i : r.indices) indices.push_back(index(i));
        return fmt::format("{}[{}]", print_read_tensor(r, names_), fmt::join(indices, ","));
    }

    std::string unary(const Unary& u, Strength at_least) const {
        if (u.op != UnaryOp::negate && u.op != UnaryOp::logical_not) return call(name_of(u.op), {plain(u.operand)});
        std::string operand = (*this)(u.operand, std::nullopt, Strength::prefix);
        if (is_literal(u.operand) || starts_with_sign(operand)) operand = fmt::format("({})", operand);
        return bracketed(std::string(name_of(u.op)) + operand, at_least > Strength::prefix);
    }

    std::string binary(const Binary& b, Strength at_least) const {
        const Strength own = strength_of(b.op);
        if (own == Strength::primary) return call(name_of(b.op), {beside(b.a, b.b), beside(b.b, b.a)});
        const bool compact = spacing_ == Spacing::compact && own >= Strength::sum;
        const Strength tighter = static_cast<Strength>(static_cast<int>(own) + 1);
        const std::string left = (*this)(b.a, type_beside(b.b), own);
        std::string right = (*this)(b.b, type_beside(b.a), tighter);
        if (starts_with_sign(right) && (compact || own == Strength::sum)) right = fmt::format("({})", right);
        const char* space = compact ? "" : " ";
        return bracketed(fmt::format("{}{}{}{}{}", left, space, name_of(b.op), space, right), at_least > own);
    }

    std::string print_when(const PrintWhen& p) const {
        std::vector<std::string> arguments = {plain(p.condition), quote(p.label), plain(p.value)};
        for (const Expr& e : p.shown) arguments.push_back(plain(e));
        return call("print_when", arguments);
    }

    static std::string bracketed(std::string text, bool brackets) { return brackets ? "(" + text + ")" : text; }

    static std::string quote(const std::string& text) {
        std::string quoted = "\"";
        for (const char c : text) {
            if (c == '"' || c == '\\')
                quoted += fmt::format("\\{}", c);
            else if (c < ' ' || c > '~')
                quoted += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
            else
                quoted += c;
        }
        return quoted + '"';
    }

    Names& names_;
    Spacing spacing_;
};

template <class T>
std::string shortest(T value) {
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
    std::string text(digits, end);
    return text.find_first_of(".e") == std::string::npos ? text + ".0" : text;
}

}  // namespace

Strength strength_of(BinaryOp op) {
    switch (op) {
        case BinaryOp::logical_or:
            return Strength::logical_or;
        case BinaryOp::logical_and:
            return Strength::logical_and;
        case BinaryOp::eq:
        case BinaryOp::ne:
            return Strength::equality;
        case BinaryOp::lt:
        case BinaryOp::le:
            return Strength::comparison;
        case BinaryOp::add:
        case BinaryOp::sub:
            return Strength::sum;
        case BinaryOp::mul:
        case BinaryOp::div:
        case BinaryOp::mod:
            return Strength::product;
        case BinaryOp::min:
        case BinaryOp::max:
        case BinaryOp::pow:
            break;
    }
    return Strength::primary;
}

std::string print_float(double value, ScalarType type) {
    if (std::isnan(value)) return std::signbit(value) ? "-nan" : "nan";
    if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
    return type == f32 ? shortest(static_cast<float>(value)) : shortest(value);
}

std::string print_read_tensor(const Read& read, Names& names) {
    const std::string& name = names.of(*read.tensor);
    switch (read.boundary.mode) {
        case BoundaryMode::none:
            return name;
        case BoundaryMode::constant:
            return fmt::format("constant({}, {})", name, print_float(read.boundary.value));
        default:
            return fmt::format("{}({})", name_of(read.boundary.mode), name);
    }
}

std::string print_index(const Expr& index, Names& names) {
    const Cast* cast = index.as<Cast>();
    const bool implied = cast && cast->to == i64 && cast->operand.type() == i32 && !is_literal(cast->operand);
    return print_expr(implied ? cast->operand : index, names, Spacing::compact, i64);
}

std::string print_expr(const Expr& e, Names& names, Spacing spacing, std::optional<ScalarType> expected,
                       Strength at_least) {
    return ExprPrinter(names, spacing)(e, expected, at_least);
}

}  // namespace heddle
