// codegen/emit_cuda_expr.cpp -- operations of emitted CUDA: C++'s precedence, floors, wrapping integers, narrow types.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "codegen/emit_cuda_text.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

// C++'s precedence, strongest largest.
int strength_of(BinaryOp op) {
    switch (op) {
        case BinaryOp::logical_or:
            return 1;
        case BinaryOp::logical_and:
            return 2;
        case BinaryOp::eq:
        case BinaryOp::ne:
            return 3;
        case BinaryOp::lt:
        case BinaryOp::le:
            return 4;
        case BinaryOp::add:
        case BinaryOp::sub:
            return 5;
        default:
            return 6;
    }
}

const char* operator_of(BinaryOp comparison) {
    switch (comparison) {
        case BinaryOp::eq:
            return " == ";
        case BinaryOp::ne:
            return " != ";
        case BinaryOp::lt:
            return " < ";
        default:
            return " <= ";
    }
}

std::string parenthesized(const std::string& text, bool needed) { return needed ? "(" + text + ")" : text; }

// Index arithmetic is in the index type; values that come from data keep their own.
bool holds_data(const Expr& e) {
    bool found = false;
    for_each_node(e, [&](const Expr& node) { found = found || node.as<Read>() || node.as<Cast>(); });
    return found;
}

// Neither it nor its inverse is near the ends of f32, and the inverse is not exact.
bool divides_by_product(double divisor) {
    constexpr double most = 1e18;
    int exponent = 0;
    const double size = std::abs(divisor);
    return size > 1 / most && size < most && std::frexp(size, &exponent) != 0.5;
}

std::string float_literal(double value, ScalarType type) {
    const bool single = type == ScalarType::f32;
    if (std::isnan(value)) return single ? "__int_as_float(0x7fc00000)" : "__longlong_as_double(0x7ff8000000000000)";
    if (std::isinf(value)) {
        const std::string bits = single ? "__int_as_float(0x7f800000)" : "__longlong_as_double(0x7ff0000000000000)";
        return value < 0 ? "-" + bits : bits;
    }
    std::string text = single ? fmt::format("{}", static_cast<float>(value)) : fmt::format("{}", value);
    if (text.find_first_of(".e") == std::string::npos) text += ".0";
    return single ? text + "f" : text;
}

}  // namespace

bool is_zero(const Expr& e) {
    const auto* number = e.as<FloatImm>();
    return is_const(e, 0) || (number && number->value == 0 && !std::signbit(number->value));
}

std::string CudaText::call(const std::string& function, const std::vector<Expr>& arguments) {
    std::string text = function + "(";
    for (std::size_t i = 0; i < arguments.size(); ++i) text += (i ? ", " : "") + print(arguments[i], 0);
    return text + ")";
}

std::string CudaText::unary(const Unary& e) {
    const bool single = e.operand.type() == ScalarType::f32, floats = is_float(e.operand.type());
    const auto libm = [&](const char* name) { return call(single ? std::string(name) + "f" : name, {e.operand}); };
    switch (e.op) {
        case UnaryOp::negate:
            return "-" + print(e.operand, 7);
        case UnaryOp::logical_not:
            return "!" + print(e.operand, 7);
        case UnaryOp::abs:
            return floats ? libm("fabs") : call("abs", {e.operand});
        case UnaryOp::floor:
            return floats ? libm("floor") : print(e.operand, 0);
        case UnaryOp::ceil:
            return floats ? libm("ceil") : print(e.operand, 0);
        case UnaryOp::round:
            return floats ? libm("rint") : print(e.operand, 0);
        case UnaryOp::sqrt:
            return libm("sqrt");
        case UnaryOp::rsqrt:
            return std::string(single ? "1.0f" : "1.0") + " / " + libm("sqrt");
        case UnaryOp::exp:
            if (const auto* difference = e.operand.as<Binary>();
                single && difference && difference->op == BinaryOp::sub && is_packed(difference->a))
                return call(helper("exp_difference"), {difference->a, difference->b});
            return single ? call(helper("exp_near"), {e.operand}) : libm("exp");
        case UnaryOp::log:
            return libm("log");
        case UnaryOp::sin:
            return libm("sin");
        case UnaryOp::cos:
            return libm("cos");
        case UnaryOp::tanh:
            return libm("tanh");
        case UnaryOp::erf:
            return libm("erf");
        case UnaryOp::sigmoid: {
            const std::string one = single ? "1.0f" : "1.0";
            return one + " / (" + one + " + " + (single ? helper("exp_near") : "exp") + "(-" + print(e.operand, 7) +
                   "))";
        }
    }
    throw InternalError("CUDA emission: unknown unary operation");
}

