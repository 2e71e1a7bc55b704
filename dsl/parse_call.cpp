// dsl/parse_call.cpp -- what a name before round brackets means: functions, casts, boundaries.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "dsl/parse_expr.h"
#include "dsl/unique_index.h"

namespace heddle {
namespace {

template <class Enum>
std::optional<Enum> find_named(std::string_view name, Enum first, Enum last) {
    for (int i = static_cast<int>(first); i <= static_cast<int>(last); ++i)
        if (name_of(static_cast<Enum>(i)) == name) return static_cast<Enum>(i);
    return std::nullopt;
}

std::optional<BoundaryMode> find_boundary(std::string_view name) {
    return find_named(name, BoundaryMode::zero, BoundaryMode::skip);
}
std::optional<UnaryOp> find_function(std::string_view name) { return find_named(name, UnaryOp::abs, UnaryOp::sigmoid); }
std::optional<BinaryOp> find_binary_function(std::string_view name) {
    for (const BinaryOp op : {BinaryOp::min, BinaryOp::max, BinaryOp::pow})
        if (name_of(op) == name) return op;
    return std::nullopt;
}

std::vector<std::string> function_names() {
    std::vector<std::string> names = {"min",   "max",           "pow",          "clamp",         "select",
                                      "index", "index_clamped", "unique_index", "stop_gradient", "print_when"};
    for (int i = static_cast<int>(UnaryOp::abs); i <= static_cast<int>(UnaryOp::sigmoid); ++i)
        names.emplace_back(name_of(static_cast<UnaryOp>(i)));
    for (int i = static_cast<int>(BoundaryMode::zero); i <= static_cast<int>(BoundaryMode::skip); ++i)
        names.emplace_back(name_of(static_cast<BoundaryMode>(i)));
    return names;
}

int deepest(const std::vector<ParsedExpr>& values) {
    int depth = 0;
    for (const ParsedExpr& value : values) depth = std::max(depth, value.depth);
    return depth;
}

/// The characters of a quoted string.
std::string unquote(std::string_view quoted) {
    std::string text;
    for (std::size_t i = 1; i + 1 < quoted.size(); ++i) {
        if (quoted[i] != '\\') {
            text += quoted[i];
            continue;
        }
        const char c = quoted[++i];
        const auto digit = [&](std::size_t at) {
            const std::size_t value = std::string_view("0123456789abcdef").find(at < quoted.size() ? quoted[at] : ' ');
            return value == std::string_view::npos ? -1 : static_cast<int>(value);
        };
        if (c == 'x' && digit(i + 1) >= 0 && digit(i + 2) >= 0) {
            text += static_cast<char>(digit(i + 1) * 16 + digit(i + 2));
            i += 2;
        } else {
            text += c == 'n' ? '\n' : c == 't' ? '\t' : c;
        }
    }
    return text;
}

}  // namespace

ParsedExpr ExprParser::call(const Token& name) {
    if (const auto mode = find_boundary(name.text)) return bounded_read(name, *mode);
    if (name.text == "print_when") return print_when(name);
    if (const auto type = parse_type(name.text)) return convert(name, *type, arguments(name, 1, 1)[0]);
    if (const auto op = find_function(name.text)) {
        const ParsedExpr operand = arguments(name, 1, 1)[0];
        return node(name, at(name, [&] { return unary(*op, operand.expr); }), operand.depth, operand.untyped);
    }
    if (const auto op = find_binary_function(name.text)) {
        std::vector<ParsedExpr> values = arguments(name, 2, *op == BinaryOp::pow ? 2 : 16);
        ParsedExpr result = values[0];
        for (std::size_t i = 1; i < values.size(); ++i) result = combine(name, *op, result, values[i]);
        return result;
    }
    if (name.text == "clamp") {
        const std::vector<ParsedExpr> v = arguments(name, 3, 3);
        return combine(name, BinaryOp::min, combine(name, BinaryOp::max, v[0], v[1]), v[2]);
    }
    if (name.text == "select") {
        const std::vector<ParsedExpr> v = arguments(name, 3, 3);
        return choose(name, v[0], v[1], v[2]);
    }
    if (name.text == "index" || name.text == "index_clamped") {
        std::vector<ParsedExpr> v = arguments(name, 2, 2);
        const IndexMode mode = name.text == "index" ? IndexMode::checked : IndexMode::clamped;
        return node(name, at(name, [&] { return index(v[0].expr, v[1].expr, mode); }), deepest(v));
    }
    if (name.text == "unique_index") {
        std::vector<ParsedExpr> v = arguments(name, 2, 2);
        return node(name, at(name, [&] { return unique_index(v[0].expr, v[1].expr); }), deepest(v));
    }
    if (name.text == "stop_gradient") {
        const ParsedExpr operand = arguments(name, 1, 1)[0];
        return node(name, at(name, [&] { return stop_gradient(operand.expr); }), operand.depth);
    }
    if (tensors_.count(std::string(name.text)))
        stream_.fail(name,
                     fmt::format("the tensor '{}' is indexed with square brackets: {}[...]", name.text, name.text));
    stream_.fail(name,
                 fmt::format("there is no function '{}'{}", name.text, did_you_mean(name.text, function_names())));
}

std::vector<ParsedExpr> ExprParser::arguments(const Token& name, std::size_t least, std::size_t most) {
    stream_.expect("(", fmt::format("'{}'", name.text));
    std::vector<ParsedExpr> values;
    if (!stream_.at_symbol(")")) {
        do values.push_back(chain(0));
        while (stream_.accept(","));
    }
    stream_.expect(")", fmt::format("the arguments of '{}'", name.text));
    if (values.size() < least || values.size() > most)
        stream_.fail(name, fmt::format("'{}' takes {} argument{}, {} given", name.text,
                                       least == most ? fmt::format("{}", least) : fmt::format("{} to {}", least, most),
                                       most == 1 ? "" : "s", values.size()));
    return values;
}

/// A cast. A literal that states its type stays under the cast as it is.
ParsedExpr ExprParser::convert(const Token& token, ScalarType type, const ParsedExpr& value) {
    const bool literal = value.expr.as<IntImm>() || value.expr.as<FloatImm>();
    if (literal && !value.untyped && type != boolean)
        return node(token, Expr(std::make_shared<const Cast>(type, value.expr)), value.depth);
    return node(token, at(token, [&] { return cast(type, value.expr); }), value.depth);
}

ParsedExpr ExprParser::choose(const Token& token, ParsedExpr condition, ParsedExpr when_true, ParsedExpr when_false) {
    const ScalarType left = when_true.expr.type(), right = when_false.expr.type();
    const bool untyped = when_true.untyped && when_false.untyped;
    if (!untyped) {
        when_true = adapt(token, std::move(when_true), right);
        when_false = adapt(token, std::move(when_false), left);
    }
    Expr value = at(token, [&] { return select(condition.expr, when_true.expr, when_false.expr); });
    return node(token, std::move(value), deepest({condition, when_true, when_false}));
}

ParsedExpr ExprParser::bounded_read(const Token& name, BoundaryMode mode) {
    stream_.expect("(", fmt::format("'{}'", name.text));
    const Token read_name = stream_.expect_name(fmt::format("a tensor's name, as in {}(x)[n]", name.text));
    Boundary boundary{mode};
    if (mode == BoundaryMode::constant) {
        stream_.expect(",", fmt::format("'{}': constant takes a tensor and a number", read_name.text));
        boundary.value = parse_float();
    }
    stream_.expect(")", fmt::format("the tensor of '{}'", name.text));
    return read(read_name, boundary);
}

ParsedExpr ExprParser::print_when(const Token& name) {
    stream_.expect("(", "'print_when'");
    const ParsedExpr condition = chain(0);
    stream_.expect(",", "the condition of 'print_when'");
    if (stream_.peek().kind != TokenKind::string) stream_.expected("a label in quotation marks");
    const std::string label = unquote(stream_.take().text);
    stream_.expect(",", "the label of 'print_when'");
    const ParsedExpr value = chain(0);
    std::vector<ParsedExpr> all = {condition, value};
    std::vector<Expr> shown;
    while (stream_.accept(",")) {
        all.push_back(chain(0));
        shown.push_back(all.back().expr);
    }
    stream_.expect(")", "the arguments of 'print_when'");
    return node(name, at(name, [&] { return heddle::print_when(condition.expr, label, value.expr, shown); }),
                deepest(all));
}

}  // namespace heddle
