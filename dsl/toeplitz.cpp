// dsl/toeplitz.cpp -- a linear definition as a sparse matrix: the stencil's Toeplitz matrix.
#include "dsl/toeplitz.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "dsl/adjoint_tensor.h"
#include "dsl/differentiate.h"
#include "dsl/print.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

struct Entry {
    std::int64_t row, column;
    double value;
};

CsrMatrix matrix_of(std::int64_t rows, std::int64_t columns, std::vector<Entry> entries) {
    std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
        return std::tie(a.row, a.column) < std::tie(b.row, b.column);
    });
    std::vector<Entry> summed;
    for (const Entry& e : entries) {
        if (summed.empty() || summed.back().row != e.row || summed.back().column != e.column)
            summed.push_back(e);
        else
            summed.back().value += e.value;
    }
    CsrMatrix matrix{rows, columns, std::vector<std::int64_t>(static_cast<std::size_t>(rows) + 1), {}, {}};
    for (const Entry& e : summed) {
        if (e.value == 0) continue;
        matrix.column.push_back(e.column);
        matrix.value.push_back(e.value);
        ++matrix.row_start[static_cast<std::size_t>(e.row) + 1];
    }
    for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row)
        matrix.row_start[row + 1] += matrix.row_start[row];
    return matrix;
}

template <class Visit>
void for_each_entry(const CsrMatrix& matrix, const Visit& visit) {
    for (std::int64_t row = 0; row < matrix.rows; ++row)
        for (std::int64_t i = matrix.row_start[row]; i < matrix.row_start[row + 1]; ++i)
            visit(row, matrix.column[i], matrix.value[i]);
}

std::int64_t elements_of(const AnyTensor& tensor) {
    std::int64_t elements = 1;
    for (const Extent& extent : tensor.shape()) {
        if (!extent.is_static())
            throw UserError(fmt::format("the matrix of {}: its size {} is known only at run time; give it a number",
                                        tensor.name(), print(extent.expr())));
        elements *= extent.value();
    }
    return elements;
}

Expr flat_index(const std::vector<Expr>& indices, const std::vector<Extent>& shape) {
    Expr flat(0);
    for (std::size_t d = 0; d < indices.size(); ++d) flat = flat * shape[d].expr() + indices[d];
    return flat;
}

Expr inside_of(const std::vector<Expr>& indices, const std::vector<Extent>& shape) {
    Expr inside(true);
    for (std::size_t d = 0; d < indices.size(); ++d)
        inside = inside && Expr(0) <= indices[d] && indices[d] < shape[d].expr();
    return inside;
}

/// The matrices of a pipeline's tensors as functions of its input.
class Matrices {
public:
    Matrices(const Pipeline& pipeline, const AnyTensor& input, const NamedBuffers& buffers)
        : pipeline_(pipeline), input_(input), buffers_(buffers) {
        const std::int64_t n = elements_of(input);
        std::vector<Entry> identity;
        for (std::int64_t i = 0; i < n; ++i) identity.push_back({i, i, 1});
        known_.emplace(input.node().get(), matrix_of(n, n, std::move(identity)));
        for (const PipelineStage& stage : pipeline.stages) add(stage);
    }
    CsrMatrix of(const AnyTensor& tensor) const {
        const auto found = known_.find(tensor.node().get());
        return found == known_.end() ? matrix_of(elements_of(tensor), elements_of(input_), {}) : found->second;
    }

private:
    bool depends(const TensorNode& node) const { return known_.count(&node) != 0; }

    [[noreturn]] void refuse(const Definition& definition, const std::string& reason) const {
        throw UserError(definition.where,
                        fmt::format("{} is not linear in {}: {}", definition.target().name(), input_.name(), reason));
    }

    void add(const PipelineStage& stage) {
        const Definition& definition = *stage.definition;
        const AnyTensor& target = stage.targets[0];
        const auto active = [&](const TensorNode& node) { return depends(node); };
        bool reads = false;
        for (const Expr& right : definition.right)
            for_each_node(right, [&](const Expr& e) { reads |= e.as<Read>() && active(*e.as<Read>()->tensor); });
        if (!reads) return;
        if (definition.op != UpdateOp::assign && definition.op != UpdateOp::add)
            refuse(definition, fmt::format("it is updated by {}", name_of(definition.op)));
        const auto same = [](const Expr&) { return Expr(); };
        std::vector<Entry> entries;
        if (const auto before = known_.find(target.node().get()); before != known_.end())
            for_each_entry(before->second, [&](std::int64_t r, std::int64_t c, double v) {
                entries.push_back({r, c, v});
            });
        const Expr one = Expr::floating(1, definition.right[0].type());
        for (const ReadAdjoint& each :
             differentiate(definition.right[0], one, active, same, target.name(), definition.where)) {
            for_each_node(each.adjoint, [&](const Expr& e) {
                if (const Read* read = e.as<Read>(); read && active(*read->tensor))
                    refuse(definition, fmt::format("{} is multiplied by `{}`", each.read.as<Read>()->tensor->name,
                                                   print(each.adjoint)));
            });
            const CsrMatrix step = step_matrix(definition, target, *each.read.as<Read>(), each.adjoint);
            for_each_entry(step * known_.at(each.read.as<Read>()->tensor.get()),
                           [&](std::int64_t r, std::int64_t c, double v) {
                               entries.push_back({r, c, v});
                           });
        }
        known_[target.node().get()] = matrix_of(elements_of(target), elements_of(input_), std::move(entries));
    }

