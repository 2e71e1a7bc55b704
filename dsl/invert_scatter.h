// dsl/invert_scatter.h -- a scatter as one gather over its output, by residue classes.
//
// For each dimension the written index is o = s * p + sum(t_j * r_j) + c. One source variable p is eliminated; where s
// divides o - c - sum(t_j * r_j), the point p exists (dsl/residues.h). The rest becomes the reduction. Example:
//     u[2*p+r-1] += x[p] * w[r]      gives      u[i] += zero(x)[(i+1)/2-a] * zero(w)[(i+1)%2+2*a]
// in which i % 2 names one of two classes, that a split by 2 tells apart. A point that is not one of the scatter (p or
// r outside of its range) takes no part: reads at that point turn into `zero` or `skip` reads, and a `select` guards
// what no read expresses.
#pragma once

#include <string>
#include <vector>

#include "dsl/definition.h"

namespace heddle {

/// What becomes of a definition.
struct InvertedScatter {
    enum class Form : std::uint8_t {
        bare,    ///< was a gather already: nothing changed
        gather,  ///< left is a variable a dimension, over the whole output
        mixed,   ///< dimensions that share a variable with another, or have none, keep a computed index: still one
                 ///< writer an element
        scatter  ///< left as it was, with a reason
    } form = Form::bare;
    std::string reason;  ///< of `scatter`: why
    bool apart = false;  ///< of `scatter`: no two points meet in an element

    std::vector<Expr> left, right;  ///< the new definition, over new variables; its operator is the old one

    std::int64_t classes = 1;               ///< residues of the output's indices
    std::int64_t taps = 1, per_points = 1;  ///< scatter points that reach `per_points` elements, on average
    std::vector<std::pair<Symbol, std::int64_t>> steps;  ///< the output's variables with classes, and how many
    int selects = 0;                                     ///< guards that no read expresses

    /// "gather, 4 classes, 9/4 taps a point, no atomics"; of what stays a scatter how its points can meet, and why.
    std::string text() const;
};

/// The gather of `left op right` over `domain`, which defines tensors of this shape. Nothing is defined: the caller
/// gives left and right to add_definition.
InvertedScatter invert_scatter(const std::vector<Extent>& shape, const std::vector<Expr>& left, UpdateOp op,
                               const std::vector<Expr>& right, const Reducer& reducer,
                               const std::vector<DomainVar>& domain);
InvertedScatter invert_scatter(const Definition& definition);

/// Each left index is a variable of its own, over the whole dimension.
bool is_gather(const std::vector<Expr>& left, const std::vector<Extent>& shape, const std::vector<DomainVar>& domain);

}  // namespace heddle
