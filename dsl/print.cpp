// dsl/print.cpp -- definitions and pipelines in the text form.
#include "dsl/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/last_nan.h"
#include "dsl/print_expr.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

std::string list_of(const std::vector<Expr>& values, Names& names, const std::vector<ScalarType>& types) {
    std::vector<std::string> parts;
    for (std::size_t i = 0; i < values.size(); ++i)
        parts.push_back(print_expr(values[i], names, Spacing::wide, types[i]));
    return fmt::format("({})", fmt::join(parts, ", "));
}

std::string indices_of(const std::vector<Expr>& indices, Names& names) {
    std::vector<std::string> parts;
    for (const Expr& index : indices) parts.push_back(print_index(index, names));
    return fmt::format("[{}]", fmt::join(parts, ","));
}

/// `reduce argmax {(-inf, 0); (a0, a1), (b0, b1) -> (...)}`.
std::string print_reducer(const Reducer& reducer, const std::vector<ScalarType>& types, Names& names) {
    std::vector<std::string> left, right;
    for (std::size_t i = 0; i < types.size(); ++i) {
        left.push_back(names.add_placeholder(*reducer.left[i].node(), fmt::format("a{}", i)));
        right.push_back(names.add_placeholder(*reducer.right[i].node(), fmt::format("b{}", i)));
    }
    const std::string name = names.naming() == Naming::given ? word_of(reducer.name) : "tuple";
    return fmt::format("reduce {} {{{}; ({}), ({}) -> {}}}", name, list_of(reducer.identity, names, types),
                       fmt::join(left, ", "), fmt::join(right, ", "), list_of(reducer.combine, names, types));
}

std::string print_statement(const Definition& d, Names& names) {
    std::vector<std::string> targets;
    for (std::size_t i = 0; i < d.targets.size(); ++i)
        targets.push_back(names.of(*d.target(static_cast<int>(i)).node()) + indices_of(d.left, names));
    if (d.op != UpdateOp::tuple) {
        const ScalarType type = compute_type(d.target().type());
        return fmt::format("{} {} {}", targets[0], update_name(d), print_expr(d.right[0], names, Spacing::wide, type));
    }
    std::vector<ScalarType> types;
    for (const Expr& identity : d.reducer.identity) types.push_back(identity.type());
    const std::string reducer = print_reducer(d.reducer, types, names);
    return fmt::format("({}) {} {}", fmt::join(targets, ", "), reducer, list_of(d.right, names, types));
}

/// The variables whose extents do not follow from the shapes: those that are nowhere an index of their own, or are one
/// of a dimension with another extent.
std::set<Symbol> declared_variables(const Definition& d) {
    std::set<Symbol> inferred, declared;
    const auto add_indices = [&](const TensorNode& tensor, const std::vector<Expr>& indices) {
        for (std::size_t i = 0; tensor.shape && i < indices.size(); ++i) {
            const Variable* variable = indices[i].as<Variable>();
            const DomainVar* range = variable ? d.find(variable->symbol) : nullptr;
            if (!range) continue;
            const bool same = equal(range->extent.expr(), (*tensor.shape)[i].expr());
            (same ? inferred : declared).insert(variable->symbol);
        }
    };
    const auto add_reads = [&](const Expr& node) {
        if (const Read* read = node.as<Read>()) add_indices(*read->tensor, read->indices);
    };
    add_indices(*d.target().node(), d.left);
    for (const Expr& index : d.left) for_each_node(index, add_reads);
    for (const Expr& value : d.right) for_each_node(value, add_reads);
    for (const DomainVar& variable : d.domain)
        if (!inferred.count(variable.symbol)) declared.insert(variable.symbol);
    return declared;
}

std::string print_range(const DomainVar& variable, Names& names) {
    const std::string extent = print_expr(variable.extent.expr(), names, Spacing::compact, i64, Strength::sum);
    return fmt::format("{}<{}", names.of(variable.symbol), extent);
}