std::string CudaText::binary(const Binary& e, int strength) {
    const bool floats = is_float(e.a.type());
    const auto infix = [&](const char* op) {
        const int own = strength_of(e.op);
        // a * (b * c) may lose its parentheses, a * (b / c) and a - (b - c) may not; floats keep their order.
        const auto* right = e.b.as<Binary>();
        const bool associative = !floats && right && right->op == e.op &&
                                 (e.op == BinaryOp::add || e.op == BinaryOp::mul || e.op == BinaryOp::logical_and ||
                                  e.op == BinaryOp::logical_or);
        return parenthesized(print(e.a, own) + op + print(e.b, associative ? own : own + 1), own < strength);
    };
    // An index beside an i32 of data is compared as what both are.
    if (narrow_indices && (strength_of(e.op) == 3 || strength_of(e.op) == 4) && e.a.type() == ScalarType::i64) {
        const auto* first = e.a.as<Cast>();
        const auto* second = e.b.as<Cast>();
        const auto counts = [](const Cast* c) { return c && c->operand.type() == ScalarType::i32; };
        const Expr a = counts(first) && !holds_data(e.b) ? first->operand : e.a;
        const Expr b = counts(second) && !holds_data(e.a) ? second->operand : e.b;
        if (a.type() != b.type()) {
            const int own = strength_of(e.op);
            return parenthesized(print(a, own) + operator_of(e.op) + print(b, own + 1), own < strength);
        }
    }
    // Integers of data wrap: C++'s signed ones do not.
    if (e.type == ScalarType::i32 && (e.op == BinaryOp::add || e.op == BinaryOp::sub || e.op == BinaryOp::mul)) {
        const char* op = e.op == BinaryOp::add ? " + " : e.op == BinaryOp::sub ? " - " : " * ";
        return "static_cast<int>(static_cast<unsigned>(" + print(e.a, 0) + ")" + op + "static_cast<unsigned>(" +
               print(e.b, 0) + "))";
    }
    switch (e.op) {
        case BinaryOp::add:
            return infix(" + ");
        case BinaryOp::sub:
            return infix(" - ");
        case BinaryOp::mul:
            return infix(" * ");
        case BinaryOp::eq:
            return infix(" == ");
        case BinaryOp::ne:
            return infix(" != ");
        case BinaryOp::lt:
            return infix(" < ");
        case BinaryOp::le:
            return infix(" <= ");
        case BinaryOp::logical_and:
            return infix(" && ");
        case BinaryOp::logical_or:
            return infix(" || ");
        case BinaryOp::div:
        case BinaryOp::mod: {
            const bool division = e.op == BinaryOp::div;
            if (floats) {
                const auto* divisor = e.b.as<FloatImm>();
                return divisor && e.type == ScalarType::f32 && divides_by_product(divisor->value)
                           ? helper("divide_by") + "(" + print(e.a, 0) + ", " + print(e.b, 0) + ", " +
                                 float_literal(1.0 / divisor->value, e.type) + ")"
                           : infix(" / ");
            }
            // Where both are known not to be negative, the machine's division floors already.
            if (interval_of(e.a, ranges).min >= 0 && interval_of(e.b, ranges).min > 0)
                return infix(division ? " / " : " % ");
            const std::string type = e.type == ScalarType::i64 ? "long long" : "int";
            return helper(division ? "floor_div" : "floor_mod") + "<" + type + ">(" + print(e.a, 0) + ", " +
                   print(e.b, 0) + ")";
        }
        case BinaryOp::min:
        case BinaryOp::max: {
            const bool largest = e.op == BinaryOp::max;
            if (floats) {
                const std::string function = largest ? "max_nan" : "min_nan";
                helper(e.type == ScalarType::f32 ? function + "_f32" : function);
                return call(function, {e.a, e.b});
            }
            const std::string name = largest ? "max" : "min";
            const auto sized = [](const Expr& operand) {  // run-time sizes are long long
                const std::vector<Symbol> symbols = symbols_of(operand);
                return std::any_of(symbols.begin(), symbols.end(),
                                   [](const Symbol& s) { return s.kind() == SymbolKind::parameter; });
            };
            const bool plain = !holds_data(e.a) && !holds_data(e.b) && !sized(e.a) && !sized(e.b);
            if (e.type == ScalarType::i32) {
                const auto narrowed = [this](const Expr& operand) {
                    const bool certain = operand.as<Read>() || !holds_data(operand);
                    return certain ? print(operand, 0) : "static_cast<int>(" + print(operand, 0) + ")";
                };
                return name + "(" + narrowed(e.a) + ", " + narrowed(e.b) + ")";
            }
            if (narrow_indices && plain) return call(name, {e.a, e.b});
            return name + "(static_cast<long long>(" + print(e.a, 0) + "), static_cast<long long>(" + print(e.b, 0) +
                   "))";
        }
        case BinaryOp::pow:
            return call(e.type == ScalarType::f32 ? "powf" : "pow", {e.a, e.b});
    }
    throw InternalError("CUDA emission: unknown binary operation");
}

