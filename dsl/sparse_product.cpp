// dsl/sparse_product.cpp -- points listed by evaluate(), sorted by counting, summed on all threads.
#include "dsl/sparse_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "dsl/print.h"
#include "dsl/product_sum.h"
#include "dsl/visit.h"
#include "runtime/thread_pool.h"

namespace heddle {
namespace {

std::int64_t static_elements(const AnyTensor& tensor) {
    std::int64_t elements = 1;
    for (const Extent& extent : tensor.shape()) {
        if (!extent.is_static())
            throw UserError(
                fmt::format("the sparse matrix of a product with {}: its size {} is known only at run "
                            "time; give it a number",
                            tensor.name(), print(extent.expr())));
        elements *= extent.value();
    }
    return elements;
}

std::vector<std::int64_t> strides_of(const AnyTensor& tensor) {
    std::vector<std::int64_t> strides(tensor.shape().size(), 1);
    for (std::size_t d = strides.size(); d-- > 1;) strides[d - 1] = strides[d] * tensor.shape()[d].value();
    return strides;
}

Expr position_of(const std::vector<Expr>& indices, const AnyTensor& tensor) {
    const std::vector<std::int64_t> strides = strides_of(tensor);
    Expr position = 0;
    for (std::size_t d = 0; d < indices.size(); ++d) position = position + indices[d] * strides[d];
    return position;
}

/// The dimension whose index is this variable, all of it, when it occurs nowhere else; else nothing.
std::optional<std::size_t> own_dimension(const std::vector<Expr>& indices, const AnyTensor& tensor,
                                         const DomainVar& variable) {
    std::optional<std::size_t> own;
    for (std::size_t d = 0; d < indices.size(); ++d) {
        if (!uses(indices[d], variable.symbol)) continue;
        const auto* bare = indices[d].as<Variable>();
        if (own || bare == nullptr || tensor.shape()[d].value() != variable.extent.value()) return {};
        own = d;
    }
    return own;
}

}  // namespace

/// The points of a product-sum, and their positions in its three tensors.
class SparsePoints {
public:
    SparsePoints(const AnyTensor& output, const AnyTensor& input)
        : definition_(checked(output)), output_(output), input_(input) {
        const ProductSum product = *product_sum_of(definition_);
        const bool first = product.a->tensor == input.node();
        if (!first && product.b->tensor != input.node())
            throw UserError(definition_.where, fmt::format("{} is no product with {}: {}", output.name(), input.name(),
                                                           print(definition_)));
        const Read &of_input = first ? *product.a : *product.b, &of_weight = first ? *product.b : *product.a;
        weight_ = AnyTensor(of_weight.tensor);
        if (weight_ == input)
            throw UserError(definition_.where,
                            fmt::format("{} multiplies {} with itself", output.name(), input.name()));
        for (const AnyTensor& tensor : {output_, input_, weight_}) static_elements(tensor);
        const ResolvedRead input_at = resolve_boundary(of_input, definition_.domain),
                           weight_at = resolve_boundary(of_weight, definition_.domain);
        Expr inside = participation(definition_) && inside_of(of_input, input_at) && inside_of(of_weight, weight_at);
        for (std::size_t d = 0; d < definition_.left.size(); ++d)
            inside = inside && Expr(0) <= definition_.left[d] && definition_.left[d] < output.shape()[d].expr();
        find_batch(input_at.indices, weight_at.indices);
        output_positions_ = listed(inside, position_of(definition_.left, output_));
        input_positions_ = listed(inside, position_of(input_at.indices, input_));
        weight_positions_ = listed(inside, position_of(weight_at.indices, weight_));
    }

    enum Role { output_role, input_role, weight_role };
    SparseProduct sorted_by(Role role) const {
        const auto operand = [&](Role of) {
            const AnyTensor& tensor = of == output_role ? output_ : of == input_role ? input_ : weight_;
            const bool adjoint = role == output_role ? false : of == role || of == output_role;
            return SparseProduct::Operand{
                adjoint ? AnyTensor("d" + tensor.name(), tensor.type(), tensor.shape()) : tensor,
                of == output_role  ? output_offsets_
                : of == input_role ? input_offsets_
                                   : std::vector<std::int64_t>(output_offsets_.size(), 0)};
        };
        SparseProduct product;
        const Role first = role == input_role ? output_role : input_role,
                   second = role == weight_role ? output_role : weight_role;
        product.result_ = operand(role), product.first_ = operand(first), product.second_ = operand(second);
        sort(positions(role), positions(first), positions(second), static_elements(product.result_.tensor), product);
        return product;
    }

private:
    static const Definition& checked(const AnyTensor& output) {
        const auto& definitions = output.node()->definitions;
        if (definitions.size() != 1 || !product_sum_of(*definitions[0]))
            throw UserError(
                fmt::format("the sparse matrix of {}: it takes one definition, a += of a product of two "
                            "tensors{}",
                            output.name(), definitions.empty() ? "" : ", not " + print(*definitions.back())));
        return *definitions[0];
    }

