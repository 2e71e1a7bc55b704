// dsl/cost.cpp -- operations, elements and bytes of a pipeline, counted from its definitions.
#include <fmt/format.h>

#include <set>

#include "dsl/pipeline.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool counts(const Expr& e) {
    if (const Unary* unary = e.as<Unary>()) return unary->op != UnaryOp::logical_not;
    const Binary* binary = e.as<Binary>();
    return binary && e.type() != boolean;
}

/// Arithmetic nodes outside of indices; a node that several handles share counts once.
double operations_of(const Expr& e, std::set<const ExprNode*>& seen) {
    if (e.kind() == ExprKind::Read || e.kind() == ExprKind::DataIndex || !seen.insert(e.get()).second) return 0;
    double count = counts(e) ? 1 : 0;
    for (const Expr& operand : operands_of(e)) count += operations_of(operand, seen);
    return count;
}

double operations_of(const std::vector<Expr>& values) {
    std::set<const ExprNode*> seen;
    double count = 0;
    for (const Expr& value : values) count += operations_of(value, seen);
    return count;
}

double operations_of(const Definition& definition) {
    const double values = operations_of(definition.right);
    if (definition.op == UpdateOp::assign) return values;
    return values + (definition.op == UpdateOp::tuple ? operations_of(definition.reducer.combine) : 1);
}

double elements_of(const AnyTensor& tensor) {
    double count = 1;
    for (const Extent& extent : tensor.shape()) count *= static_cast<double>(extent.value());
    return count;
}

}  // namespace

Cost cost_of(const Pipeline& pipeline) {
    if (!pipeline.parameters.empty())
        throw UserError(fmt::format("the cost depends on the run-time size {}: give it a value first",
                                    pipeline.parameters[0].name()));
    Cost cost;
    for (const PipelineStage& stage : pipeline.stages) {
        double points = 1;
        for (const DomainVar& variable : stage.definition->domain)
            points *= static_cast<double>(variable.extent.value());
        cost.points += points;
        cost.operations += points * operations_of(*stage.definition);
    }
    for (const AnyTensor& input : pipeline.inputs) {
        cost.input_elements += elements_of(input);
        cost.input_bytes += elements_of(input) * bytes_of(input.type());
    }
    for (const AnyTensor& output : pipeline.outputs) {
        cost.output_elements += elements_of(output);
        cost.output_bytes += elements_of(output) * bytes_of(output.type());
    }
    return cost;
}

}  // namespace heddle
