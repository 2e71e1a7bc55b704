// dsl/definition.h -- definitions and what they mean: the contract of the language.
//
// - A definition is `left update right` over a domain, the box of all its variables. A tensor has at most one `=`
//   definition, which comes first, then updates, all with one operator (+=, *=, max=, min=, argmax=, or one tuple
//   reduction). Definition i of y is addressed as `y.i`; y.0 is the `=` where there is one.
// - Without an `=`, updates start from the identity of their operator: 0, 1, -inf, +inf (of integers: the smallest and
//   largest value of the tensor's type), or the tuple's own. Elements that no update reaches keep that value.
// - `=` must write each element at most once: each left index is affine, and the map from the domain to the output is
//   proved one-to-one; else a UserError says which variables collide. Elements that an `=` does not reach are 0.
// - Extents. A bare variable on the left takes the output's extent there; else a bare variable in a read takes that
//   tensor's; all bare occurrences must agree (a mismatch names both places); else it must be declared. A declared
//   extent counts before all these, so that a part of a tensor can be read or written. A tensor with no stated shape
//   takes, in each dimension with a bare variable on the left, that variable's extent; a computed left index needs a
//   stated shape.
// - Domains start at 0. A zero-size output has nothing to compute; an empty sum is the identity; an empty max=, min= or
//   argmax= is a UserError, unless all points were skipped, where the identity remains (argmax: -1).
// - Index expressions are quasi-affine: sums of integer constants times variables, floor-division and modulo by
//   positive constants, min, max, clamp; and index(t(...), extent), read from data.
// - A read must be proved inside its tensor or carry a Boundary; the error names tensor, dimension, range read, extent
//   and the boundary helpers. A condition of `select`, `&&` or `||` counts in the proof of the reads that it guards.
//   An update whose left index falls outside the output is dropped there; an `=` must be proved inside.
// - Order. The points of a domain are visited in row-major order of its variables: the left's in order of appearance,
//   then the others in order of appearance on the right. It matters for ties (argmax) and for float sums in evaluate();
//   a schedule may sum in another order.
// - Types. A read computes in compute_type of its tensor; an update accumulates in compute_type of the output and is
//   rounded to the output's type once, after the last update. Nothing on the right may read the tensor being defined.
// - argmax= gives, in an integer tensor, the row-major offset over the variables absent from the left (of extents E:
//   ((v0 * E1) + v1) * E2 + ...) of the first largest value; a NaN beats any number, the first NaN wins.
// - A tuple reduction updates several tensors at once: {identity, combine}. combine must be associative and commutative
//   up to rounding (or carry what breaks ties); the right side gives one value a component.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "dsl/expr.h"
#include "dsl/extent.h"
#include "dsl/interval.h"
#include "dsl/tensor.h"
#include "runtime/error.h"

namespace heddle {

enum class UpdateOp : std::uint8_t { assign, add, mul, max, min, argmax, tuple };
/// "=", "+=", "max=", ...
std::string_view name_of(UpdateOp op);

/// A variable of a domain, ranging over [0, extent).
struct DomainVar {
    Symbol symbol;
    Extent extent;
    bool reduced;  ///< absent from the left
};

/// [0, extent) for each variable.
Ranges ranges_of(const std::vector<DomainVar>& domain);

/// How several accumulators are combined with several incoming values. Both tuples are stood for by rank-0 tensors, so
/// that a placeholder has its component's type.
struct Reducer {
    std::string name;
    std::vector<Expr> identity;    ///< one constant a component, of the component's compute type
    std::vector<AnyTensor> left;   ///< the accumulated components
    std::vector<AnyTensor> right;  ///< the incoming components
    std::vector<Expr> combine;     ///< over reads of left and right, one a component
    bool defined() const { return !identity.empty(); }
};
namespace detail {
/// The parts of make_reducer that do not depend on the function's type.
Reducer reducer_without_combine(std::string name, std::vector<Expr> identity);
std::vector<Expr> reads_of_components(const std::vector<AnyTensor>& placeholders);
Reducer with_combine(Reducer reducer, std::vector<Expr> combine);
}  // namespace detail

/// A reducer from a function of two tuples; the components' types are the identities'. Example:
///     make_reducer("mean2", {Expr::floating(0, f32), Expr::floating(0, f32)},
///                  [](auto a, auto b) { return std::vector<Expr>{a[0] + b[0], a[1] + b[1]}; });
template <class Combine>
Reducer make_reducer(std::string name, std::vector<Expr> identity, const Combine& combine) {
    Reducer reducer = detail::reducer_without_combine(std::move(name), std::move(identity));
    std::vector<Expr> both =
        combine(detail::reads_of_components(reducer.left), detail::reads_of_components(reducer.right));
    return detail::with_combine(std::move(reducer), std::move(both));
}
/// (value, position i64): the larger value, of equal ones the smaller position; a NaN beats any number.
Reducer argmax_reducer(ScalarType value_type);
/// (maximum, sum of exponentials): of `(x, 1)` gives max(x) and sum(exp(x - max(x))), in one sweep.
Reducer max_sum_exp_reducer(ScalarType value_type);

/// One definition. It is shared by the tensors that it defines (one, or a component each of a tuple).
struct Definition {
    std::vector<std::weak_ptr<TensorNode>> targets;  ///< tensors own definitions, not the other way round
    std::vector<Expr> left;                          ///< one index a dimension; the targets of a tuple share them
    UpdateOp op = UpdateOp::assign;
    std::vector<Expr> right;        ///< one value, or one a component, cast to the component's compute type
    Reducer reducer;                ///< of a tuple
    std::vector<DomainVar> domain;  ///< in the order of the contract
    SourceLocation where;

    const DomainVar* find(const Symbol& symbol) const;
    /// Target `i` as a handle.
    AnyTensor target(int i = 0) const;
};

struct TensorNode {
    std::string name;
    ScalarType type = ScalarType::f32;
    std::optional<std::vector<Extent>> shape;
    std::vector<std::shared_ptr<const Definition>> definitions;
    int component = 0;  ///< which value of a tuple it holds
    SourceLocation where;
    std::uint64_t id = 0;
};

/// Adds a definition: infers and checks the domain, proves the reads, infers the shape of a target that has none.
/// Throws UserError for whatever the contract forbids. `boundary` helpers and operators of Access come here.
void add_definition(const std::vector<std::shared_ptr<TensorNode>>& targets, std::vector<Expr> left, UpdateOp op,
                    std::vector<Expr> right, const Reducer& reducer, const SourceLocation& where);
/// A tuple reduction: `reduce({m(n), i(n)}, argmax_reducer(f32), {x(n, c), c})`. The accesses must share their indices.
void reduce(const std::vector<Access>& left, const Reducer& reducer, const std::vector<Expr>& right,
            const CallSite& where = CallSite::current());

/// The value that updates start from without an `=`: of type compute_type(type).
Expr identity_of(UpdateOp op, ScalarType type);

/// How a read with a boundary is carried out: `indices` are inside the tensor whenever `inside` holds (for the folding
/// modes always), and where it does not the value is `outside` (undefined Expr: the point takes no part).
struct ResolvedRead {
    std::vector<Expr> indices;
    Expr inside;  ///< boolean; constant true when nothing needs checking
    Expr outside;
};
ResolvedRead resolve_boundary(const Read& read, const std::vector<DomainVar>& domain);

/// The condition under which a point of the domain takes part: all `skip` reads are inside and, for `+=`, so are all
/// `zero` reads that are factors of the whole right side (a sum's term that is a product with a padded zero adds
/// nothing). Constant true when there are none.
Expr participation(const Definition& definition);

}  // namespace heddle