    /// A point whose read gives a constant (the boundary `constant`) is no product of two elements.
    Expr inside_of(const Read& read, const ResolvedRead& resolved) const {
        const bool constant = read.boundary.mode == BoundaryMode::constant && read.boundary.value != 0;
        if (constant)
            throw UserError(definition_.where,
                            fmt::format("the sparse matrix of {}: {} is {} outside, which is no element of it",
                                        output_.name(), read.tensor->name, read.boundary.value));
        return resolved.inside;
    }

    /// Variables that run through whole dimensions of output and input, and that the weights do not depend on.
    void find_batch(const std::vector<Expr>& input_at, const std::vector<Expr>& weight_at) {
        output_offsets_ = input_offsets_ = {0};
        const std::vector<std::int64_t> output_strides = strides_of(output_), input_strides = strides_of(input_);
        for (const DomainVar& variable : definition_.domain) {
            const auto to = own_dimension(definition_.left, output_, variable),
                       from = own_dimension(input_at, input_, variable);
            const bool weighted = std::any_of(weight_at.begin(), weight_at.end(),
                                              [&](const Expr& index) { return uses(index, variable.symbol); });
            if (!to || !from || weighted) {
                domain_.push_back(variable);
                continue;
            }
            batch_[variable.symbol] = Expr(0);
            std::vector<std::int64_t> outputs, inputs;
            for (std::size_t i = 0; i < output_offsets_.size(); ++i)
                for (std::int64_t value = 0; value < variable.extent.value(); ++value) {
                    outputs.push_back(output_offsets_[i] + value * output_strides[*to]);
                    inputs.push_back(input_offsets_[i] + value * input_strides[*from]);
                }
            output_offsets_ = std::move(outputs), input_offsets_ = std::move(inputs);
        }
    }

    /// A position at every point of the domain, -1 where the point takes no part.
    std::vector<std::int32_t> listed(const Expr& inside, const Expr& position) const {
        Substitution free = batch_;
        std::vector<Expr> at;
        std::vector<Extent> box;
        std::int64_t points = 1;
        for (const DomainVar& v : domain_) {
            const Symbol symbol(v.symbol.name(), SymbolKind::free, v.extent.expr().handle());
            free[v.symbol] = Expr(symbol);
            at.push_back(Expr(symbol));
            box.push_back(v.extent);
            points *= v.extent.value();
        }
        if (points > std::numeric_limits<std::int32_t>::max() ||
            std::max({static_elements(output_), static_elements(input_), static_elements(weight_)}) >
                std::numeric_limits<std::int32_t>::max())
            throw UserError(
                fmt::format("the sparse matrix of {}: {} points, or an element past 2^31; positions are 32 "
                            "bits wide",
                            output_.name(), points));
        const AnyTensor list("positions", i32, box);
        add_definition({list.node()}, at, UpdateOp::assign,
                       {cast(i32, substitute(select(inside, position, Expr::integer(-1)), free))}, {},
                       definition_.where);
        const Pipeline pipeline = Pipeline::of({list});
        if (!pipeline.inputs.empty())
            throw UserError(definition_.where, fmt::format("the sparse matrix of {} depends on the values of {}",
                                                           output_.name(), pipeline.inputs[0].name()));
        const Buffer found = evaluate(pipeline, {}).at("positions");
        return std::vector<std::int32_t>(found.as<std::int32_t>(), found.as<std::int32_t>() + found.elements());
    }

    const std::vector<std::int32_t>& positions(Role role) const {
        return role == output_role ? output_positions_ : role == input_role ? input_positions_ : weight_positions_;
    }

