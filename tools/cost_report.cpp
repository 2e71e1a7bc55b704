// tools/cost_report.cpp -- cost of a pipeline, beside im2col and Toeplitz matrices.
#include "tools/cost_report.h"

#include <fmt/format.h>

#include "dsl/visit.h"
#include "runtime/buffer.h"
#include "runtime/text.h"
#include "schedules/tuning_space.h"

namespace heddle::tools {
namespace {

double elements_of(const AnyTensor& tensor) {
    double elements = 1;
    for (const Extent& extent : tensor.shape()) elements *= static_cast<double>(extent.value());
    return elements;
}

std::string shape_text(const AnyTensor& tensor) {
    std::vector<std::int64_t> shape;
    for (const Extent& extent : tensor.shape()) shape.push_back(extent.value());
    return fmt::format("{} {}", name_of(tensor.type()), describe_shape(shape));
}

double product(const Definition& definition, const std::vector<Symbol>& symbols) {
    double result = 1;
    for (const Symbol& symbol : symbols) result *= static_cast<double>(definition.find(symbol)->extent.value());
    return result;
}

// The input is read with the variable that indexes the first dimension of a definition's target.
bool depends_on_first_index(const Pipeline& pipeline, const AnyTensor& input) {
    bool depends = false;
    for (const PipelineStage& stage : pipeline.stages) {
        const Definition& definition = *stage.definition;
        if (definition.left.empty()) continue;
        const std::vector<Symbol> first = symbols_of(definition.left.front());
        for (const Expr& value : definition.right)
            for_each_node(value, [&](const Expr& e) {
                const auto* read = e.as<Read>();
                if (!read || read->tensor != input.node()) return;
                for (const Expr& index : read->indices)
                    for (const Symbol& symbol : first) depends |= uses(index, symbol);
            });
    }
    return depends;
}

void add_matrices(const Definition& definition, CostReport& report) {
    if (definition.op != UpdateOp::add) return;
    const Classification classes = classify(definition);
    if (classes.family != Family::contraction) return;
    const bool a_is_image = elements_of(classes.a) / product(definition, classes.k) >=
                            elements_of(classes.b) / product(definition, classes.k);
    const AnyTensor& image = a_is_image && classes.m.size() >= classes.n.size() ? classes.a
                             : classes.n.size() > classes.m.size()              ? classes.b
                                                                                : classes.a;
    const std::vector<Symbol>& points = image == classes.a ? classes.m : classes.n;
    const double bytes = bytes_of(image.type()), batch = product(definition, classes.batch);
    const double rows = product(definition, points) * batch, columns = product(definition, classes.k);
    report.im2col = CostReport::Im2col{rows, columns, rows * columns * bytes, rows * columns / elements_of(image)};
    double nonzeros = 1;
    for (const DomainVar& variable : definition.domain) nonzeros *= static_cast<double>(variable.extent.value());
    const double outputs = elements_of(definition.target()), inputs = elements_of(image);
    report.toeplitz = CostReport::Toeplitz{outputs, inputs, nonzeros, outputs * inputs * bytes,
                                           nonzeros * (bytes + 4) + (outputs + 1) * 8};
}

}  // namespace

CostReport cost_report(const Pipeline& pipeline) {
    CostReport report;
    report.cost = cost_of(pipeline);
    for (const AnyTensor& output : pipeline.outputs)
        report.outputs.push_back({output.name(), shape_text(output), elements_of(output)});
    for (const AnyTensor& input : pipeline.inputs)
        if (!depends_on_first_index(pipeline, input)) report.parameters += elements_of(input);
    if (!pipeline.stages.empty()) add_matrices(*pipeline.stages.back().definition, report);
    return report;
}

std::string text_of(const CostReport& report, int indent) {
    std::string text;
    const auto line = [&](const std::string& name, const std::string& value) {
        text += fmt::format("{:{}}{:12} {}\n", "", indent, name, value);
    };
    for (const CostReport::Output& output : report.outputs)
        line("output", fmt::format("{} {}, {} elements", output.name, output.shape, format_count(output.elements)));
    line("parameters", format_count(report.parameters));
    line("operations", fmt::format("{} (2 a multiply-add)", format_count(report.cost.operations)));
    line("bytes",
         fmt::format("{} in, {} out", format_bytes(report.cost.input_bytes), format_bytes(report.cost.output_bytes)));
    line("intensity", fmt::format("{:.1f} operations a byte", report.cost.intensity()));
    if (report.im2col)
        line("im2col", fmt::format("{:.0f} x {:.0f}, {} ({:.1f} times the input); built by no default schedule",
                                   report.im2col->rows, report.im2col->columns, format_bytes(report.im2col->bytes),
                                   report.im2col->times_input));
    if (report.toeplitz)
        line("Toeplitz",
             fmt::format("{:.0f} x {:.0f}, {} dense, {} as CSR", report.toeplitz->rows, report.toeplitz->columns,
                         format_bytes(report.toeplitz->dense_bytes), format_bytes(report.toeplitz->csr_bytes)));
    return text;
}

}  // namespace heddle::tools
