// dsl/tensor.h -- what a user writes: variables, tensors, accesses and the operators that define.
#pragma once

#include <array>
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "dsl/expr.h"
#include "dsl/extent.h"
#include "runtime/error.h"

namespace heddle {

/// Name of a loop of a schedule: a variable's, or one that a directive made from it ("q.o", "q.i").
class LoopName {
public:
    LoopName(std::string name) : name_(std::move(name)) {}
    LoopName(const char* name) : name_(name) {}
    LoopName(const Var& var);
    LoopName(const RVar& var);
    const std::string& text() const { return name_; }
    LoopName outer() const { return name_ + ".o"; }
    LoopName inner() const { return name_ + ".i"; }

private:
    std::string name_;
};

/// A free index variable: it indexes the output.
class Var {
public:
    explicit Var(std::string name);
    /// With a declared extent: ranges over [0, extent).
    Var(std::string name, Extent extent);
    const Symbol& symbol() const { return symbol_; }
    const std::optional<Extent>& extent() const { return extent_; }
    LoopName outer() const { return LoopName(*this).outer(); }
    LoopName inner() const { return LoopName(*this).inner(); }

private:
    Symbol symbol_;
    std::optional<Extent> extent_;
};

/// A reduction variable: the update runs over all its values, in increasing order where order matters.
class RVar {
public:
    explicit RVar(std::string name);
    RVar(std::string name, Extent extent);
    const Symbol& symbol() const { return symbol_; }
    const std::optional<Extent>& extent() const { return extent_; }
    LoopName outer() const { return LoopName(*this).outer(); }
    LoopName inner() const { return LoopName(*this).inner(); }

private:
    Symbol symbol_;
    std::optional<Extent> extent_;
};

/// Right-hand side of a definition with the place in the user's source where it is written.
struct LocatedExpr {
    Expr expr;
    SourceLocation where;
    template <Operand T>
    LocatedExpr(const T& value, const CallSite& location = CallSite::current()) : expr(value), where(location) {}
};

class AnyTensor;

/// A tensor with index expressions. As a value it is a read; on the left of an assignment it defines.
class Access {
public:
    Access(std::shared_ptr<TensorNode> tensor, std::vector<Expr> indices, Boundary boundary = {});
    operator Expr() const;

    /// Definitions; see dsl/definition.h for what they mean. Throw UserError for whatever the contract forbids.
    void operator=(LocatedExpr value);
    void operator=(const Access& value);
    void operator+=(LocatedExpr value);
    void operator*=(LocatedExpr value);
    /// `max=` and `min=`: the largest and smallest value; a NaN beats any number.
    void maximize(LocatedExpr value);
    void minimize(LocatedExpr value);
    /// `argmax=`: row-major offset, over the reduction variables, of the first largest value (NaN beats any number).
    void argmax(LocatedExpr value);

    const std::shared_ptr<TensorNode>& tensor() const { return tensor_; }
    const std::vector<Expr>& indices() const { return indices_; }
    Access(const Access&) = default;

private:
    std::shared_ptr<TensorNode> tensor_;
    std::vector<Expr> indices_;
    Boundary boundary_;
};

/// A tensor whose number of dimensions is known only at run time: a handle; copies are the same tensor.
class AnyTensor {
public:
    AnyTensor() = default;
    explicit AnyTensor(std::shared_ptr<TensorNode> node) : node_(std::move(node)) {}
    /// An input, or a tensor to be defined. No shape: inferred from the first definition.
    AnyTensor(std::string name, ScalarType type, std::optional<std::vector<Extent>> shape = std::nullopt,
              const CallSite& where = CallSite::current());

