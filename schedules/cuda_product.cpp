// schedules/cuda_product.cpp -- which variable of a sum of products is a row, a column, a batch, reduced.
#include "schedules/cuda_product.h"

#include <algorithm>
#include <set>

#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

// The period of the only form in which the symbol occurs, (symbol + c) % period or (symbol + c) / period; 0: others.
class Occurrences {
public:
    Occurrences(const Symbol& symbol, BinaryOp form) : symbol_(symbol), form_(form) {}

    std::int64_t period(const std::vector<Expr>& indices) {
        for (const Expr& index : indices) look(simplify(index));
        return periods_.size() == 1 && *periods_.begin() > 1 ? *periods_.begin() : 0;
    }

private:
    void look(const Expr& e) {
        if (!uses(e, symbol_)) return;
        const auto* binary = e.as<Binary>();
        const auto* by = binary && binary->op == form_ ? binary->b.as<IntImm>() : nullptr;
        if (by) {
            const std::optional<Affine> value = affine_of(binary->a);
            periods_.insert(value && value->coefficient(symbol_) == 1 && value->terms.size() == 1 ? by->value : 0);
        } else if (binary &&
                   (binary->op == BinaryOp::add || (binary->op == BinaryOp::sub && !uses(binary->b, symbol_)))) {
            look(binary->a);
            look(binary->b);
        } else {
            periods_.insert(0);
        }
    }

    Symbol symbol_;
    BinaryOp form_;
    std::set<std::int64_t> periods_;
};

// Values of the variable whose quotient alone moves `whole` and whose residue alone moves `other`; 0: neither.
std::int64_t residue_period(const Symbol& symbol, const Read& whole, const Read& other) {
    const std::int64_t period = Occurrences(symbol, BinaryOp::mod).period(other.indices);
    return period > 0 && Occurrences(symbol, BinaryOp::div).period(whole.indices) == period ? period : 0;
}

bool multiplied_on_tensor_cores(ScalarType type) { return is_float(type) || type == i8 || type == u8; }

void sort_by_dimension(std::vector<ProductLoop>& loops, const ProductOperand& operand) {
    const auto place = [&](const ProductLoop& loop) {
        const std::vector<int> dims = operand.dims_of(loop);
        return dims.empty() ? -1 : dims.front();
    };
    std::stable_sort(loops.begin(), loops.end(),
                     [&](const ProductLoop& a, const ProductLoop& b) { return place(a) < place(b); });
}

}  // namespace

std::int64_t points_of(const std::vector<ProductLoop>& loops) {
    std::int64_t points = 1;
    for (const ProductLoop& loop : loops) points *= loop.extent;
    return points;
}

std::int64_t ProductOperand::points() const { return points_of(loops); }

std::vector<int> ProductOperand::dims_of(const ProductLoop& loop) const {
    std::vector<int> dims;
    for (std::size_t d = 0; d < facts.symbols.size(); ++d)
        if (std::find(facts.symbols[d].begin(), facts.symbols[d].end(), loop.symbol) != facts.symbols[d].end())
            dims.push_back(static_cast<int>(d));
    return dims;
}

const ProductLoop* ProductOperand::along(const std::vector<ProductLoop>& among) const {
    for (const ProductLoop& loop : among)
        if (loop.extent > 1 && loop.period == 1 && facts.unit_stride(loop.symbol)) return &loop;
    return nullptr;
}

double CudaProduct::products() const {
    return static_cast<double>(rows.points()) * static_cast<double>(columns.points()) *
           static_cast<double>(points_of(batch)) * static_cast<double>(points_of(reduced));
}

std::optional<CudaProduct> cuda_product(const Definition& definition) {
    const DefinitionFacts facts = facts_of(definition);
    const auto* value = definition.right.size() == 1 ? definition.right[0].as<Binary>() : nullptr;
    if (definition.op != UpdateOp::add || !facts.accumulates || facts.data_dependent || facts.reads.size() != 2 ||
        !value || value->op != BinaryOp::mul || !value->a.as<Read>() || !value->b.as<Read>())
        return {};
    CudaProduct product;
    ProductOperand &a = product.rows, &b = product.columns;
    a.read = value->a.as<Read>();
    b.read = value->b.as<Read>();
    a.facts = facts.reads[0];
    b.facts = facts.reads[1];
    for (ProductOperand* operand : {&a, &b}) {
        operand->tensor = operand->facts.tensor;
        const BoundaryMode mode = operand->facts.boundary.mode;
        if (mode != BoundaryMode::none && mode != BoundaryMode::zero) return {};
    }
    product.type = a.tensor.type();
    product.result = definition.target(0).type();
    if (a.tensor.type() != b.tensor.type() || a.tensor == b.tensor || !multiplied_on_tensor_cores(product.type))
        return {};
    for (const VariableFacts& v : facts.variables) {
        if (!v.is_static || v.extent < 1) return {};
        const bool in_a = a.facts.uses(v.symbol), in_b = b.facts.uses(v.symbol);
        const ProductLoop loop{v.symbol, v.name, v.extent, 1};
        if (v.reduced) {
            product.reduced.push_back(loop);
        } else if (v.extent == 1) {
            product.batch.push_back(loop);
        } else if (in_a != in_b) {
            (in_a ? a : b).loops.push_back(loop);
        } else if (in_a) {
            const std::int64_t period_a = residue_period(v.symbol, *a.read, *b.read),
                               period = period_a > 0 ? period_a : residue_period(v.symbol, *b.read, *a.read);
            if (period == 0 || period > v.extent) {
                product.batch.push_back(loop);
                continue;
            }
            product.has_classes = true;
            product.splits.push_back("split(" + v.name + ", " + std::to_string(period) + ")");
            product.batch.push_back({v.symbol, v.name + ".i", period, 1});
            (period_a > 0 ? a : b).loops.push_back({v.symbol, v.name + ".o", (v.extent + period - 1) / period, period});
        } else {
            return {};
        }
    }
    if (a.loops.empty() || b.loops.empty() || product.reduced.empty()) return {};
    for (ProductOperand* operand : {&a, &b}) sort_by_dimension(operand->loops, *operand);
    sort_by_dimension(product.reduced, a);
    return product;
}

}  // namespace heddle
