// dsl/point_builder.h -- slots and instructions of a point program while it is being compiled.
#pragma once

#include <map>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "dsl/point_program.h"

namespace heddle {

/// Places each instruction at the depth of the innermost variable that it depends on; equal ones once.
class PointBuilder {
public:
    explicit PointBuilder(int loops) : loops_(loops), code_(loops + 1) {}

    int innermost() const { return loops_; }
    int depth_of(int slot) const { return slot < 0 ? 0 : depths_[slot]; }
    /// A slot that something else fills, at `depth`.
    int new_slot(int depth);
    int constant_int(std::int64_t value) { return constant_slot(false, Value{.i = value}); }
    int constant_float(double value) { return constant_slot(true, Value{.f = value}); }

    /// The slot of the result. The instruction stands at the depth of its operands, at least at `depth`.
    int emit(const PointInstruction& instruction, int depth = 0);
    /// a op b of integers or conditions.
    int compare(BinaryOp op, int a, int b);
    /// Conjunction of two conditions; -1 stands for one that holds at every point that is reached.
    int both(int a, int b);
    int inverse(int a);
    /// Points where the condition fails are left; from here on it is known to hold.
    void skip_unless(int condition);
    bool known(int condition) const { return known_.count(condition) != 0; }
    /// Depth from which on a point is certain to take part.
    int guard_depth() const { return guard_depth_; }

    /// Instructions by depth, without those whose results neither an instruction nor `wanted` uses.
    std::vector<std::vector<PointInstruction>> take_code(const std::vector<int>& wanted);
    /// The slots with their constants.
    std::vector<Value> take_slots() { return std::move(slots_); }

private:
    using Key = std::tuple<PointOp, ScalarType, std::uint8_t, bool, int, int, int, int, int, std::int64_t, int>;
    int constant_slot(bool floating, Value value);

    int loops_;
    std::vector<std::vector<PointInstruction>> code_;
    std::vector<Value> slots_;
    std::vector<int> depths_;
    std::map<std::pair<bool, std::int64_t>, int> constants_;
    std::map<Key, int> emitted_;
    std::map<int, PointInstruction> comparisons_;  ///< less and less_equal by their slots
    std::set<int> known_;
    int guard_depth_ = 0;
};

/// True for what does more than fill its slot.
bool has_effect(PointOp op);

}  // namespace heddle
