// dsl/parse_expr.cpp -- expressions from tokens: operators, literals, names.
#include "dsl/parse_expr.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "dsl/print_expr.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr int deepest_nesting = 200;  ///< of brackets and prefix operators
constexpr int deepest_tree = 1000;    ///< of operations that take one another's results

struct Operator {
    std::string_view text;
    BinaryOp op;
    bool swapped = false;  ///< a > b is b < a
};
constexpr Operator operators[] = {
    {"||", BinaryOp::logical_or}, {"&&", BinaryOp::logical_and}, {"==", BinaryOp::eq},      {"!=", BinaryOp::ne},
    {"<", BinaryOp::lt},          {"<=", BinaryOp::le},          {">", BinaryOp::lt, true}, {">=", BinaryOp::le, true},
    {"+", BinaryOp::add},         {"-", BinaryOp::sub},          {"*", BinaryOp::mul},      {"/", BinaryOp::div},
    {"%", BinaryOp::mod},
};

const Operator* find_operator(const Token& token) {
    if (token.kind != TokenKind::symbol) return nullptr;
    for (const Operator& candidate : operators)
        if (candidate.text == token.text) return &candidate;
    return nullptr;
}

/// The value of a literal subtree in another type; the tree itself where there is nothing to change.
Expr retype(const Expr& e, ScalarType type) {
    if (e.as<FloatImm>()) return is_float(type) ? cast(type, e) : e;
    if (e.as<IntImm>()) return cast(type, e);
    if (const Unary* u = e.as<Unary>()) return unary(u->op, retype(u->operand, type));
    if (const Binary* b = e.as<Binary>()) return binary(b->op, retype(b->a, type), retype(b->b, type));
    return e;
}

/// Arithmetic of two bare literals, one of them a float, in double; nothing for other operations.
std::optional<double> fold(BinaryOp op, const Expr& a, const Expr& b) {
    if (a.as<IntImm>() && b.as<IntImm>()) return std::nullopt;
    const auto value = [](const Expr& e) -> std::optional<double> {
        if (const IntImm* integer = e.as<IntImm>()) return static_cast<double>(integer->value);
        if (const FloatImm* real = e.as<FloatImm>()) return real->value;
        return std::nullopt;
    };
    const std::optional<double> x = value(a), y = value(b);
    if (!x || !y) return std::nullopt;
    switch (op) {
        case BinaryOp::add:
            return *x + *y;
        case BinaryOp::sub:
            return *x - *y;
        case BinaryOp::mul:
            return *x * *y;
        case BinaryOp::div:
            return *x / *y;
        default:
            return std::nullopt;
    }
}

}  // namespace

Expr ExprParser::parse() { return chain(0).expr; }

Expr ExprParser::parse_as(ScalarType type) {
    const Token start = stream_.peek();
    return adapt(start, chain(0), type).expr;
}

Expr ExprParser::parse_sum() { return chain(static_cast<int>(Strength::sum)).expr; }

std::vector<Expr> ExprParser::parse_list(std::string_view close, ScalarType type, const std::string& what) {
    std::vector<Expr> values;
    if (stream_.accept(close)) return values;
    do values.push_back(parse_as(type));
    while (stream_.accept(","));
    stream_.expect(close, what);
    return values;
}

double ExprParser::parse_float() {
    const Token start = stream_.peek();
    const Expr value = parse_as(f64);
    if (!value.as<FloatImm>()) stream_.fail(start, "expected a number");
    return value.as<FloatImm>()->value;
}

std::int64_t ExprParser::parse_integer() {
    const Token start = stream_.peek();
    const bool negative = stream_.accept("-");
    if (stream_.peek().kind != TokenKind::number) stream_.expected("a whole number");
    const ParsedExpr value = number(stream_.take(), negative);
    if (!value.expr.as<IntImm>()) stream_.fail(start, "expected a whole number");
    return value.expr.as<IntImm>()->value;
}

ParsedExpr ExprParser::node(const Token& token, Expr expr, int operand_depth, bool untyped) const {
    if (operand_depth >= deepest_tree)
        stream_.fail(token, fmt::format("the expression chains more than {} operations; split it into several "
                                        "definitions",
                                        deepest_tree));
    return {std::move(expr), untyped, operand_depth + 1};
}

ParsedExpr ExprParser::adapt(const Token& token, ParsedExpr value, ScalarType type) const {
    if (!value.untyped || value.expr.type() == type || type == boolean) return value;
    const IntImm* integer = value.expr.as<IntImm>();
    if (integer && type == i32 && integer->value != static_cast<std::int32_t>(integer->value))
        stream_.fail(token, fmt::format("{} does not fit into i32, the type of the other operand; write {}i64 to "
                                        "compute in i64",
                                        integer->value, integer->value));
    return at(token, [&] { return ParsedExpr{retype(value.expr, type), false, value.depth}; });
}

ParsedExpr ExprParser::chain(int weakest) {
    ParsedExpr left = prefix();
    while (const Operator* found = find_operator(stream_.peek())) {
        const int own = static_cast<int>(strength_of(found->op));
        if (own < weakest) break;
        const Token token = stream_.take();
        ParsedExpr right = chain(own + 1);
        if (found->swapped) std::swap(left, right);
        left = combine(token, found->op, std::move(left), std::move(right));
    }
    return left;
}

