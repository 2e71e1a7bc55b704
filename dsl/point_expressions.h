// dsl/point_expressions.h -- from expressions to the instructions that compute them at a point.
#pragma once

#include <map>
#include <utility>
#include <vector>

#include "dsl/affine.h"
#include "dsl/point_builder.h"
#include "dsl/visit.h"

namespace heddle {

/// Compiles the expressions of one definition.
class PointExpressions {
public:
    PointExpressions(PointBuilder& builder, const std::vector<DomainVar>& domain, const PointContext& context)
        : build_(builder), domain_(domain), context_(context) {
        for (const auto& [symbol, value] : context.parameters) parameters_[symbol] = Expr::integer(value);
    }

    /// `symbol` lies in `slot`; reads of `placeholder` take the value of `slot`.
    void bind(const Symbol& symbol, int slot) { variables_[symbol] = slot; }
    void bind(const AnyTensor& placeholder, int slot) { placeholders_[placeholder.node().get()] = slot; }

    /// The slot of the value.
    int compile(const Expr& e) { return compile_node(parameters_.empty() ? e : substitute(e, parameters_)); }
    /// Slot of sum(index * stride).
    int offset_of(const std::vector<Expr>& indices, const std::vector<std::int64_t>& strides);
    /// Whether results of `type` round to f32.
    bool rounds(ScalarType type) const { return type == f32 && context_.precision == EvaluatePrecision::declared; }

    std::vector<PointSource> take_sources() { return std::move(sources_); }
    std::vector<PointIndex> take_indices() { return std::move(indices_); }
    std::vector<PointPrint> take_prints() { return std::move(prints_); }

private:
    int compile_node(const Expr& e);
    int compile_kind(const Expr& e);
    int compile_when(int condition, const Expr& e);
    int compile_affine(const Affine& affine);
    int compile_read(const Read& read);
    int compile_unary(const Unary& unary);
    int compile_binary(const Binary& binary);
    int compile_select(const Select& select);
    int compile_cast(const Cast& cast);
    int compile_index(const DataIndex& index);
    int compile_print(const PrintWhen& print);
    int source_of(const TensorNode& tensor);

    PointBuilder& build_;
    const std::vector<DomainVar>& domain_;
    const PointContext& context_;
    Substitution parameters_;
    std::map<Symbol, int> variables_;
    std::map<const TensorNode*, int> placeholders_, source_numbers_;
    std::map<std::pair<const ExprNode*, int>, int> compiled_;  ///< by node and when_
    std::vector<Expr> kept_;                                   ///< keeps their addresses from being used again
    int when_ = -1, when_depth_ = 0;  ///< condition under which the present expression is wanted, and its depth
    std::vector<PointSource> sources_;
    std::vector<PointIndex> indices_;
    std::vector<PointPrint> prints_;
};

}  // namespace heddle
