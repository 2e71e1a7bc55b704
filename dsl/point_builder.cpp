// dsl/point_builder.cpp -- slots and instructions of a point program while it is being compiled.
#include "dsl/point_builder.h"

#include <algorithm>

namespace heddle {

bool has_effect(PointOp op) {
    switch (op) {
        case PointOp::data_index:
        case PointOp::print:
        case PointOp::skip_unless:
        case PointOp::skip_unless_less:
        case PointOp::skip_unless_less_equal:
        case PointOp::store:
        case PointOp::update:
        case PointOp::update_argmax:
            return true;
        default:
            return false;
    }
}

int PointBuilder::new_slot(int depth) {
    slots_.push_back(Value{.i = 0});
    depths_.push_back(depth);
    return static_cast<int>(slots_.size()) - 1;
}

int PointBuilder::constant_slot(bool floating, Value value) {
    const auto [found, added] = constants_.emplace(std::pair(floating, value.i), 0);
    if (added) {
        found->second = new_slot(0);
        slots_.back() = value;
    }
    return found->second;
}

int PointBuilder::emit(const PointInstruction& instruction, int depth) {
    PointInstruction i = instruction;
    for (int operand : {i.a, i.b, i.c, i.when}) depth = std::max(depth, depth_of(operand));
    const Key key(i.op, i.type, i.sub, i.single, i.a, i.b, i.c, i.when, i.extra, i.number, depth);
    const bool repeatable = !has_effect(i.op) && i.op != PointOp::load_accumulator;
    if (repeatable)
        if (const auto found = emitted_.find(key); found != emitted_.end()) return found->second;
    i.result = new_slot(depth);
    code_[depth].push_back(i);
    if (repeatable) emitted_[key] = i.result;
    if (i.op == PointOp::less || i.op == PointOp::less_equal) comparisons_[i.result] = i;
    return i.result;
}

int PointBuilder::compare(BinaryOp op, int a, int b) {
    if (op == BinaryOp::lt) return emit({.op = PointOp::less, .a = a, .b = b});
    if (op == BinaryOp::le) return emit({.op = PointOp::less_equal, .a = a, .b = b});
    return emit({.op = PointOp::int_binary, .sub = static_cast<std::uint8_t>(op), .a = a, .b = b});
}

int PointBuilder::both(int a, int b) {
    if (known(a)) a = -1;
    if (known(b)) b = -1;
    if (a < 0 || a == b) return b;
    if (b < 0) return a;
    return emit({.op = PointOp::both, .a = a, .b = b});
}

int PointBuilder::inverse(int a) {
    return emit(
        {.op = PointOp::int_unary, .type = boolean, .sub = static_cast<std::uint8_t>(UnaryOp::logical_not), .a = a});
}

void PointBuilder::skip_unless(int condition) {
    if (known(condition)) return;
    PointInstruction skip{.op = PointOp::skip_unless, .a = condition};
    if (const auto found = comparisons_.find(condition); found != comparisons_.end()) {
        const bool less = found->second.op == PointOp::less;
        skip.op = less ? PointOp::skip_unless_less : PointOp::skip_unless_less_equal;
        skip.a = found->second.a;
        skip.b = found->second.b;
    }
    emit(skip, depth_of(condition));
    known_.insert(condition);
    guard_depth_ = std::max(guard_depth_, depth_of(condition));
}

std::vector<std::vector<PointInstruction>> PointBuilder::take_code(const std::vector<int>& wanted) {
    std::vector<bool> used(slots_.size(), false);
    for (int slot : wanted) used[slot] = true;
    for (auto depth = code_.rbegin(); depth != code_.rend(); ++depth) {
        std::vector<PointInstruction> kept;
        for (auto i = depth->rbegin(); i != depth->rend(); ++i) {
            if (!has_effect(i->op) && !used[i->result]) continue;
            for (int operand : {i->a, i->b, i->c, i->when})
                if (operand >= 0) used[operand] = true;
            kept.push_back(*i);
        }
        depth->assign(kept.rbegin(), kept.rend());
    }
    return std::move(code_);
}

}  // namespace heddle
