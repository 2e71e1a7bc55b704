// schedules/cuda_stencil.h -- a stencil as CUDA schedules see it: what a thread computes, reads and keeps.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "schedules/definition_facts.h"

namespace heddle {

/// A definition with a window, and the tile of its outputs that a thread computes.
struct Stencil {
    DefinitionFacts facts;
    ScalarType stored = ScalarType::f32;  ///< what results are in memory
    Symbol lane;                          ///< the output's contiguous variable
    std::vector<Symbol> outer;            ///< the other free ones, in the output's order
    std::vector<Symbol> window;
    std::map<Symbol, std::int64_t> tile;     ///< outputs of a thread along a variable
    std::map<Symbol, std::int64_t> periods;  ///< of variables by which reads are found by division: a gradient's stride
    std::int64_t threads = 256;              ///< of a block
    bool holds = true;                       ///< what a window slides over stays in registers
    bool rolled = false;                     ///< of a wide window: a row of it at a time
    bool packs = false;                      ///< filters lie in the order of lanes

    std::int64_t extent(const Symbol& s) const { return facts.of(s).extent; }
    std::int64_t outputs(const Symbol& s) const {
        const auto found = tile.find(s);
        return found == tile.end() ? 1 : found->second;
    }
    /// Points of the window; of a run-time size, many.
    std::int64_t taps() const;
    /// A thread owns the outputs of a stride.
    bool divided() const;
    /// The taps cost more than what a thread holds.
    bool wide() const;
    /// Odd numbers of outputs, as odd sizes ask for: a thread holds more than it would otherwise.
    bool odd() const;
    /// Elements that a thread may hold of what it reads.
    std::int64_t limit() const;
    std::int64_t accumulators() const {
        std::int64_t product = 1;
        for (const auto& [symbol, outputs] : tile) product *= outputs;
        return product;
    }
    /// Elements that a thread reads of a tensor; nothing where an index is no sum, or folds back.
    std::optional<std::int64_t> footprint(const ReadFacts& read) const;
    /// Neighbouring outputs of this variable read the same elements.
    bool slides(const Symbol& s) const;
    /// Reads that are copied to registers: those that a window slides over, once in the definition.
    std::vector<AnyTensor> held() const;
    /// What a thread keeps and does stays within limits.
    bool fits() const;
    /// All taps are lines of code (of a rolled window those of a row).
    bool unrolls() const;
};

/// The variables of a definition, and the tile of outputs that a thread computes.
Stencil stencil_of(const Definition& definition, ScalarType stored);

/// Filters whose elements for neighbouring lanes lie apart: tensors that windows and lanes alone go through.
std::vector<AnyTensor> filters_across(const Stencil& s);

/// Of the widest element that is read or written along the lanes.
int bytes_along(const Stencil& s);

}  // namespace heddle
