// tests/fuzz/draft.cpp -- drafts as text.
#include "tests/fuzz/draft.h"

#include <fmt/format.h>

#include <set>

#include "runtime/text.h"

namespace heddle::fuzz {
namespace {

std::string text_of(const Index& index, const Draft& draft, const Stage& stage, std::int64_t extent) {
    std::string text;
    for (const Term& term : index.terms) {
        const std::string& name = stage.variables[term.variable].name;
        const std::int64_t size = std::abs(term.factor);
        text += term.factor < 0 ? "-" : text.empty() ? "" : "+";
        text += size == 1 ? name : fmt::format("{}*{}", size, name);
    }
    if (index.data >= 0) return fmt::format("index_clamped({}[{}],{})", draft.tensors[index.data].name, text, extent);
    if (index.constant != 0 || text.empty())
        text += fmt::format("{}{}", text.empty() || index.constant < 0 ? "" : "+", index.constant);
    if (index.divisor > 1) return fmt::format("({})/{}", text, index.divisor);
    if (index.modulus > 1) return fmt::format("({})%{}", text, index.modulus);
    return text;
}

std::string text_of(const std::vector<Index>& indices, const Draft& draft, const Stage& stage, int tensor) {
    std::vector<std::string> texts;
    for (std::size_t d = 0; d < indices.size(); ++d)
        texts.push_back(text_of(indices[d], draft, stage, draft.tensors[tensor].shape[d]));
    return "[" + join(texts, ",") + "]";
}

std::string text_of(const Node& node, const Draft& draft, const Stage& stage) {
    if (node.is_read()) {
        const std::string& name = draft.tensors[node.tensor].name;
        std::string source = node.boundary.empty() ? name : fmt::format("{}({})", node.boundary, name);
        if (node.boundary == "constant") source = fmt::format("constant({}, 2)", name);
        return source + text_of(node.indices, draft, stage, node.tensor);
    }
    if (node.call.empty()) return node.number < 0 ? fmt::format("({})", node.number) : std::to_string(node.number);
    std::vector<std::string> children;
    for (const Node& child : node.children) children.push_back(text_of(child, draft, stage));
    if (node.call == "+" || node.call == "*") return "(" + join(children, " " + node.call + " ") + ")";
    if (node.call == "positive")
        return fmt::format("select({} > 0, {}, {})", children[0], children[0], children.back());
    return node.call + "(" + join(children, ", ") + ")";
}

void add_used(const std::vector<Index>& indices, std::set<int>& used) {
    for (const Index& index : indices)
        for (const Term& term : index.terms) used.insert(term.variable);
}

void add_used(const Node& node, std::set<int>& used) {
    add_used(node.indices, used);
    for (const Node& child : node.children) add_used(child, used);
}

/// A definition has the variables that occur in it.
std::set<int> used_variables(const Draft& draft, const Stage& stage) {
    std::set<int> used;
    add_used(stage.left, used);
    add_used(stage.value, used);
    if (!stage.scatters)
        for (std::size_t d = 0; d < draft.tensors[stage.target].shape.size(); ++d) used.insert(static_cast<int>(d));
    return used;
}

}  // namespace

std::string text_of(const Draft& draft) {
    std::string text;
    for (const DraftTensor& tensor : draft.tensors)
        text += fmt::format("{}: {}[{}]\n", tensor.name, name_of(tensor.type), fmt::join(tensor.shape, ","));
    for (const Stage& stage : draft.stages) {
        text += draft.tensors[stage.target].name;
        if (stage.scatters) {
            text += text_of(stage.left, draft, stage, stage.target);
        } else {
            std::vector<std::string> names;
            for (std::size_t d = 0; d < draft.tensors[stage.target].shape.size(); ++d)
                names.push_back(stage.variables[d].name);
            text += "[" + join(names, ",") + "]";
        }
        text += fmt::format(" {} {}", stage.update, text_of(stage.value, draft, stage));
        const char* bar = " |";
        for (const int v : used_variables(draft, stage)) {
            text += fmt::format("{} {}<{}", bar, stage.variables[v].name, extent_of(draft, stage, v));
            bar = "";
        }
        text += "\n";
    }
    return text;
}

std::int64_t extent_of(const Draft& draft, const Stage& stage, int variable) {
    const std::vector<std::int64_t>& shape = draft.tensors[stage.target].shape;
    if (stage.scatters || variable >= static_cast<int>(shape.size())) return stage.variables[variable].extent;
    return shape[variable];
}

Span span_of(const Index& index, const Draft& draft, const Stage& stage) {
    Span span{index.constant, index.constant};
    for (const Term& term : index.terms) {
        const std::int64_t most = term.factor * (extent_of(draft, stage, term.variable) - 1);
        (most < 0 ? span.least : span.most) += most;
    }
    return span;
}

}  // namespace heddle::fuzz
