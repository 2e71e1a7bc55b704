// tools/columns_report.cpp -- columns and matrices with named entries.
#include "tools/columns_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "codegen/matrix_views.h"
#include "dsl/evaluate.h"
#include "dsl/gradient.h"
#include "dsl/print.h"
#include "schedules/explicit_gemm.h"
#include "tools/element_names.h"

namespace heddle::tools {
namespace {

constexpr std::int64_t most_shown = 64;  // rows, and columns

std::vector<std::int64_t> strides_of(const AnyTensor& tensor) {
    std::vector<std::int64_t> strides(tensor.shape().size(), 1);
    for (std::size_t d = strides.size(); d-- > 1;) {
        if (!tensor.shape()[d].is_static())
            throw UserError(
                fmt::format("the matrices of {}: its sizes are numbers, not run-time sizes", tensor.name()));
        strides[d - 1] = strides[d] * tensor.shape()[d].value();
    }
    return strides;
}

/// What the elements of a tensor are: of the tensor itself, or copies of another's.
struct Names {
    AnyTensor of;
    std::optional<Buffer> positions;  ///< from 1, 0 where there is none; without it the element's own
    std::string text(std::int64_t position) const {
        if (!positions) return element_text(of, position);
        std::vector<std::int64_t> index(positions->shape().size());
        for (std::size_t d = index.size(); d-- > 0; position /= positions->shape()[d])
            index[d] = position % positions->shape()[d];
        const auto number = static_cast<std::int64_t>(positions->get(index));
        return of.defined() && number > 0 ? element_text(of, number - 1) : fmt::format("{}", number);
    }
};

/// A tensor that copies elements of one input, or none.
Names copied_names(const AnyTensor& tensor) {
    const Pipeline pipeline = Pipeline::of({tensor});
    if (pipeline.inputs.size() > 1) return {tensor, {}};
    NamedBuffers counted;
    for (const AnyTensor& input : pipeline.inputs) counted[input.name()] = counted_elements(input);
    return {pipeline.inputs.empty() ? AnyTensor() : pipeline.inputs[0], evaluate(pipeline, counted).at(tensor.name())};
}

/// Of columns that are added to the output: where each goes, which is the adjoint of adding.
Names target_names(const AnyTensor& columns, const AnyTensor& output) {
    const AnyTensor seed(output.name(), output.type(), output.shape());
    const Pipeline pipeline = Pipeline::of(gradient(output, std::vector{columns}, seed));
    return {seed, evaluate(pipeline, {{seed.name(), counted_elements(seed)}}).at(pipeline.outputs[0].name())};
}

Names names_of(const AnyTensor& tensor, const AnyTensor& output) {
    if (!tensor.has_definition() || tensor == output) return {tensor, {}};
    const auto& definitions = tensor.node()->definitions;
    if (definitions.size() == 1 && definitions[0]->op == UpdateOp::assign) return copied_names(tensor);
    const auto& last = output.node()->definitions.back()->right[0];
    const Read* read = last.as<Read>();
    return read && read->tensor == tensor.node() ? target_names(tensor, output) : Names{tensor, {}};
}

std::string matrix(const AnyTensor& tensor, const AnyTensor& output, std::int64_t rows, std::int64_t columns,
                   std::int64_t row_stride, std::int64_t column_stride) {
    const Names names = names_of(tensor, output);
    std::vector<std::vector<std::string>> cells(static_cast<std::size_t>(rows));
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            cells[row].push_back(names.text(row * row_stride + column * column_stride));
    return fmt::format(
        "{}, {} x {}{}\n{}", tensor.name(), rows, columns,
        names.positions && tensor.has_definition() && names.of.defined() && names.of.name() == output.name()
            ? ", added to"
            : "",
        matrix_text(cells));
}

std::string product_text(const PipelineStage& stage, const AnyTensor& output) {
    const auto product = matrix_product_of(*stage.definition);
    if (!product) return "";
    const AnyTensor c = stage.targets[0];
    for (const AnyTensor& tensor : {product->a, product->b, c})
        if (tensor.type() != f32 && tensor.type() != f64)
            throw UserError(fmt::format("the matrices of {}: {} is {}; elements of f32 and f64 are named",
                                        output.name(), tensor.name(), name_of(tensor.type())));
    const auto views =
        matrix_views(*stage.definition, *product, strides_of(c), strides_of(product->a), strides_of(product->b));
    if (!views) return fmt::format("{} is no product of matrices whose rows or columns lie without gaps\n", c.name());
    auto [m, n, k, loops] = *views;
    if (std::max({m.extent, n.extent, k.extent}) > most_shown)
        throw UserError(
            fmt::format("the matrices of {} are {}; up to {} rows and columns are shown: give smaller sizes", c.name(),
                        views->text(), most_shown));
    AnyTensor a = product->a, b = product->b;
    if (m.c < n.c) {  // by rows: c' = b' a'
        std::swap(a, b);
        std::swap(m, n);
        for (MatrixViews::Dimension* d : {&m, &n, &k}) std::swap(d->a, d->b);
    }
    const std::string times = views->products() == 1 ? "" : fmt::format(", {} times; the first", views->products());
    return fmt::format("{} {} {} * {}{}\n\n{}\n{}\n{}", c.name(), stage.index > 0 ? "+=" : "=", a.name(), b.name(),
                       times, matrix(a, output, m.extent, k.extent, m.a, k.a),
                       matrix(b, output, k.extent, n.extent, k.b, n.b),
                       matrix(c, output, m.extent, n.extent, m.c, n.c));
}

}  // namespace

std::string columns_report(const Pipeline& pipeline) {
    std::string text;
    for (const AnyTensor& output : pipeline.outputs) {
        const AnyTensor matrices = explicit_gemm(output);
        const Pipeline parts = Pipeline::of({matrices});
        std::string products;
        for (const PipelineStage& stage : parts.stages) {
            text += print(*stage.definition) + "\n";
            if (const std::string product = product_text(stage, matrices); !product.empty()) products += "\n" + product;
        }
        if (products.empty())
            throw UserError(fmt::format("{} has no sum of products of two tensors, so that there are no matrices: `{}`",
                                        output.name(), print(*output.node()->definitions.back())));
        text += products;
    }
    return text;
}

}  // namespace heddle::tools