std::string CudaText::cast(const Cast& e, int strength) {
    // A small number stays an int where index arithmetic is in int.
    const bool counts = (e.to == ScalarType::i64 && e.operand.type() == ScalarType::i32) ||
                        (e.to == ScalarType::i32 && e.operand.type() == ScalarType::i64);
    if (counts && narrow_indices) {
        const Interval range = interval_of(e.operand, ranges);
        if (range.min >= 0 && range.max <= 255) return print(e.operand, strength);
    }
    const std::string operand = print(e.operand, 0);
    std::string converted =
        e.operand.type() == compute_type(e.to) ? operand : "static_cast<" + compute_name(e.to) + ">(" + operand + ")";
    switch (e.to) {
        case ScalarType::f16:
            return helper("f16_to_float") + "(" + helper("float_to_f16") + "(" + converted + "))";
        case ScalarType::bf16:
            return helper("bf16_to_float") + "(" + helper("float_to_bf16") + "(" + converted + "))";
        case ScalarType::i8:
        case ScalarType::u8:
        case ScalarType::i16:
        case ScalarType::u16:
            return "static_cast<int>(static_cast<" + memory_name(e.to) + ">(" + converted + "))";
        default:
            return converted;
    }
}

std::string CudaText::print(const Expr& e, int strength) {
    for (const auto& [named, name] : aliases_)
        if (equal(named, e)) return name;
    switch (e.kind()) {
        case ExprKind::IntImm: {
            const std::int64_t value = e.as<IntImm>()->value;
            if (e.type() == ScalarType::boolean) return value ? "true" : "false";
            const bool wide = value > 2147483647 || value < -2147483647;
            return parenthesized(std::to_string(value) + (wide ? "LL" : ""), value < 0 && strength > 5);
        }
        case ExprKind::FloatImm:
            return float_literal(e.as<FloatImm>()->value, e.type());
        case ExprKind::Variable:
            return symbols_.at(e.as<Variable>()->symbol);
        case ExprKind::Read:
            return read(*e.as<Read>());
        case ExprKind::Unary: {
            const std::string text = unary(*e.as<Unary>());
            return parenthesized(text, strength > 6 || text.find(" / ") != std::string::npos);
        }
        case ExprKind::Binary:
            return binary(*e.as<Binary>(), strength);
        case ExprKind::Select: {
            const auto& choice = *e.as<Select>();
            // The test is around the load alone: zeros are zeros in every type.
            const auto* read = choice.when_true.as<Read>();
            const bool halves =
                read && (read->tensor->type == ScalarType::f16 || read->tensor->type == ScalarType::bf16);
            if (halves && is_zero(choice.when_false) && !has_alias(choice.when_true) &&
                !is_local(AnyTensor(read->tensor)))
                return loaded(AnyTensor(read->tensor), print(choice.condition, 1) + " ? " +
                                                           element(AnyTensor(read->tensor), read->indices) + " : 0");
            return parenthesized(
                print(choice.condition, 1) + " ? " + print(choice.when_true, 1) + " : " + print(choice.when_false, 1),
                strength > 0);
        }
        case ExprKind::Cast:
            return cast(*e.as<Cast>(), strength);
        case ExprKind::StopGradient:
            return print(e.as<StopGradient>()->operand, strength);
        case ExprKind::PrintWhen: {
            const auto& shown = *e.as<PrintWhen>();
            std::string format = "\"" + shown.label, values;
            for (std::size_t i = 0; i < shown.shown.size(); ++i) {
                format += i ? ", %.9g" : ": %.9g";
                values += ", static_cast<double>(" + print(shown.shown[i], 0) + ")";
            }
            return "((" + print(shown.condition, 1) + " ? printf(" + format + "\\n\"" + values + ") : 0), " +
                   print(shown.value, 0) + ")";
        }
        case ExprKind::DataIndex:
            break;
    }
    throw InternalError("CUDA emission: an index from data reached the emitter unchecked");
}

}  // namespace heddle