/// The statement with the extents that cannot be inferred: `y[n] += x[n+r] | r<3`.
std::string print_definition(const Definition& d, Names& names) {
    std::string text = print_statement(d, names);
    const std::set<Symbol> declared = declared_variables(d);
    const char* separator = " | ";
    for (const DomainVar& variable : d.domain) {
        if (!declared.count(variable.symbol)) continue;
        text += separator + print_range(variable, names);
        separator = " ";
    }
    return text;
}

std::string print_declaration(const AnyTensor& tensor, Names& names) {
    const std::string head = fmt::format("{}: {}", names.of(*tensor.node()), name_of(tensor.type()));
    if (!tensor.has_shape()) return head + "\n";
    std::vector<std::string> extents;
    for (const Extent& extent : tensor.shape())
        extents.push_back(print_expr(extent.expr(), names, Spacing::compact, i64));
    return fmt::format("{}[{}]\n", head, fmt::join(extents, ","));
}

std::vector<AnyTensor> defined_tensors(const Pipeline& pipeline) {
    std::vector<AnyTensor> tensors;
    for (const PipelineStage& stage : pipeline.stages)
        for (const AnyTensor& target : stage.targets)
            if (std::find(tensors.begin(), tensors.end(), target) == tensors.end()) tensors.push_back(target);
    return tensors;
}

/// What parse_pipeline takes for the outputs when the text does not say: the defined tensors that nothing reads.
std::vector<AnyTensor> unread_tensors(const Pipeline& pipeline) {
    std::set<const TensorNode*> read;
    const auto add_read = [&](const Expr& node) {
        if (const Read* r = node.as<Read>()) read.insert(r->tensor.get());
    };
    for (const PipelineStage& stage : pipeline.stages) {
        for (const Expr& index : stage.definition->left) for_each_node(index, add_read);
        for (const Expr& value : stage.definition->right) for_each_node(value, add_read);
    }
    std::vector<AnyTensor> unread = defined_tensors(pipeline);
    std::erase_if(unread, [&](const AnyTensor& tensor) { return read.count(tensor.node().get()) != 0; });
    return unread;
}

std::string print_pipeline(const Pipeline& pipeline, Names& names) {
    std::string text;
    for (const Symbol& size : pipeline.parameters)
        text += fmt::format("{} in [{},{}]\n", names.of(size), size.min(), size.max());
    for (const AnyTensor& input : pipeline.inputs) text += print_declaration(input, names);
    for (const AnyTensor& tensor : defined_tensors(pipeline)) text += print_declaration(tensor, names);
    for (const PipelineStage& stage : pipeline.stages) {
        text += print_definition(*stage.definition, names) + "\n";
        names.end_definition();
    }
    if (pipeline.outputs == unread_tensors(pipeline)) return text;
    std::vector<std::string> outputs;
    for (const AnyTensor& output : pipeline.outputs) outputs.push_back(names.of(*output.node()));
    return text + fmt::format("output {}\n", fmt::join(outputs, ", "));
}

}  // namespace

std::string print(const Expr& e) {
    Names names;
    return print_expr(e, names, Spacing::wide, e.as<IntImm>() ? i64 : f64);
}

std::string print(const Definition& definition) {
    Names names;
    return print_definition(definition, names);
}

std::string print_with_domain(const Definition& definition) {
    Names names;
    std::string text = print_statement(definition, names) + " |";
    for (const DomainVar& variable : definition.domain)
        if (!variable.reduced) text += " " + print_range(variable, names);
    const char* separator = " | ";
    for (const DomainVar& variable : definition.domain) {
        if (!variable.reduced) continue;
        text += separator + print_range(variable, names);
        separator = " ";
    }
    return text;
}

std::string print(const Pipeline& pipeline) {
    Names names;
    return print_pipeline(pipeline, names);
}

std::string canonical_text(const Pipeline& pipeline) {
    Names names(Naming::by_order);
    return print_pipeline(pipeline, names);
}

}  // namespace heddle