    static void sort(const std::vector<std::int32_t>& keys, const std::vector<std::int32_t>& first,
                     const std::vector<std::int32_t>& second, std::int64_t elements, SparseProduct& product) {
        std::vector<std::int32_t> next(static_cast<std::size_t>(elements) + 1);
        for (const std::int32_t key : keys)
            if (key >= 0) ++next[static_cast<std::size_t>(key) + 1];
        for (std::int64_t e = 0; e < elements; ++e) {
            if (next[e + 1] > 0) {
                product.targets_.push_back(e);
                product.start_.push_back(next[e]);
            }
            next[e + 1] += next[e];
        }
        product.start_.push_back(next.back());
        product.first_at_.resize(next.back());
        product.second_at_.resize(next.back());
        for (std::size_t i = 0; i < keys.size(); ++i) {
            if (keys[i] < 0) continue;
            const std::int32_t place = next[keys[i]]++;
            product.first_at_[place] = first[i];
            product.second_at_[place] = second[i];
        }
    }

    const Definition& definition_;
    AnyTensor output_, input_, weight_;
    std::vector<DomainVar> domain_;  ///< without the batch
    Substitution batch_;
    std::vector<std::int64_t> output_offsets_, input_offsets_;
    std::vector<std::int32_t> output_positions_, input_positions_, weight_positions_;
};

std::int64_t SparseProduct::bytes() const {
    return static_cast<std::int64_t>((start_.size() + targets_.size() + 3 * result_.offsets.size()) * 8 +
                                     (first_at_.size() + second_at_.size()) * 4);
}

template <class T>
void SparseProduct::run(const Buffer& first, const Buffer& second, const Buffer& result) const {
    struct Task {
        const SparseProduct& product;
        const T *first, *second;
        T* result;
    } task{*this, first.as<T>(), second.as<T>(), result.as<T>()};
    const auto segments = [](void* context, std::int64_t begin, std::int64_t end) {
        const auto& [p, a, b, c] = *static_cast<Task*>(context);
        for (std::size_t vector = 0; vector < p.result_.offsets.size(); ++vector) {
            const T *x = a + p.first_.offsets[vector], *w = b + p.second_.offsets[vector];
            for (std::int64_t s = begin; s < end; ++s) {
                T sum = 0;
                for (std::int64_t e = p.start_[s]; e < p.start_[s + 1]; ++e)
                    sum += x[p.first_at_[e]] * w[p.second_at_[e]];
                c[p.result_.offsets[vector] + p.targets_[s]] += sum;
            }
        }
    };
    result.fill(0);
    const ThreadPool& pool = thread_pool();
    pool.parallel_for(pool.self, static_cast<std::int64_t>(targets_.size()), segments, &task);
}

void SparseProduct::operator()(const NamedBuffers& buffers) const {
    const auto buffer = [&](const AnyTensor& tensor) -> const Buffer& {
        const auto found = buffers.find(tensor.name());
        std::vector<std::int64_t> shape;
        for (const Extent& extent : tensor.shape()) shape.push_back(extent.value());
        if (found == buffers.end())
            throw UserError(
                fmt::format("the sparse product of {} needs a buffer for {}", result().name(), tensor.name()));
        const Buffer& given = found->second;
        if (given.shape() != shape || given.type() != tensor.type() || given.device() || !given.contiguous())
            throw UserError(fmt::format("the sparse product of {}: {} is {}; it takes a row-major {} {} of the host",
                                        result().name(), tensor.name(), describe(given), name_of(tensor.type()),
                                        describe_shape(shape)));
        return given;
    };
    const Buffer &first = buffer(first_.tensor), &second = buffer(second_.tensor), &to = buffer(result_.tensor);
    if (first.type() != second.type() || first.type() != to.type() || (to.type() != f32 && to.type() != f64))
        throw UserError(
            fmt::format("the sparse product of {}: {} ({}), {} ({}) and {} ({}) are f32 or f64, of one type",
                        result().name(), result().name(), name_of(to.type()), first_.tensor.name(),
                        name_of(first.type()), second_.tensor.name(), name_of(second.type())));
    return to.type() == f32 ? run<float>(first, second, to) : run<double>(first, second, to);
}

SparseProduct sparse_forward(const AnyTensor& output, const AnyTensor& input) {
    return SparsePoints(output, input).sorted_by(SparsePoints::output_role);
}
SparseProduct sparse_input_gradient(const AnyTensor& output, const AnyTensor& input) {
    return SparsePoints(output, input).sorted_by(SparsePoints::input_role);
}
SparseProduct sparse_weight_gradient(const AnyTensor& output, const AnyTensor& input) {
    return SparsePoints(output, input).sorted_by(SparsePoints::weight_role);
}

}  // namespace heddle
