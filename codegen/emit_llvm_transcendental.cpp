// codegen/emit_llvm_transcendental.cpp -- exp, tanh and erf of f32 lanes, as polynomials.
#include <limits>

#include "codegen/emit_llvm_function.h"

namespace heddle {
namespace {

/// c[0] + x * (c[1] + x * (...)), in fused multiply-adds.
llvm::Value* polynomial(llvm::IRBuilder<>& builder, llvm::Value* x, std::initializer_list<double> coefficients) {
    llvm::Type* type = x->getType();
    llvm::Value* sum = nullptr;
    for (auto c = std::rbegin(coefficients); c != std::rend(coefficients); ++c) {
        llvm::Value* number = llvm::ConstantFP::get(type, *c);
        sum = sum ? builder.CreateIntrinsic(llvm::Intrinsic::fma, {type}, {sum, x, number}) : number;
    }
    return sum;
}

}  // namespace

// exp of f32 lanes: 2^n * p(r) with |r| <= ln2/2, degree 6 (relative error under 2 ulp; Cody and Waite 1980, ch. 6).
// Overflow gives inf, NaN stays NaN, results under the smallest normal number are flushed to 0.
LaneValue FunctionEmitter::exponential(LaneValue x) {
    llvm::Type* type = x.value->getType();
    const auto number = [&](double v) { return llvm::ConstantFP::get(type, v); };
    const auto fma = [&](llvm::Value* a, llvm::Value* b, llvm::Value* c) {
        return builder_.CreateIntrinsic(llvm::Intrinsic::fma, {type}, {a, b, c});
    };
    llvm::Value* low = builder_.CreateFCmpOLT(x.value, number(-87.3365));
    llvm::Value* high = builder_.CreateFCmpOGT(x.value, number(88.7228));
    llvm::Value* nan = builder_.CreateFCmpUNO(x.value, x.value);
    llvm::Value* bounded =
        builder_.CreateSelect(builder_.CreateOr(builder_.CreateOr(low, high), nan), number(0), x.value);
    llvm::Value* n = builder_.CreateIntrinsic(llvm::Intrinsic::roundeven, {type},
                                              {builder_.CreateFMul(bounded, number(1.44269504088896341))});
    llvm::Value* r = fma(n, number(-0.693359375), bounded);
    r = fma(n, number(2.12194440054690583e-4), r);
    llvm::Value* p = number(1.9875691500e-4);
    for (const double c : {1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1})
        p = fma(p, r, number(c));
    p = fma(builder_.CreateFMul(r, r), p, builder_.CreateFAdd(r, number(1)));
    // Scale in two steps, so that n = 128 does not overflow the exponent field.
    llvm::Type* integer = widened(builder_.getInt32Ty(), x.vector);
    const auto whole = [&](std::int64_t v) { return llvm::ConstantInt::get(integer, v, true); };
    llvm::Value* exponent = builder_.CreateFPToSI(n, integer);
    llvm::Value* half = builder_.CreateAShr(exponent, whole(1));
    for (llvm::Value* part : {half, builder_.CreateSub(exponent, half)}) {
        llvm::Value* bits = builder_.CreateShl(builder_.CreateAdd(part, whole(127)), whole(23));
        p = builder_.CreateFMul(p, builder_.CreateBitCast(bits, type));
    }
    p = builder_.CreateSelect(low, number(0), p);
    p = builder_.CreateSelect(high, number(std::numeric_limits<double>::infinity()), p);
    return {builder_.CreateSelect(nan, x.value, p), x.vector};
}

// tanh of f32 lanes: near 0 x + x^3 * p(x^2), else 1 - 2 / (exp(2|x|) + 1), at most 2 ulp off. p is the polynomial
// through tanh at the Chebyshev points of [0, 0.625].
LaneValue FunctionEmitter::hyperbolic_tangent(LaneValue x) {
    llvm::Type* type = x.value->getType();
    const auto number = [&](double v) { return llvm::ConstantFP::get(type, v); };
    llvm::Value* size = builder_.CreateIntrinsic(llvm::Intrinsic::fabs, {type}, {x.value});
    llvm::Value* square = builder_.CreateFMul(x.value, x.value);
    llvm::Value* small =
        polynomial(builder_, square, {-0.3333332894, 0.1333276974, -0.05385090958, 0.020997179, -0.006096714163});
    small =
        builder_.CreateIntrinsic(llvm::Intrinsic::fma, {type}, {builder_.CreateFMul(small, square), x.value, x.value});
    llvm::Value* power = exponential({builder_.CreateFAdd(size, size), x.vector}).value;
    llvm::Value* large =
        builder_.CreateFSub(number(1), builder_.CreateFDiv(number(2), builder_.CreateFAdd(power, number(1))));
    llvm::Value* either = builder_.CreateSelect(builder_.CreateFCmpOGE(size, number(0.625)), large, small);
    return {builder_.CreateIntrinsic(llvm::Intrinsic::copysign, {type}, {either, x.value}), x.vector};
}

// erf of f32 lanes: up to 1 x + x * p(x^2), beyond it 1 - exp(q(|x|)), q being log(1 - erf); at most 2 ulp off. p and q
// go through the functions at the Chebyshev points of [0, 1] and [1, 3.95], behind which the result rounds to 1.
LaneValue FunctionEmitter::error_function(LaneValue x) {
    llvm::Type* type = x.value->getType();
    const auto number = [&](double v) { return llvm::ConstantFP::get(type, v); };
    llvm::Value* size = builder_.CreateIntrinsic(llvm::Intrinsic::fabs, {type}, {x.value});
    llvm::Value* square = builder_.CreateFMul(x.value, x.value);
    llvm::Value* small = polynomial(
        builder_, square,
        {0.1283791658, -0.3761262667, 0.1128359472, -0.02685421201, 0.005189087423, -0.0008016864283, 7.87587505e-05});
    small = builder_.CreateIntrinsic(llvm::Intrinsic::fma, {type}, {small, x.value, x.value});
    llvm::Value* bounded = builder_.CreateSelect(builder_.CreateFCmpOGT(size, number(3.95)), number(3.95), size);
    llvm::Value* logarithm = polynomial(builder_, bounded,
                                        {-0.0006978204418, -1.126140773, -0.6387715853, -0.1035767184, 0.02274142976,
                                         -0.003468951653, 0.0003222075266, -1.358793222e-05});
    llvm::Value* large = builder_.CreateFSub(number(1), exponential({logarithm, x.vector}).value);
    large = builder_.CreateIntrinsic(llvm::Intrinsic::copysign, {type}, {large, x.value});
    return {builder_.CreateSelect(builder_.CreateFCmpOGE(size, number(1)), large, small), x.vector};
}

}  // namespace heddle
