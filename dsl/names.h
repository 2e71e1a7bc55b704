// dsl/names.h -- what symbols and tensors are called in a text: unique, and words that the parser takes.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "dsl/symbol.h"

namespace heddle {

struct TensorNode;

/// How names are chosen: the user's own (p, and p_1 for another p), or t0, i0, N0, ... by order of appearance.
enum class Naming { given, by_order };

/// Names handed out at first use and kept. A symbol and a tensor may share a name: a tensor stands before brackets.
class Names {
public:
    explicit Names(Naming naming = Naming::given) : naming_(naming) {}
    Naming naming() const { return naming_; }

    const std::string& of(const Symbol& symbol);
    const std::string& of(const TensorNode& tensor);
    /// A stand-in of a reducer, which is written without brackets: `wanted`, or wanted_1, ... where that is taken.
    const std::string& add_placeholder(const TensorNode& tensor, const std::string& wanted);
    bool is_placeholder(const TensorNode& tensor) const { return placeholders_.count(&tensor) != 0; }
    /// Forgets index variables and stand-ins, which belong to one definition; tensors and sizes keep their names.
    void end_definition();

private:
    std::string unique(std::string_view wanted, std::set<std::string>& taken) const;

    Naming naming_;
    std::map<Symbol, std::string> parameters_, variables_;
    std::map<const TensorNode*, std::string> tensors_, placeholders_;
    std::set<std::string> taken_by_parameters_, taken_by_variables_, taken_by_tensors_;
};

/// The name as a word of the text form: letters, digits, '_' and inner '.', other characters as '_'.
std::string word_of(std::string_view name);
/// True for words that stand for values: inf, nan, true, false, and typed ones (inff32).
bool is_value_word(std::string_view word);

}  // namespace heddle
