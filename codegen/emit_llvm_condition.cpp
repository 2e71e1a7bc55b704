// codegen/emit_llvm_condition.cpp -- conditions of emitted host code: decided while emitting, the same in all lanes, or
// a mask.
#include <llvm/IR/Constants.h>
#include <llvm/IR/Intrinsics.h>

#include <cstdlib>

#include "codegen/emit_llvm_function.h"
#include "dsl/visit.h"

namespace heddle {

std::optional<bool> FunctionEmitter::decided(const Expr& condition) {
    if (const auto* constant = condition.as<IntImm>()) return constant->value != 0;
    const auto* test = condition.as<Binary>();
    if (!test) return std::nullopt;
    switch (test->op) {
        case BinaryOp::logical_and: {
            const auto a = decided(test->a), b = decided(test->b);
            if (a == false || b == false) return false;
            return a == true && b == true ? std::optional(true) : std::nullopt;
        }
        case BinaryOp::logical_or: {
            const auto a = decided(test->a), b = decided(test->b);
            if (a == true || b == true) return true;
            return a == false && b == false ? std::optional(false) : std::nullopt;
        }
        case BinaryOp::le:
        case BinaryOp::lt:
        case BinaryOp::eq:
        case BinaryOp::ne: {
            if (is_float(test->a.type()) || test->a.type() == ScalarType::boolean) return std::nullopt;
            bool reads = false;
            for_each_node(condition, [&](const Expr& node) {
                reads = reads || node.as<Read>() || node.as<PrintWhen>() || node.as<Cast>() || node.as<Select>();
            });
            if (reads) return std::nullopt;
            LinearForm difference;  // b - a
            linearize(test->b, 1, difference);
            linearize(test->a, -1, difference);
            if (!difference.linear || !difference.terms.empty()) return std::nullopt;
            const std::int64_t span = lanes_ ? difference.lane_coefficient * (lanes_->count - 1) : 0;
            const std::int64_t low = difference.constant + std::min<std::int64_t>(span, 0);
            const std::int64_t high = difference.constant + std::max<std::int64_t>(span, 0);
            const std::int64_t needed = test->op == BinaryOp::lt ? 1 : 0;
            if (test->op == BinaryOp::eq || test->op == BinaryOp::ne) {
                const bool holds = test->op == BinaryOp::eq;
                if (low > 0 || high < 0) return !holds;
                return low == 0 && high == 0 ? std::optional(holds) : std::nullopt;
            }
            if (low >= needed) return true;
            return high < needed ? std::optional(false) : std::nullopt;
        }
        default:
            return std::nullopt;
    }
}

LaneValue FunctionEmitter::condition_of(const Expr& e) {
    if (const auto known = decided(e)) return {builder_.getInt1(*known), false};
    const auto* test = e.as<Binary>();
    if (!test) return value_of(e);
    if (test->op == BinaryOp::logical_and || test->op == BinaryOp::logical_or) {
        LaneValue a = condition_of(test->a);
        // The second operand's reads happen only where the first one leaves the question open.
        llvm::Value* outer = guard_;
        LaneValue open = test->op == BinaryOp::logical_and ? a : LaneValue{builder_.CreateNot(a.value), a.vector};
        if (guard_) {
            LaneValue held{guard_, guard_->getType()->isVectorTy()};
            unify(open, held);
            open.value = builder_.CreateAnd(open.value, held.value);
        }
        guard_ = open.value;
        LaneValue b = condition_of(test->b);
        guard_ = outer;
        unify(a, b);
        return {test->op == BinaryOp::logical_and ? builder_.CreateAnd(a.value, b.value)
                                                  : builder_.CreateOr(a.value, b.value),
                a.vector};
    }
    const bool floats = is_float(test->a.type());
    const bool ordering = test->op == BinaryOp::le || test->op == BinaryOp::lt;
    if (!floats && ordering && lanes_ && test->a.type() == ScalarType::i64) {
        LinearForm difference;  // b - a
        linearize(test->b, 1, difference);
        linearize(test->a, -1, difference);
        if (difference.linear && std::abs(difference.lane_coefficient) == 1) {
            // coefficient * lane + rest >= 0 as a comparison of small lane numbers with one clamped bound
            const std::int64_t coefficient = difference.lane_coefficient;
            difference.lane_coefficient = 0;
            if (test->op == BinaryOp::lt) difference.constant -= 1;
            llvm::Value* rest = materialize(difference);
            llvm::Value* bound = coefficient == 1 ? builder_.CreateNeg(rest) : rest;
            bound = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smax, bound, builder_.getInt64(-1));
            bound = builder_.CreateBinaryIntrinsic(llvm::Intrinsic::smin, bound, builder_.getInt64(lanes_->count));
            llvm::Value* limit = splat(builder_.CreateTrunc(bound, builder_.getInt32Ty()));
            llvm::Value* lane = iota(builder_.getInt32Ty());
            return {coefficient == 1 ? builder_.CreateICmpSGE(lane, limit) : builder_.CreateICmpSLE(lane, limit), true};
        }
    }
    if (const auto known = pattern_condition(*test)) return *known;
    LaneValue a = value_of(test->a), b = value_of(test->b);
    unify(a, b);
    llvm::CmpInst::Predicate predicate;
    switch (test->op) {
        case BinaryOp::eq:
            predicate = floats ? llvm::CmpInst::FCMP_OEQ : llvm::CmpInst::ICMP_EQ;
            break;
        case BinaryOp::ne:
            predicate = floats ? llvm::CmpInst::FCMP_UNE : llvm::CmpInst::ICMP_NE;
            break;
        case BinaryOp::lt:
            predicate = floats ? llvm::CmpInst::FCMP_OLT : llvm::CmpInst::ICMP_SLT;
            break;
        case BinaryOp::le:
            predicate = floats ? llvm::CmpInst::FCMP_OLE : llvm::CmpInst::ICMP_SLE;
            break;
        default:
            throw InternalError("emission: unknown comparison");
    }
    return {builder_.CreateCmp(predicate, a.value, b.value), a.vector};
}

LaneValue FunctionEmitter::select_value(const Select& e) {
    if (const auto known = decided(e.condition)) return value_of(*known ? e.when_true : e.when_false);
    const LaneValue condition = condition_of(e.condition);
    if (const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(condition.value))
        return value_of(constant->isOne() ? e.when_true : e.when_false);
    llvm::Value* outer = guard_;
    const auto under = [&](llvm::Value* test) {
        LaneValue a{test, condition.vector};
        if (!outer) return a.value;
        LaneValue b{outer, outer->getType()->isVectorTy()};
        unify(a, b);
        return builder_.CreateAnd(a.value, b.value);
    };
    const auto reads = [](const Expr& branch) {
        bool found = false;
        for_each_node(branch, [&](const Expr& node) { found = found || node.as<Read>(); });
        return found;
    };
    if (reads(e.when_true)) guard_ = under(condition.value);
    LaneValue a = value_of(e.when_true);
    guard_ = outer;
    if (reads(e.when_false)) guard_ = under(builder_.CreateNot(condition.value));
    LaneValue b = value_of(e.when_false);
    guard_ = outer;
    if (condition.vector) {
        a = {as_vector(a), true};
        b = {as_vector(b), true};
    }
    unify(a, b);
    return {builder_.CreateSelect(condition.value, a.value, b.value), a.vector};
}

}  // namespace heddle
