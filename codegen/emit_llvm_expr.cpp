// codegen/emit_llvm_expr.cpp -- expressions of emitted host code, scalar or one element a lane.
#include <llvm/IR/Constants.h>
#include <llvm/IR/Intrinsics.h>

#include <cmath>
#include <limits>

#include "codegen/emit_llvm_function.h"
#include "codegen/passes/conditions.h"
#include "dsl/visit.h"

namespace heddle {

llvm::Type* FunctionEmitter::scalar_type(ScalarType type) {
    switch (compute_type(type)) {
        case ScalarType::f32:
            return builder_.getFloatTy();
        case ScalarType::f64:
            return builder_.getDoubleTy();
        case ScalarType::i32:
            return builder_.getInt32Ty();
        case ScalarType::i64:
            return builder_.getInt64Ty();
        case ScalarType::boolean:
            return builder_.getInt1Ty();
        default:
            throw InternalError("scalar_type: not a compute type");
    }
}

llvm::Type* FunctionEmitter::widened(llvm::Type* scalar, bool vector) {
    return vector ? llvm::FixedVectorType::get(scalar, lanes_->count) : scalar;
}

llvm::Value* FunctionEmitter::splat(llvm::Value* scalar) { return builder_.CreateVectorSplat(lanes_->count, scalar); }

void FunctionEmitter::unify(LaneValue& a, LaneValue& b) {
    if (a.vector == b.vector) return;
    if (!a.vector)
        a = {splat(a.value), true};
    else
        b = {splat(b.value), true};
}

LaneValue FunctionEmitter::value_of(const Expr& e) {
    switch (e.kind()) {
        case ExprKind::IntImm:
            return {llvm::ConstantInt::get(scalar_type(e.type()), e.as<IntImm>()->value, true), false};
        case ExprKind::FloatImm:
            return {llvm::ConstantFP::get(scalar_type(e.type()), e.as<FloatImm>()->value), false};
        case ExprKind::Variable: {
            const LinearForm form = linear(e);
            LinearForm rest = form;
            rest.lane_coefficient = 0;
            llvm::Value* base = materialize(rest);
            if (form.lane_coefficient == 0) return {base, false};
            return {builder_.CreateAdd(splat(base), iota(builder_.getInt64Ty())), true};
        }
        case ExprKind::Read:
            return load_value(*e.as<Read>());
        case ExprKind::Unary:
            return unary_value(*e.as<Unary>());
        case ExprKind::Binary: {
            const auto& operation = *e.as<Binary>();
            if (e.type() == ScalarType::boolean) return condition_of(e);
            return binary_value(operation);
        }
        case ExprKind::Select:
            return select_value(*e.as<Select>());
        case ExprKind::Cast:
            return cast_value(*e.as<Cast>());
        case ExprKind::StopGradient:
            return value_of(e.as<StopGradient>()->operand);
        case ExprKind::PrintWhen:
            return print_value(*e.as<PrintWhen>());
        case ExprKind::DataIndex:
            break;
    }
    throw InternalError("emission: an index from data reached the emitter unchecked");
}

LaneValue FunctionEmitter::call_per_lane(const std::string& name, std::vector<LaneValue> arguments,
                                         llvm::Type* scalar) {
    std::vector<llvm::Type*> types(arguments.size(), scalar);
    const llvm::FunctionCallee callee = module_.runtime(name, scalar, types);
    bool vector = false;
    for (const LaneValue& argument : arguments) vector = vector || argument.vector;
    if (!vector) {
        std::vector<llvm::Value*> values;
        for (const LaneValue& argument : arguments) values.push_back(argument.value);
        return {builder_.CreateCall(callee, values), false};
    }
    llvm::Value* result = llvm::PoisonValue::get(widened(scalar, true));
    for (int lane = 0; lane < lanes_->count; ++lane) {
        std::vector<llvm::Value*> values;
        for (const LaneValue& argument : arguments)
            values.push_back(argument.vector ? builder_.CreateExtractElement(argument.value, lane) : argument.value);
        result = builder_.CreateInsertElement(result, builder_.CreateCall(callee, values), lane);
    }
    return {result, true};
}

LaneValue FunctionEmitter::unary_value(const Unary& e) {
    if (e.op == UnaryOp::logical_not) {
        const LaneValue v = condition_of(e.operand);
        return {builder_.CreateNot(v.value), v.vector};
    }
    const LaneValue v = value_of(e.operand);
    llvm::Type* type = v.value->getType();
    llvm::Type* scalar = type->getScalarType();
    const bool floats = scalar->isFloatingPointTy();
    const auto intrinsic = [&](llvm::Intrinsic::ID id) {
        return LaneValue{builder_.CreateIntrinsic(id, {type}, {v.value}), v.vector};
    };
    const auto libm = [&](const char* name) {
        return call_per_lane(scalar->isFloatTy() ? std::string(name) + "f" : name, {v}, scalar);
    };
    const auto one = [&] { return llvm::ConstantFP::get(type, 1.0); };
    switch (e.op) {
        case UnaryOp::negate:
            return {floats ? builder_.CreateFNeg(v.value) : builder_.CreateNeg(v.value), v.vector};
        case UnaryOp::abs:
            if (floats) return intrinsic(llvm::Intrinsic::fabs);
            return {builder_.CreateIntrinsic(llvm::Intrinsic::abs, {type}, {v.value, builder_.getFalse()}), v.vector};
        case UnaryOp::floor:
            return floats ? intrinsic(llvm::Intrinsic::floor) : v;
        case UnaryOp::ceil:
            return floats ? intrinsic(llvm::Intrinsic::ceil) : v;
        case UnaryOp::round:
            return floats ? intrinsic(llvm::Intrinsic::roundeven) : v;
        case UnaryOp::sqrt:
            return intrinsic(llvm::Intrinsic::sqrt);
        case UnaryOp::rsqrt:
            return {builder_.CreateFDiv(one(), intrinsic(llvm::Intrinsic::sqrt).value), v.vector};
        case UnaryOp::exp:
            return v.vector && scalar->isFloatTy() ? exponential(v) : libm("exp");
        case UnaryOp::log:
            return libm("log");
        case UnaryOp::sin:
            return libm("sin");
        case UnaryOp::cos:
            return libm("cos");
        case UnaryOp::tanh:
            return v.vector && scalar->isFloatTy() ? hyperbolic_tangent(v) : libm("tanh");
        case UnaryOp::erf:
            return v.vector && scalar->isFloatTy() ? error_function(v) : libm("erf");
        case UnaryOp::sigmoid: {
            const LaneValue negative{builder_.CreateFNeg(v.value), v.vector};
            const LaneValue power = v.vector && scalar->isFloatTy()
                                        ? exponential(negative)
                                        : call_per_lane(scalar->isFloatTy() ? "expf" : "exp", {negative}, scalar);
            return {builder_.CreateFDiv(one(), builder_.CreateFAdd(one(), power.value)), v.vector};
        }
        case UnaryOp::logical_not:
            break;
    }
    throw InternalError("emission: unknown unary operation");
}

// Floor division and modulo of signed integers; 0 for a divisor of 0.
llvm::Value* FunctionEmitter::floor_divide(llvm::Value* a, llvm::Value* b, bool modulo) {
    llvm::Type* type = a->getType();
    llvm::Value* zero = llvm::Constant::getNullValue(type);
    const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(b);
    if (constant && constant->getValue().isStrictlyPositive() && constant->getValue().isPowerOf2()) {
        const unsigned shift = constant->getValue().logBase2();
        if (modulo) return builder_.CreateAnd(a, llvm::ConstantInt::get(type, constant->getSExtValue() - 1));
        return builder_.CreateAShr(a, llvm::ConstantInt::get(type, shift));
    }
    const bool safe = constant && !constant->isZero() && !constant->isMinusOne();
    llvm::Value* one = llvm::ConstantInt::get(type, 1);
    llvm::Value* is_zero = safe ? nullptr : builder_.CreateICmpEQ(b, zero);
    // -1 divides by negation, which wraps where the machine's division would trap.
    llvm::Value* is_minus = safe ? nullptr : builder_.CreateICmpEQ(b, llvm::Constant::getAllOnesValue(type));
    llvm::Value* divisor = safe ? b : builder_.CreateSelect(builder_.CreateOr(is_zero, is_minus), one, b);
    llvm::Value* quotient = builder_.CreateSDiv(a, divisor);
    llvm::Value* remainder = builder_.CreateSub(a, builder_.CreateMul(quotient, divisor));
    llvm::Value* nonzero = builder_.CreateICmpNE(remainder, zero);
    llvm::Value* signs = builder_.CreateICmpSLT(builder_.CreateXor(remainder, divisor), zero);
    llvm::Value* adjust = builder_.CreateAnd(nonzero, signs);
    llvm::Value* result = modulo ? builder_.CreateSelect(adjust, builder_.CreateAdd(remainder, divisor), remainder)
                                 : builder_.CreateSelect(adjust, builder_.CreateSub(quotient, one), quotient);
    if (safe) return result;
    result = builder_.CreateSelect(is_minus, modulo ? zero : builder_.CreateNeg(a), result);
    return builder_.CreateSelect(is_zero, zero, result);
}

LaneValue FunctionEmitter::binary_value(const Binary& e) {
    const bool floats = is_float(e.type);
    const auto product = [&](const Expr& operand) {
        const auto* p = operand.as<Binary>();
        return p && p->op == BinaryOp::mul && floats ? p : nullptr;
    };
    // a + b * c in one rounding where the machine has it.
    if (floats && e.op == BinaryOp::add && module_.target.features.fma && (product(e.a) || product(e.b))) {
        const Binary* factors = product(e.b) ? product(e.b) : product(e.a);
        LaneValue addend = value_of(product(e.b) ? e.a : e.b);
        LaneValue x = value_of(factors->a), y = value_of(factors->b);
        unify(x, y);
        unify(x, addend);
        unify(x, y);
        return {builder_.CreateIntrinsic(llvm::Intrinsic::fma, {x.value->getType()}, {x.value, y.value, addend.value}),
                x.vector};
    }
    if (e.op == BinaryOp::div || e.op == BinaryOp::mod)
        if (const auto known = pattern_value(binary(e.op, e.a, e.b))) return *known;
    LaneValue a = value_of(e.a), b = value_of(e.b);
    unify(a, b);
    llvm::Type* type = a.value->getType();
    const auto result = [&](llvm::Value* v) { return LaneValue{v, a.vector}; };
    switch (e.op) {
        case BinaryOp::add:
            return result(floats ? builder_.CreateFAdd(a.value, b.value) : builder_.CreateAdd(a.value, b.value));
        case BinaryOp::sub:
            return result(floats ? builder_.CreateFSub(a.value, b.value) : builder_.CreateSub(a.value, b.value));
        case BinaryOp::mul:
            return result(floats ? builder_.CreateFMul(a.value, b.value) : builder_.CreateMul(a.value, b.value));
        case BinaryOp::div:
            return result(floats ? builder_.CreateFDiv(a.value, b.value) : floor_divide(a.value, b.value, false));
        case BinaryOp::mod:
            return result(floor_divide(a.value, b.value, true));
        case BinaryOp::min:
        case BinaryOp::max: {
            const bool largest = e.op == BinaryOp::max;
            if (!floats)
                return result(builder_.CreateBinaryIntrinsic(largest ? llvm::Intrinsic::smax : llvm::Intrinsic::smin,
                                                             a.value, b.value));
            // The machine's comparison, then NaN operands.
            llvm::Value* first =
                largest ? builder_.CreateFCmpOGT(a.value, b.value) : builder_.CreateFCmpOLT(a.value, b.value);
            llvm::Value* chosen = builder_.CreateSelect(first, a.value, b.value);
            return result(builder_.CreateSelect(builder_.CreateFCmpUNO(a.value, a.value), a.value, chosen));
        }
        case BinaryOp::pow:
            return call_per_lane(type->getScalarType()->isFloatTy() ? "powf" : "pow", {a, b}, type->getScalarType());
        default:
            break;
    }
    throw InternalError("emission: unknown binary operation");
}

LaneValue FunctionEmitter::convert(LaneValue v, ScalarType from, ScalarType to) {
    if (from == to) return v;
    llvm::Type* type = widened(scalar_type(to), v.vector);
    const auto result = [&](llvm::Value* value) { return LaneValue{value, v.vector}; };
    if (to == ScalarType::boolean) {
        llvm::Value* zero = llvm::Constant::getNullValue(v.value->getType());
        return result(is_float(from) ? builder_.CreateFCmpUNE(v.value, zero) : builder_.CreateICmpNE(v.value, zero));
    }
    if (from == ScalarType::boolean)
        return result(is_float(to) ? builder_.CreateUIToFP(v.value, type) : builder_.CreateZExt(v.value, type));
    if (is_float(from) && is_float(to)) return result(builder_.CreateFPCast(v.value, type));
    if (is_float(from))
        return result(builder_.CreateIntrinsic(llvm::Intrinsic::fptosi_sat, {type, v.value->getType()}, {v.value}));
    if (is_float(to)) return result(builder_.CreateSIToFP(v.value, type));
    return result(builder_.CreateSExtOrTrunc(v.value, type));
}

LaneValue FunctionEmitter::cast_value(const Cast& e) {
    LaneValue v = e.operand.type() == ScalarType::boolean ? condition_of(e.operand) : value_of(e.operand);
    v = convert(v, e.operand.type(), compute_type(e.to));
    if (compute_type(e.to) == e.to) return v;
    return from_memory(to_memory(v, e.to), e.to);
}

LaneValue FunctionEmitter::print_value(const PrintWhen& e) {
    LaneValue condition = condition_of(e.condition);
    if (guard_) {
        LaneValue guard{guard_, guard_->getType()->isVectorTy()};
        unify(condition, guard);
        condition.value = builder_.CreateAnd(condition.value, guard.value);
    }
    const LaneValue value = value_of(e.value);
    std::vector<LaneValue> shown;
    for (const Expr& item : e.shown) {
        const LaneValue v = item.type() == ScalarType::boolean ? condition_of(item) : value_of(item);
        shown.push_back(convert(v, item.type(), ScalarType::f64));
    }
    llvm::Value* array =
        entry_alloca(builder_.getDoubleTy(), builder_.getInt64(std::max<std::size_t>(1, shown.size())), "shown");
    llvm::Value* label = builder_.CreateGlobalStringPtr(e.label);
    llvm::Type* pointer = builder_.getPtrTy();
    // The condition goes as i32: C's callers extend a bool.
    const llvm::FunctionCallee callee = module_.runtime(
        "heddle_rt_print", builder_.getVoidTy(), {builder_.getInt32Ty(), pointer, builder_.getInt64Ty(), pointer});
    const auto in_lane = [&](const LaneValue& v, int lane) {
        return v.vector ? builder_.CreateExtractElement(v.value, builder_.getInt64(lane)) : v.value;
    };
    for (int lane = 0; lane < (lanes_ ? lanes_->count : 1); ++lane) {
        for (std::size_t i = 0; i < shown.size(); ++i)
            builder_.CreateStore(in_lane(shown[i], lane),
                                 builder_.CreateGEP(builder_.getDoubleTy(), array, builder_.getInt64(i)));
        llvm::Value* holds = builder_.CreateZExt(in_lane(condition, lane), builder_.getInt32Ty());
        builder_.CreateCall(callee, {holds, label, builder_.getInt64(shown.size()), array});
    }
    return value;
}

}  // namespace heddle
