// dsl/expr.h -- expressions: the node list and its contract.
//
// The contract
// - Nodes are immutable and shared; an Expr is a counted handle. Equal structure is `equal(a, b)`.
// - Every node has a ScalarType that it computes in: f32, f64, i32, i64 or boolean (compute_type); narrow types exist
// in
//   memory only, where a store rounds (to nearest even) or wraps. Index arithmetic is i64.
// - A float becomes an integer toward zero; past the ends of i32 or i64 the nearest end, NaN 0.
// - Integers wrap. Division floors and modulo has the divisor's sign; both give 0 for a divisor of 0.
//   Float division is IEEE's. min and max of floats give NaN when either operand is NaN.
// - Sums and products of floats may be contracted to fused multiply-adds, and reductions may be reordered by a
//   schedule; nothing else about float algebra is assumed (no x - x = 0, no x * 0 = 0).
// - `and`, `or` and `select` evaluate lazily: a read in a branch that is not taken does not happen.
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "dsl/boundary.h"
#include "dsl/symbol.h"
#include "runtime/type.h"

namespace heddle {

#define HEDDLE_EXPR_NODES(X) \
    X(IntImm)                \
    X(FloatImm)              \
    X(Variable)              \
    X(Read)                  \
    X(Unary)                 \
    X(Binary)                \
    X(Select)                \
    X(Cast)                  \
    X(DataIndex)             \
    X(StopGradient)          \
    X(PrintWhen)

enum class ExprKind : std::uint8_t {
#define HEDDLE_ENUM(Node) Node,
    HEDDLE_EXPR_NODES(HEDDLE_ENUM)
#undef HEDDLE_ENUM
};

#define HEDDLE_FORWARD(Node) struct Node;
HEDDLE_EXPR_NODES(HEDDLE_FORWARD)
#undef HEDDLE_FORWARD

struct TensorNode;
class Var;
class RVar;

struct ExprNode {
    ExprKind kind;
    ScalarType type;
    ExprNode(ExprKind k, ScalarType t) : kind(k), type(t) {}
    virtual ~ExprNode() = default;
};

/// A handle to an expression. Integer literals are i32 or wider by value, double literals f64; both take the other
/// operand's type in arithmetic.
class Expr {
public:
    Expr() = default;
    explicit Expr(std::shared_ptr<const ExprNode> node) : node_(std::move(node)) {}
    template <std::integral T>
    requires(!std::same_as<T, bool>) Expr(T value) : Expr(integer(static_cast<std::int64_t>(value))) {}
    template <std::floating_point T>
    Expr(T value) : Expr(floating(static_cast<double>(value))) {}
    template <std::same_as<bool> T>
    Expr(T value) : Expr(integer(value ? 1 : 0, ScalarType::boolean)) {}
    Expr(const Symbol& symbol);
    Expr(const Var& var);
    Expr(const RVar& var);

    /// Literals of a stated type.
    static Expr integer(std::int64_t value, ScalarType type = ScalarType::i64);
    static Expr floating(double value, ScalarType type = ScalarType::f64);