    bool defined() const { return node_ != nullptr; }
    const std::string& name() const;
    ScalarType type() const;
    /// Throws UserError when there is neither a stated nor an inferred shape yet.
    const std::vector<Extent>& shape() const;
    bool has_shape() const;
    int rank() const;
    /// False for an input.
    bool has_definition() const;
    const std::shared_ptr<TensorNode>& node() const { return node_; }
    /// Throws UserError for a wrong number of indices or an index that is not an integer.
    Access at(std::vector<Expr> indices) const;
    friend bool operator==(const AnyTensor& a, const AnyTensor& b) { return a.node_ == b.node_; }

protected:
    void check_rank(int expected) const;
    std::shared_ptr<TensorNode> node_;
};

template <class T>
inline constexpr bool is_index_like =
    std::is_convertible_v<T, Expr> && !std::is_floating_point_v<std::remove_cvref_t<T>>;

/// A tensor of `Rank` dimensions: `Tensor x("x", f32, {N, C, H, W})`.
template <int Rank>
class Tensor : public AnyTensor {
public:
    Tensor() = default;
    template <std::size_t Dimensions>
    Tensor(std::string name, ScalarType type, const Extent (&shape)[Dimensions],
           const CallSite& where = CallSite::current())
        : AnyTensor(std::move(name), type, std::vector<Extent>(shape, shape + Dimensions), where) {
        static_assert(Dimensions == Rank, "heddle: the shape has another number of dimensions than the tensor");
    }
    /// Shape inferred from its first definition.
    Tensor(std::string name, ScalarType type, const CallSite& where = CallSite::current())
        : AnyTensor(std::move(name), type, std::nullopt, where) {}
    /// The same tensor with its rank known at compile time; throws UserError when it has another.
    explicit Tensor(const AnyTensor& tensor) : AnyTensor(tensor) { check_rank(Rank); }

    template <class... Index>
    Access operator()(const Index&... index) const {
        static_assert(sizeof...(Index) == Rank, "heddle: a tensor is indexed with one index a dimension");
        static_assert((is_index_like<Index> && ...), "heddle: an index is an integer expression, not a float");
        if constexpr (sizeof...(Index) == Rank && (is_index_like<Index> && ...))
            return at({Expr(index)...});
        else
            return Access(nullptr, {});
    }
};
template <std::size_t Dimensions>
Tensor(std::string, ScalarType, const Extent (&)[Dimensions]) -> Tensor<static_cast<int>(Dimensions)>;
template <std::size_t Dimensions>
Tensor(const char*, ScalarType, const Extent (&)[Dimensions]) -> Tensor<static_cast<int>(Dimensions)>;

/// A tensor with a meaning for reads outside of it.
template <int Rank>
class Bounded {
public:
    Bounded(Tensor<Rank> tensor, Boundary boundary) : tensor_(std::move(tensor)), boundary_(boundary) {}
    template <class... Index>
    Expr operator()(const Index&... index) const {
        const Access access = tensor_(index...);
        return Access(access.tensor(), access.indices(), boundary_);
    }

private:
    Tensor<Rank> tensor_;
    Boundary boundary_;
};
/// `zero(x)(n, p - 1)`: see BoundaryMode for each.
template <int Rank>
Bounded<Rank> zero(const Tensor<Rank>& t) {
    return {t, {BoundaryMode::zero}};
}
template <int Rank>
Bounded<Rank> constant(const Tensor<Rank>& t, double value) {
    return {t, {BoundaryMode::constant, value}};
}
template <int Rank>
Bounded<Rank> replicate(const Tensor<Rank>& t) {
    return {t, {BoundaryMode::replicate}};
}
template <int Rank>
Bounded<Rank> reflect(const Tensor<Rank>& t) {
    return {t, {BoundaryMode::reflect}};
}
template <int Rank>
Bounded<Rank> symmetric(const Tensor<Rank>& t) {
    return {t, {BoundaryMode::symmetric}};
}
template <int Rank>
Bounded<Rank> circular(const Tensor<Rank>& t) {
    return {t, {BoundaryMode::circular}};
}
template <int Rank>
Bounded<Rank> skip(const Tensor<Rank>& t) {
    return {t, {BoundaryMode::skip}};
}
template <int Rank>
Bounded<Rank> with_boundary(const Tensor<Rank>& t, Boundary boundary) {
    return {t, boundary};
}

}  // namespace heddle