    /// One definition as a function of one read: rows, columns and values at every point of the domain, as definitions.
    CsrMatrix step_matrix(const Definition& definition, const AnyTensor& target, const Read& read,
                          const Expr& coefficient) const {
        const AnyTensor source(read.tensor);
        const ResolvedRead resolved = resolve_boundary(read, definition.domain);
        const Expr takes_part =
            participation(definition) && resolved.inside && inside_of(definition.left, target.shape());
        std::vector<Expr> point;
        std::vector<Extent> box;
        Substitution free;
        for (const DomainVar& v : definition.domain) {
            const Symbol symbol(v.symbol.name(), SymbolKind::free, v.extent.expr().handle());
            free[v.symbol] = Expr(symbol);
            point.push_back(Expr(symbol));
            box.push_back(v.extent);
        }
        const AnyTensor rows("matrix_rows", i64, box), columns("matrix_columns", i64, box),
            values("matrix_values", f64, box);
        const auto define = [&](const AnyTensor& tensor, const Expr& value, const Expr& otherwise) {
            add_definition({tensor.node()}, point, UpdateOp::assign,
                           {substitute(select(takes_part, value, otherwise), free)}, {}, definition.where);
        };
        define(rows, flat_index(definition.left, target.shape()), Expr::integer(-1));
        define(columns, flat_index(resolved.indices, source.shape()), Expr::integer(-1));
        define(values, cast(f64, coefficient), Expr::floating(0));
        const Pipeline pipeline = Pipeline::of({rows, columns, values});
        NamedBuffers given;
        for (const AnyTensor& input : pipeline.inputs) {
            if (!buffers_.count(input.name()))
                throw UserError(fmt::format("the matrix of {} depends on the values of {}: give its buffer",
                                            pipeline_.outputs[0].name(), input.name()));
            given[input.name()] = buffers_.at(input.name());
        }
        const NamedBuffers found = evaluate(pipeline, given, EvaluatePrecision::f64);
        std::vector<Entry> entries;
        const Buffer &row = found.at("matrix_rows"), &column = found.at("matrix_columns"),
                     &value = found.at("matrix_values");
        for_each_index(row.shape(), [&](const auto& index) {
            const auto r = static_cast<std::int64_t>(row.get(index));
            if (r >= 0) entries.push_back({r, static_cast<std::int64_t>(column.get(index)), value.get(index)});
        });
        return matrix_of(elements_of(target), elements_of(source), std::move(entries));
    }

    const Pipeline& pipeline_;
    const AnyTensor& input_;
    const NamedBuffers& buffers_;
    std::map<const TensorNode*, CsrMatrix> known_;
};

}  // namespace

CsrMatrix CsrMatrix::transposed() const {
    std::vector<Entry> entries;
    for_each_entry(*this, [&](std::int64_t r, std::int64_t c, double v) { entries.push_back({c, r, v}); });
    return matrix_of(columns, rows, std::move(entries));
}

std::vector<double> CsrMatrix::times(const std::vector<double>& x) const {
    if (static_cast<std::int64_t>(x.size()) != columns)
        throw UserError(fmt::format("a matrix of {} columns is multiplied with {} numbers", columns, x.size()));
    std::vector<double> y(static_cast<std::size_t>(rows));
    for_each_entry(*this, [&](std::int64_t r, std::int64_t c, double v) { y[r] += v * x[c]; });
    return y;
}

CsrMatrix operator*(const CsrMatrix& a, const CsrMatrix& b) {
    require(a.columns == b.rows, "a product of matrices whose sizes do not fit");
    std::vector<Entry> entries;
    for_each_entry(a, [&](std::int64_t r, std::int64_t c, double v) {
        for (std::int64_t i = b.row_start[c]; i < b.row_start[c + 1]; ++i)
            entries.push_back({r, b.column[i], v * b.value[i]});
    });
    return matrix_of(a.rows, b.columns, std::move(entries));
}

CsrMatrix toeplitz(const AnyTensor& output, const AnyTensor& input, const NamedBuffers& buffers) {
    const Pipeline pipeline = Pipeline::of({output});
    if (!(pipeline.find(input.name()) == input))
        throw UserError(fmt::format("the matrix of {}: it is not computed from {}", output.name(), input.name()));
    return Matrices(pipeline, input, buffers).of(output);
}

}  // namespace heddle
