// dsl/names.cpp -- unique names, given or by order of appearance.
#include "dsl/names.h"

#include <fmt/format.h>

#include "dsl/definition.h"
#include "dsl/lexer.h"
#include "runtime/type.h"

namespace heddle {

std::string word_of(std::string_view name) {
    std::string word;
    for (std::size_t i = 0; i < name.size(); ++i) {
        const bool inner_dot = name[i] == '.' && !word.empty() && i + 1 < name.size() && is_word_character(name[i + 1]);
        word += is_word_character(name[i]) || inner_dot ? name[i] : '_';
    }
    return word.empty() || (word[0] >= '0' && word[0] <= '9') ? "_" + word : word;
}

bool is_value_word(std::string_view word) {
    if (word == "true" || word == "false") return true;
    if (!word.starts_with("inf") && !word.starts_with("nan")) return false;
    return word.size() == 3 || parse_type(word.substr(3)).has_value();
}

std::string Names::unique(std::string_view wanted, std::set<std::string>& taken) const {
    const std::string word = word_of(wanted);
    std::string name = word;
    for (int i = 1; is_value_word(name) || taken.count(name); ++i) name = fmt::format("{}_{}", word, i);
    taken.insert(name);
    return name;
}

const std::string& Names::of(const Symbol& symbol) {
    const bool parameter = symbol.kind() == SymbolKind::parameter;
    auto& names = parameter ? parameters_ : variables_;
    if (const auto found = names.find(symbol); found != names.end()) return found->second;
    const std::string wanted = naming_ == Naming::given ? symbol.name()
                               : parameter              ? fmt::format("N{}", names.size())
                                                        : fmt::format("i{}", names.size());
    const std::string name = unique(wanted, taken_by_variables_);
    if (parameter) taken_by_parameters_.insert(name);
    return names[symbol] = name;
}

const std::string& Names::of(const TensorNode& tensor) {
    if (const auto found = placeholders_.find(&tensor); found != placeholders_.end()) return found->second;
    if (const auto found = tensors_.find(&tensor); found != tensors_.end()) return found->second;
    const std::string wanted = naming_ == Naming::given ? tensor.name : fmt::format("t{}", tensors_.size());
    return tensors_[&tensor] = unique(wanted, taken_by_tensors_);
}

const std::string& Names::add_placeholder(const TensorNode& tensor, const std::string& wanted) {
    return placeholders_[&tensor] = unique(wanted, taken_by_variables_);
}

void Names::end_definition() {
    variables_.clear();
    placeholders_.clear();
    taken_by_variables_ = taken_by_parameters_;
}

}  // namespace heddle
