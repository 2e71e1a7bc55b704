// schedules/index_program.h -- index expressions as programs: values at points of loops, ranges over boxes of them.
#pragma once

#include <cstdint>
#include <vector>

#include "dsl/expr.h"

namespace heddle {

/// An integer expression over loops, as instructions for a stack of ranges.
class IndexProgram {
public:
    struct Span {
        std::int64_t min = 0, max = 0;
    };
    /// `loops` are the slots; run-time sizes count as `assumed_extent` at most, data as anything in [0, extent).
    IndexProgram(const Expr& e, const std::vector<Symbol>& loops, std::int64_t extent);

    Span span(const std::vector<Span>& loops) const;
    std::int64_t at(const std::vector<std::int64_t>& loops) const;
    /// The loop occurs in it.
    bool moves_with(int loop) const { return (uses_ >> loop & 1) != 0; }

private:
    enum class Kind : std::uint8_t { constant, loop, data, binary };
    struct Instruction {
        Kind kind;
        std::int64_t value = 0;
        BinaryOp op = BinaryOp::add;  ///< add, sub, mul, div, mod, min or max
    };
    void append(const Expr& e, const std::vector<Symbol>& loops, std::int64_t extent);

    std::vector<Instruction> code_;
    std::uint64_t uses_ = 0;
};

}  // namespace heddle