    bool defined() const { return node_ != nullptr; }
    ScalarType type() const { return node_->type; }
    ExprKind kind() const { return node_->kind; }
    const ExprNode* get() const { return node_.get(); }
    const std::shared_ptr<const ExprNode>& handle() const { return node_; }
    /// The node as T, or null when it is of another kind.
    template <class T>
    const T* as() const {
        return node_ && node_->kind == T::node_kind ? static_cast<const T*>(node_.get()) : nullptr;
    }
    /// The same handle.
    bool same_as(const Expr& other) const { return node_ == other.node_; }

private:
    std::shared_ptr<const ExprNode> node_;
};

enum class UnaryOp : std::uint8_t {
    negate,
    logical_not,
    abs,
    floor,
    ceil,
    round,
    sqrt,
    rsqrt,
    exp,
    log,
    sin,
    cos,
    tanh,
    erf,
    sigmoid
};
enum class BinaryOp : std::uint8_t { add, sub, mul, div, mod, min, max, pow, eq, ne, lt, le, logical_and, logical_or };

struct IntImm : ExprNode {  ///< also boolean literals
    static constexpr ExprKind node_kind = ExprKind::IntImm;
    std::int64_t value;
    IntImm(std::int64_t v, ScalarType t) : ExprNode(node_kind, t), value(v) {}
};
struct FloatImm : ExprNode {
    static constexpr ExprKind node_kind = ExprKind::FloatImm;
    double value;
    FloatImm(double v, ScalarType t) : ExprNode(node_kind, t), value(v) {}
};
struct Variable : ExprNode {  ///< i64
    static constexpr ExprKind node_kind = ExprKind::Variable;
    Symbol symbol;
    explicit Variable(Symbol s) : ExprNode(node_kind, ScalarType::i64), symbol(std::move(s)) {}
};
struct Read : ExprNode {  ///< an element of a tensor; lowered code reads storage the same way, with no boundary
    static constexpr ExprKind node_kind = ExprKind::Read;
    std::shared_ptr<TensorNode> tensor;
    std::vector<Expr> indices;  ///< one a dimension, i64
    Boundary boundary;
    Read(std::shared_ptr<TensorNode> t, std::vector<Expr> i, Boundary b, ScalarType type)
        : ExprNode(node_kind, type), tensor(std::move(t)), indices(std::move(i)), boundary(b) {}
};
struct Unary : ExprNode {
    static constexpr ExprKind node_kind = ExprKind::Unary;
    UnaryOp op;
    Expr operand;
    Unary(UnaryOp o, Expr e, ScalarType t) : ExprNode(node_kind, t), op(o), operand(std::move(e)) {}
};
struct Binary : ExprNode {  ///< operands of one type; boolean for eq ... logical_or
    static constexpr ExprKind node_kind = ExprKind::Binary;
    BinaryOp op;
    Expr a, b;
    Binary(BinaryOp o, Expr x, Expr y, ScalarType t)
        : ExprNode(node_kind, t), op(o), a(std::move(x)), b(std::move(y)) {}
};
struct Select : ExprNode {
    static constexpr ExprKind node_kind = ExprKind::Select;
    Expr condition, when_true, when_false;
    Select(Expr c, Expr t, Expr f)
        : ExprNode(node_kind, t.type()), condition(std::move(c)), when_true(std::move(t)), when_false(std::move(f)) {}
};
struct Cast
    : ExprNode {  ///< through the narrow type where `to` is one: rounds or wraps, then computes in compute_type(to)
    static constexpr ExprKind node_kind = ExprKind::Cast;
    ScalarType to;
    Expr operand;
    Cast(ScalarType to, Expr e) : ExprNode(node_kind, compute_type(to)), to(to), operand(std::move(e)) {}
};
enum class IndexMode : std::uint8_t { checked, clamped };
struct DataIndex : ExprNode {  ///< an index read from data, in [0, extent): checked at run time or clamped; i64
    static constexpr ExprKind node_kind = ExprKind::DataIndex;
    Expr value, extent;
    IndexMode mode;
    DataIndex(Expr v, Expr e, IndexMode m)
        : ExprNode(node_kind, ScalarType::i64), value(std::move(v)), extent(std::move(e)), mode(m) {}
};
struct StopGradient : ExprNode {  ///< the value, as a constant to derivatives
    static constexpr ExprKind node_kind = ExprKind::StopGradient;
    Expr operand;
    explicit StopGradient(Expr e) : ExprNode(node_kind, e.type()), operand(std::move(e)) {}
};
struct PrintWhen : ExprNode {  ///< the value; prints `label` and `shown` where the condition holds
    static constexpr ExprKind node_kind = ExprKind::PrintWhen;
    Expr condition, value;
    std::string label;
    std::vector<Expr> shown;
    PrintWhen(Expr c, std::string l, std::vector<Expr> s, Expr v)
        : ExprNode(node_kind, v.type()),
          condition(std::move(c)),
          value(std::move(v)),
          label(std::move(l)),
          shown(std::move(s)) {}
};

/// Same structure: kinds, types, values, symbols and tensors by identity.
bool equal(const Expr& a, const Expr& b);
/// The value of an IntImm (any integer type), if it is one.
bool is_const(const Expr& e, std::int64_t value);

/// Builders that convert operands to their common type and fold constants of integers; the operators below use them.
/// Throw UserError for operands that have no meaning together (a float index, a modulo of floats, ...).
Expr unary(UnaryOp op, Expr operand);
Expr binary(BinaryOp op, Expr a, Expr b);

/// Words of the text form: "exp", "min", "+", "&&", ...
std::string_view name_of(UnaryOp op);
std::string_view name_of(BinaryOp op);

// An operand of an operator: anything that converts to Expr, at least one of them a class of ours.
template <class T>
concept Operand = std::convertible_to<T, Expr>;
template <class A, class B>
concept Operands = Operand<A> && Operand<B> &&(!std::is_arithmetic_v<A> || !std::is_arithmetic_v<B>);

#define HEDDLE_OPERATOR(symbol, op)                                        \
    template <class A, class B>                                            \
    requires Operands<A, B> Expr operator symbol(const A& a, const B& b) { \
        return binary(BinaryOp::op, Expr(a), Expr(b));                     \
    }
HEDDLE_OPERATOR(+, add)
HEDDLE_OPERATOR(-, sub)
HEDDLE_OPERATOR(*, mul)
HEDDLE_OPERATOR(/, div)
HEDDLE_OPERATOR(%, mod)
HEDDLE_OPERATOR(<, lt)
HEDDLE_OPERATOR(<=, le)
HEDDLE_OPERATOR(&&, logical_and)
HEDDLE_OPERATOR(||, logical_or)
#undef HEDDLE_OPERATOR
template <class A, class B>
requires Operands<A, B> Expr operator>(const A& a, const B& b) { return binary(BinaryOp::lt, Expr(b), Expr(a)); }
template <class A, class B>
requires Operands<A, B> Expr operator>=(const A& a, const B& b) { return binary(BinaryOp::le, Expr(b), Expr(a)); }
template <class A>
requires(Operand<A> && !std::is_arithmetic_v<A>) Expr operator-(const A& a) { return unary(UnaryOp::negate, Expr(a)); }
template <class A>
requires(Operand<A> && !std::is_arithmetic_v<A>) Expr operator!(const A& a) {
    return unary(UnaryOp::logical_not, Expr(a));
}

/// Equality of values as an expression (== on handles would be ambiguous with identity).
Expr equals(Expr a, Expr b);
Expr not_equals(Expr a, Expr b);
Expr min(Expr a, Expr b);
Expr max(Expr a, Expr b);
Expr pow(Expr a, Expr b);
Expr clamp(Expr value, Expr low, Expr high);
Expr abs(Expr a);
Expr floor(Expr a);
Expr ceil(Expr a);
Expr round(Expr a);  ///< to nearest, ties to even
Expr sqrt(Expr a);
Expr rsqrt(Expr a);
Expr exp(Expr a);
Expr log(Expr a);
Expr sin(Expr a);
Expr cos(Expr a);
Expr tanh(Expr a);
Expr erf(Expr a);
Expr sigmoid(Expr a);
/// when_true where the condition holds, else when_false; the branches take their common type.
Expr select(Expr condition, Expr when_true, Expr when_false);
Expr cast(ScalarType type, Expr value);
/// An index read from data: `index(t(n), N)` lies in [0, N). Checked: a value outside is a UserError when the kernel
/// runs. Clamped: it is moved to the nearest end.
Expr index(Expr value, Expr extent, IndexMode mode = IndexMode::checked);
/// The value, with no derivative.
Expr stop_gradient(Expr value);
/// The value; where `condition` holds, prints `label: shown...` to stderr when it is computed.
Expr print_when(Expr condition, std::string label, Expr value, std::vector<Expr> shown = {});

}  // namespace heddle
