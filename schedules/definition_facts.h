// schedules/definition_facts.h -- what choosing a schedule needs to know about the variables and reads of a definition.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/affine.h"
#include "dsl/definition.h"

namespace heddle {

/// One variable of the domain.
struct VariableFacts {
    Symbol symbol;
    std::string name;         ///< of its loop in the plain nest
    std::int64_t extent = 0;  ///< of a dynamic one: the largest, but at most `assumed_extent`
    std::int64_t most = 0;    ///< the largest it can be
    bool is_static = true;
    bool reduced = false;
    bool independent = false;  ///< free, and different values write different elements: iterations may run at once
    bool contiguous = false;   ///< a step of it moves the output by one element
};
inline constexpr std::int64_t assumed_extent = 1024;
/// What schedules are chosen for: the integer, or the largest that a run-time size can be, at most `assumed_extent`.
std::int64_t assumed_size(const Extent& extent);

/// One read of a tensor on the right side.
struct ReadFacts {
    AnyTensor tensor;
    Boundary boundary;
    std::vector<std::optional<Affine>> indices;  ///< nothing where an index is not affine
    std::vector<std::vector<Symbol>> symbols;    ///< that occur in each index
    std::vector<bool> may_leave;                 ///< dimensions with a boundary that the index can reach

    bool uses(const Symbol& symbol) const;
    /// A step of the symbol moves the address by one element.
    bool unit_stride(const Symbol& symbol) const;
    /// The symbol occurs in a dimension that the read can leave.
    bool leaves_along(const Symbol& symbol) const;
    /// The symbol shares a dimension with one that satisfies the test: a tap of a window.
    bool shares_dimension(const Symbol& symbol, const std::vector<Symbol>& others) const;
};

struct DefinitionFacts {
    const Definition* definition = nullptr;
    std::vector<VariableFacts> variables;  ///< in the domain's order
    std::vector<ReadFacts> reads;          ///< of the right side, in order of appearance
    bool accumulates = false;              ///< an update whose sums can be kept in registers
    bool data_dependent = false;           ///< an index is read from data

    const VariableFacts& of(const Symbol& symbol) const;
    /// Free variables in the order of the output's dimensions.
    std::vector<Symbol> free_variables() const;
    std::vector<Symbol> reduced_variables() const;
    /// The widest type that it computes in.
    int widest_bytes() const;
};

DefinitionFacts facts_of(const Definition& definition);

/// The two reads of a `+=` of a product, and nothing else beside constants; empty when the right side is not of the
/// kind.
std::vector<const Read*> factors_of(const Definition& definition);

}  // namespace heddle
