// tests/fuzz/linear.cpp -- degrees of values in an input.
#include "tests/fuzz/linear.h"

#include <algorithm>

namespace heddle::fuzz {
namespace {

constexpr int not_linear = 2;

/// 0: does not depend; 1: linear, a constant part aside; not_linear: anything else.
int degree_of(const Node& node, const std::vector<int>& degrees) {
    if (node.is_read()) return degrees[node.tensor];
    int degree = 0;
    for (const Node& child : node.children) {
        const int one = degree_of(child, degrees);
        degree = node.call == "*" ? degree + one : std::max(degree, one);
    }
    const bool keeps = node.call.empty() || node.call == "+" || node.call == "*";
    return keeps ? std::min(degree, not_linear) : degree == 0 ? 0 : not_linear;
}

bool is_linear_in(const Draft& draft, std::size_t input) {
    std::vector<int> degrees(draft.tensors.size(), 0);
    degrees[input] = 1;
    for (const Stage& stage : draft.stages) {
        int degree = degree_of(stage.value, degrees);
        if (stage.update != "=" && stage.update != "+=" && degree > 0) degree = not_linear;
        degrees[stage.target] = degree;
    }
    return std::count(degrees.begin(), degrees.end(), not_linear) == 0;
}

}  // namespace

std::vector<std::string> linear_inputs(const Draft& draft) {
    std::vector<std::string> names;
    for (std::size_t t = 0; t < draft.tensors.size(); ++t) {
        const DraftTensor& tensor = draft.tensors[t];
        if (tensor.input && !is_integer(tensor.type) && is_linear_in(draft, t)) names.push_back(tensor.name);
    }
    return names;
}

}  // namespace heddle::fuzz