ParsedExpr ExprParser::combine(const Token& token, BinaryOp op, ParsedExpr a, ParsedExpr b) {
    const bool untyped = a.untyped && b.untyped;
    const int depth = std::max(a.depth, b.depth);
    if (untyped)
        if (const std::optional<double> folded = fold(op, a.expr, b.expr)) return {Expr::floating(*folded), true};
    if (!untyped && op != BinaryOp::logical_and && op != BinaryOp::logical_or) {
        const ScalarType left = a.expr.type(), right = b.expr.type();
        a = adapt(token, std::move(a), right);
        b = adapt(token, std::move(b), left);
    }
    Expr result = at(token, [&] { return binary(op, a.expr, b.expr); });
    const bool still_untyped = untyped && result.type() != boolean;
    return node(token, std::move(result), depth, still_untyped);
}

ParsedExpr ExprParser::prefix() {
    const Token token = stream_.peek();
    if (nesting_ >= deepest_nesting)
        stream_.fail(token, fmt::format("the expression is nested more than {} levels deep", deepest_nesting));
    ++nesting_;
    ParsedExpr value;
    if (stream_.accept("-")) {
        if (stream_.peek().kind == TokenKind::number) {
            value = number(stream_.take(), true);
        } else {
            const ParsedExpr operand = prefix();
            value = node(token, at(token, [&] { return unary(UnaryOp::negate, operand.expr); }), operand.depth,
                         operand.untyped);
        }
    } else if (stream_.accept("!")) {
        const ParsedExpr operand = prefix();
        value = node(token, at(token, [&] { return unary(UnaryOp::logical_not, operand.expr); }), operand.depth);
    } else {
        value = primary();
    }
    --nesting_;
    return value;
}

ParsedExpr ExprParser::primary() {
    const Token token = stream_.peek();
    if (token.kind == TokenKind::number) return number(stream_.take(), false);
    if (stream_.accept("(")) {
        ParsedExpr inner = chain(0);
        stream_.expect(")", "the expression in brackets");
        return inner;
    }
    if (token.kind != TokenKind::name) stream_.expected("a value (a number, a variable, x[n,c], exp(...))");
    stream_.take();
    if (stream_.at_symbol("[")) return read(token, {});
    if (stream_.at_symbol("(")) return call(token);
    if (is_value_word(token.text)) return value_word(token);
    const Expr value = at(token, [&] { return resolve_(token); });
    if (!value.defined()) stream_.fail(token, fmt::format("'{}' is not known here", token.text));
    return {value, false, 1};
}

/// Digits, and perhaps a type: 1, 1.5e-3, 2i32, 1f64.
ParsedExpr ExprParser::number(const Token& token, bool negative) {
    const std::string text = (negative ? "-" : "") + std::string(token.text);
    const char* const end = text.data() + text.size();
    double real = 0;
    const auto [real_end, real_error] = std::from_chars(text.data(), end, real);
    const std::string_view digits(text.data(), static_cast<std::size_t>(real_end - text.data()));
    const std::string_view suffix(real_end, static_cast<std::size_t>(end - real_end));
    const bool whole = digits.find_first_of(".eE") == std::string_view::npos;

    std::optional<ScalarType> type = parse_type(suffix);
    const bool legal_type = type && *type != boolean && compute_type(*type) == *type && (whole || is_float(*type));
    if (!suffix.empty() && !legal_type)
        stream_.fail(token, fmt::format("'{}' is not a number; a type may follow one: {}", token.text,
                                        whole ? "i32, i64, f32 or f64" : "f32 or f64"));
    if (!whole || (type && is_float(*type))) {
        if (real_error != std::errc())
            stream_.fail(token, fmt::format("'{}' is outside of the range of f64", token.text));
        return {Expr::floating(real, type.value_or(f64)), !type};
    }
    std::int64_t value = 0;
    const auto [ignored, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc())
        stream_.fail(token, fmt::format("'{}' does not fit into 64 bits; integers end at 9223372036854775807", text));
    if (type == i32 && value != static_cast<std::int32_t>(value))
        stream_.fail(token, fmt::format("'{}' does not fit into i32", text));
    return {Expr::integer(value, type.value_or(i64)), !type};
}

ParsedExpr ExprParser::value_word(const Token& token) {
    if (token.text == "true" || token.text == "false") return {Expr(token.text == "true")};
    const double value = token.text.starts_with("inf") ? INFINITY : NAN;
    const std::string_view suffix = token.text.substr(3);
    if (suffix.empty()) return {Expr::floating(value), true};
    return {at(token, [&] { return Expr::floating(value, *parse_type(suffix)); })};
}

const AnyTensor& ExprParser::tensor(const Token& name) const {
    const auto found = tensors_.find(std::string(name.text));
    if (found == tensors_.end())
        stream_.fail(name, fmt::format("there is no tensor '{}': declare it ({}: f32[64,32]) or define it first{}",
                                       name.text, name.text, did_you_mean(name.text, names_in(tensors_))));
    return found->second;
}

ParsedExpr ExprParser::read(const Token& name, Boundary boundary) {
    const AnyTensor& read_tensor = tensor(name);
    stream_.expect("[", fmt::format("'{}'", name.text));
    int depth = 0;
    std::vector<Expr> indices;
    if (!stream_.accept("]")) {
        do {
            const ParsedExpr index = adapt(stream_.peek(), chain(0), i64);
            depth = std::max(depth, index.depth);
            indices.push_back(index.expr);
        } while (stream_.accept(","));
        stream_.expect("]", fmt::format("the indices of '{}'", name.text));
    }
    Expr value = at(name, [&] {
        const Access access = read_tensor.at(std::move(indices));
        return Expr(Access(access.tensor(), access.indices(), boundary));
    });
    return node(name, std::move(value), depth);
}

}  // namespace heddle
