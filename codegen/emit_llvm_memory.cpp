// codegen/emit_llvm_memory.cpp -- indices, addresses, loads and stores of emitted host code.
#include <llvm/IR/Constants.h>
#include <llvm/IR/Intrinsics.h>

#include <algorithm>

#include "codegen/emit_llvm_function.h"
#include "dsl/visit.h"

namespace heddle {

constexpr std::int64_t most_loads_of_pattern = 4;  ///< vectors that are cheaper to load and permute than to gather

namespace {

struct Step {
    Expr index;
    const LinearForm* stride;
};

/// The steps of an access. Two dimensions without a gap between them whose indices are quotient and remainder of one
/// number are one step: t[v / 112, v % 112] is the element v.
std::vector<Step> steps_of(const std::vector<LinearForm>& strides, const std::vector<Expr>& indices) {
    std::vector<Step> steps;
    for (std::size_t d = 0; d < indices.size(); ++d) {
        const Step step{indices[d], &strides[d]};
        const auto* remainder = step.index.as<Binary>();
        const auto* quotient = steps.empty() ? nullptr : steps.back().index.as<Binary>();
        const auto* divisor = remainder ? remainder->b.as<IntImm>() : nullptr;
        const bool pair = quotient && divisor && quotient->op == BinaryOp::div && remainder->op == BinaryOp::mod &&
                          equal(quotient->a, remainder->a) && equal(quotient->b, remainder->b) &&
                          step.stride->is_constant() && steps.back().stride->is_constant() &&
                          steps.back().stride->constant == divisor->value * step.stride->constant;
        if (pair)
            steps.back() = {remainder->a, step.stride};
        else
            steps.push_back(step);
    }
    return steps;
}

}  // namespace

LinearForm FunctionEmitter::flat_offset(const Storage& storage, const std::vector<Expr>& indices) {
    LinearForm flat;
    for (const auto& [part, step] : steps_of(storage.strides, indices)) {
        if (step->is_constant()) {
            linearize(part, step->constant, flat);
            continue;
        }
        // The first lane's values serve all lanes, which are then seen to be the same.
        const bool alike = probed_.defined() && !uses(part, probed_);
        if (!alike || next_alike_ == alike_.size()) {
            const LinearForm one = strided(part, *step);
            if (!alike) {
                flat.append(one);
                continue;
            }
            alike_.push_back(one);
        }
        flat.append(alike_[next_alike_++]);
    }
    return flat;
}

llvm::Value* FunctionEmitter::address(const Storage& storage, const LinearForm& offset) {
    llvm::Type* element = memory_type(storage.tensor.type());
    std::vector<LinearForm::Term> terms = offset.terms;
    std::stable_sort(terms.begin(), terms.end(), [](const auto& a, const auto& b) { return a.depth < b.depth; });
    llvm::Value* pointer = storage.base;
    for (const LinearForm::Term& term : terms) {
        const bool here = term.depth >= static_cast<int>(scopes_.size());
        const auto key = std::make_tuple(pointer, term.value, term.coefficient);
        if (!here) {
            const auto known = scopes_[term.depth].addresses.find(key);
            if (known != scopes_[term.depth].addresses.end()) {
                pointer = known->second;
                continue;
            }
        }
        const auto point = builder_.saveIP();
        if (!here) builder_.SetInsertPoint(scopes_[term.depth].hoist->getTerminator());
        llvm::Value* step = term.coefficient == 1
                                ? term.value
                                : builder_.CreateMul(term.value, builder_.getInt64(term.coefficient), "", true, true);
        llvm::Value* next = builder_.CreateGEP(element, pointer, step);
        if (!here) {
            builder_.restoreIP(point);
            scopes_[term.depth].addresses[key] = next;
        }
        pointer = next;
    }
    return pointer;
}

FunctionEmitter::Storage& FunctionEmitter::storage_of(const std::shared_ptr<TensorNode>& tensor) {
    const auto found = storages_.find(tensor.get());
    if (found == storages_.end()) throw InternalError("emission: no storage for " + tensor->name);
    return found->second;
}

llvm::AllocaInst* FunctionEmitter::entry_alloca(llvm::Type* type, llvm::Value* count, const std::string& name,
                                                int alignment) {
    llvm::IRBuilder<> entry(&function_->getEntryBlock(), function_->getEntryBlock().begin());
    llvm::AllocaInst* alloca = entry.CreateAlloca(type, count, name);
    if (alignment) alloca->setAlignment(llvm::Align(alignment));
    return alloca;
}

llvm::AllocaInst* FunctionEmitter::register_variable(Storage& storage, std::int64_t offset, bool vector) {
    llvm::AllocaInst*& variable = storage.variables[offset];
    llvm::Type* type = widened(scalar_type(compute_type(storage.tensor.type())), vector);
    if (!variable) variable = entry_alloca(type, nullptr, storage.tensor.name());
    return variable;
}

llvm::Value* FunctionEmitter::guarded_address(llvm::Value* pointer) {
    if (!guard_) return pointer;
    llvm::Value* condition = guard_;
    if (condition->getType()->isVectorTy()) {
        if (const auto* constant = llvm::dyn_cast<llvm::Constant>(condition); constant && !constant->isZeroValue())
            return pointer;
        condition = builder_.CreateOrReduce(condition);
    }
    if (!nowhere_) nowhere_ = entry_alloca(builder_.getInt64Ty(), builder_.getInt64(16), "nowhere", 64);
    return builder_.CreateSelect(condition, pointer, nowhere_);
}

llvm::Value* FunctionEmitter::iota(llvm::Type* scalar) {
    std::vector<llvm::Constant*> lanes;
    for (int i = 0; i < lanes_->count; ++i) lanes.push_back(llvm::ConstantInt::get(scalar, i));
    return llvm::ConstantVector::get(lanes);
}

// Addresses of all lanes, for accesses that are not contiguous. A constant step between the lanes stays a constant
// vector beside one address, which the machine's gathers and scatters take with narrow indices.
llvm::Value* FunctionEmitter::lane_pointers(const Storage& storage, const LinearForm& offset,
                                            const std::vector<Expr>& indices) {
    llvm::Type* element = memory_type(storage.tensor.type());
    if (offset.linear) {
        llvm::Value* base = address(storage, offset);
        if (offset.constant) base = builder_.CreateGEP(element, base, builder_.getInt64(offset.constant));
        llvm::Value* steps =
            builder_.CreateMul(iota(builder_.getInt64Ty()), splat(builder_.getInt64(offset.lane_coefficient)));
        return builder_.CreateGEP(element, base, steps);
    }
    LinearForm same;  // what all lanes share
    llvm::Value* sum = nullptr;
    for (const auto& [part, stride] : steps_of(storage.strides, indices)) {
        if (!varies(part) && stride->is_constant()) {
            LinearForm shared;
            linearize(part, stride->constant, shared);
            if (shared.linear) {
                same.constant += shared.constant;
                for (const LinearForm::Term& term : shared.terms) same.add(term.value, term.coefficient, term.depth);
                continue;
            }
        }
        llvm::Value* index = as_vector(value_of(part));
        if (!stride->is_constant() || stride->constant != 1)
            index = builder_.CreateMul(index, splat(materialize(*stride)));
        sum = sum ? builder_.CreateAdd(sum, index) : index;
    }
    llvm::Value* base = address(storage, same);
    if (same.constant) base = builder_.CreateGEP(element, base, builder_.getInt64(same.constant));
    return builder_.CreateGEP(element, base, sum ? sum : splat(builder_.getInt64(0)));
}

LaneValue FunctionEmitter::load_value(const Read& read) {
    Storage& storage = storage_of(read.tensor);
    const ScalarType type = read.tensor->type;
    const LinearForm offset = flat_offset(storage, read.indices);
    if (storage.registers) {
        require(offset.linear && offset.terms.empty(), "a register tile is indexed by constants");
        const bool vector = storage.per_lane ? lanes_.has_value() : offset.lane_coefficient != 0;
        // One element of a vector variable: the variable that holds it, then the lane.
        if (!vector && !storage.per_lane && !storage.variables.count(offset.constant)) {
            const auto next = storage.variables.upper_bound(offset.constant);
            if (next != storage.variables.begin()) {
                const auto& [first, variable] = *std::prev(next);
                const auto* held = llvm::dyn_cast<llvm::FixedVectorType>(variable->getAllocatedType());
                if (held && offset.constant < first + held->getNumElements()) {
                    llvm::Value* whole = builder_.CreateLoad(variable->getAllocatedType(), variable);
                    return {builder_.CreateExtractElement(whole, offset.constant - first), false};
                }
            }
        }
        llvm::AllocaInst* variable = register_variable(storage, offset.constant, vector);
        llvm::Value* whole = builder_.CreateLoad(variable->getAllocatedType(), variable);
        const bool is_vector = variable->getAllocatedType()->isVectorTy();
        if (is_vector && !vector) return {builder_.CreateExtractElement(whole, std::uint64_t{0}), false};
        return {whole, is_vector};
    }
    return load_memory(storage, offset, type, read.indices);
}

LaneValue FunctionEmitter::load_memory(const Storage& storage, const LinearForm& offset, ScalarType type,
                                       const std::vector<Expr>& indices) {
    llvm::Type* element = memory_type(type);
    if (offset.linear && (!lanes_ || offset.lane_coefficient == 0 || offset.lane_coefficient == 1)) {
        const bool vector = lanes_ && offset.lane_coefficient == 1;
        llvm::Value* base = address(storage, offset);
        const LoadKey key{storage.tensor.node().get(), base,   offset.constant,
                          offset.lane_coefficient,     guard_, lanes_ ? lanes_->count : 0};
        if (const auto known = loads_.find(key); known != loads_.end()) return {known->second, vector};
        llvm::Value* pointer =
            offset.constant ? builder_.CreateGEP(element, base, builder_.getInt64(offset.constant)) : base;
        const llvm::Align alignment(bytes_of(type));
        LaneValue loaded{nullptr, vector};
        if (!vector) {
            loaded.value = builder_.CreateAlignedLoad(element, guarded_address(pointer), alignment);
        } else {
            llvm::Type* whole = widened(element, true);
            if (!guard_)
                loaded.value = builder_.CreateAlignedLoad(whole, pointer, alignment);
            else if (!guard_->getType()->isVectorTy())
                loaded.value = builder_.CreateAlignedLoad(whole, guarded_address(pointer), alignment);
            else
                loaded.value =
                    builder_.CreateMaskedLoad(whole, pointer, alignment, guard_, llvm::Constant::getNullValue(whole));
        }
        loaded = from_memory(loaded, type);
        loads_[key] = loaded.value;
        return loaded;
    }
    if (const auto pattern = pattern_of(indices, [&] { return flat_offset(storage, indices); })) {
        const auto [first, last] = std::minmax_element(pattern->offsets.begin(), pattern->offsets.end());
        if (*last - *first < most_loads_of_pattern * lanes_->count) return load_pattern(storage, *pattern, type);
    }
    llvm::Value* pointers = lane_pointers(storage, offset, indices);
    llvm::Value* mask = guard_ ? (guard_->getType()->isVectorTy() ? guard_ : splat(guard_)) : splat(builder_.getTrue());
    llvm::Type* whole = widened(element, true);
    llvm::Value* gathered = builder_.CreateMaskedGather(whole, pointers, llvm::Align(bytes_of(type)), mask,
                                                        llvm::Constant::getNullValue(whole));
    return from_memory({gathered, true}, type);
}

void FunctionEmitter::store_memory(const Storage& storage, const LinearForm& offset, LaneValue value,
                                   const std::vector<Expr>& indices, bool streaming) {
    const ScalarType type = storage.tensor.type();
    llvm::Type* element = memory_type(type);
    std::erase_if(loads_, [&](const auto& entry) { return std::get<0>(entry.first) == storage.tensor.node().get(); });
    LaneValue stored = to_memory(value, type);
    const llvm::Align alignment(bytes_of(type));
    if (!lanes_) {
        llvm::Value* pointer = address(storage, offset);
        if (offset.constant) pointer = builder_.CreateGEP(element, pointer, builder_.getInt64(offset.constant));
        if (guard_) {
            if (!nowhere_) nowhere_ = entry_alloca(builder_.getInt64Ty(), builder_.getInt64(16), "nowhere", 64);
            pointer = builder_.CreateSelect(guard_, pointer, nowhere_);
        }
        builder_.CreateAlignedStore(stored.value, pointer, alignment);
        return;
    }
    llvm::Value* whole = as_vector(stored);
    llvm::Value* mask = guard_ ? (guard_->getType()->isVectorTy() ? guard_ : splat(guard_)) : nullptr;
    if (offset.linear && offset.lane_coefficient == 1) {
        llvm::Value* pointer = address(storage, offset);
        if (offset.constant) pointer = builder_.CreateGEP(element, pointer, builder_.getInt64(offset.constant));
        if (mask)
            builder_.CreateMaskedStore(whole, pointer, alignment, mask);
        else if (!streaming || !store_past_cache(storage, offset, pointer, whole))
            builder_.CreateAlignedStore(whole, pointer, alignment);
        return;
    }
    llvm::Value* pointers = lane_pointers(storage, offset, indices);
    builder_.CreateMaskedScatter(whole, pointers, alignment, mask ? mask : splat(builder_.getTrue()));
}

// A store that bypasses the cache must be aligned to its size. Where all strides are multiples of the vector, that is a
// property of the base address alone, tested at run time (the same way at each store, so the test is predicted). False
// when it is not: the caller stores as usual.
bool FunctionEmitter::store_past_cache(const Storage& storage, const LinearForm& offset, llvm::Value* pointer,
                                       llvm::Value* whole) {
    const std::int64_t bytes = static_cast<std::int64_t>(lanes_->count) * bytes_of(storage.tensor.type());
    if (bytes != 16 && bytes != 32 && bytes != 64) return false;
    bool aligned = offset.constant % lanes_->count == 0;
    for (const LinearForm::Term& term : offset.terms) aligned = aligned && term.coefficient % lanes_->count == 0;
    if (!aligned) return false;
    llvm::BasicBlock* past = llvm::BasicBlock::Create(context_, "past_cache", function_);
    llvm::BasicBlock* usual = llvm::BasicBlock::Create(context_, "through_cache", function_);
    llvm::BasicBlock* after = llvm::BasicBlock::Create(context_, "stored", function_);
    llvm::Value* low_bits = builder_.CreateAnd(builder_.CreatePtrToInt(storage.base, builder_.getInt64Ty()),
                                               builder_.getInt64(static_cast<std::uint64_t>(bytes - 1)));
    builder_.CreateCondBr(builder_.CreateICmpEQ(low_bits, builder_.getInt64(0)), past, usual);
    builder_.SetInsertPoint(past);
    llvm::StoreInst* store =
        builder_.CreateAlignedStore(whole, pointer, llvm::Align(static_cast<std::uint64_t>(bytes)));
    store->setMetadata(llvm::LLVMContext::MD_nontemporal,
                       llvm::MDNode::get(context_, llvm::ConstantAsMetadata::get(builder_.getInt32(1))));
    builder_.CreateBr(after);
    builder_.SetInsertPoint(usual);
    builder_.CreateAlignedStore(whole, pointer,
                                llvm::Align(static_cast<std::uint64_t>(bytes_of(storage.tensor.type()))));
    builder_.CreateBr(after);
    builder_.SetInsertPoint(after);
    fence_ = true;
    return true;
}

llvm::Type* FunctionEmitter::memory_type(ScalarType type) {
    switch (type) {
        case ScalarType::f16:
            return builder_.getHalfTy();
        case ScalarType::bf16:
        case ScalarType::i16:
        case ScalarType::u16:
            return builder_.getInt16Ty();
        case ScalarType::f32:
            return builder_.getFloatTy();
        case ScalarType::f64:
            return builder_.getDoubleTy();
        case ScalarType::i8:
        case ScalarType::u8:
        case ScalarType::boolean:
            return builder_.getInt8Ty();
        case ScalarType::i32:
            return builder_.getInt32Ty();
        case ScalarType::i64:
            return builder_.getInt64Ty();
    }
    throw InternalError("memory_type: unknown type");
}

LaneValue FunctionEmitter::from_memory(LaneValue v, ScalarType type) {
    llvm::Type* i32 = widened(builder_.getInt32Ty(), v.vector);
    switch (type) {
        case ScalarType::f16:
            return {builder_.CreateFPExt(v.value, widened(builder_.getFloatTy(), v.vector)), v.vector};
        case ScalarType::bf16: {
            llvm::Value* bits = builder_.CreateShl(builder_.CreateZExt(v.value, i32), llvm::ConstantInt::get(i32, 16));
            return {builder_.CreateBitCast(bits, widened(builder_.getFloatTy(), v.vector)), v.vector};
        }
        case ScalarType::i8:
        case ScalarType::i16:
            return {builder_.CreateSExt(v.value, i32), v.vector};
        case ScalarType::u8:
        case ScalarType::u16:
            return {builder_.CreateZExt(v.value, i32), v.vector};
        case ScalarType::boolean:
            return {builder_.CreateICmpNE(v.value, llvm::Constant::getNullValue(v.value->getType())), v.vector};
        default:
            return v;
    }
}

LaneValue FunctionEmitter::to_memory(LaneValue v, ScalarType type) {
    switch (type) {
        case ScalarType::f16:
            return {builder_.CreateFPTrunc(v.value, widened(builder_.getHalfTy(), v.vector)), v.vector};
        case ScalarType::bf16: {  // to nearest even on the bits; NaN stays a quiet NaN
            llvm::Type* i32 = widened(builder_.getInt32Ty(), v.vector);
            llvm::Type* i16 = widened(builder_.getInt16Ty(), v.vector);
            const auto word = [&](std::uint32_t x) { return llvm::ConstantInt::get(i32, x); };
            llvm::Value* bits = builder_.CreateBitCast(v.value, i32);
            llvm::Value* odd = builder_.CreateAnd(builder_.CreateLShr(bits, word(16)), word(1));
            llvm::Value* rounded =
                builder_.CreateLShr(builder_.CreateAdd(bits, builder_.CreateAdd(odd, word(0x7fff))), word(16));
            llvm::Value* quiet = builder_.CreateOr(builder_.CreateLShr(bits, word(16)), word(0x40));
            llvm::Value* nan = builder_.CreateFCmpUNO(v.value, v.value);
            return {builder_.CreateTrunc(builder_.CreateSelect(nan, quiet, rounded), i16), v.vector};
        }
        case ScalarType::boolean:
            return {builder_.CreateZExt(v.value, widened(builder_.getInt8Ty(), v.vector)), v.vector};
        case ScalarType::i8:
        case ScalarType::u8:
            return {builder_.CreateTrunc(v.value, widened(builder_.getInt8Ty(), v.vector)), v.vector};
        case ScalarType::i16:
        case ScalarType::u16:
            return {builder_.CreateTrunc(v.value, widened(builder_.getInt16Ty(), v.vector)), v.vector};
        default:
            return v;
    }
}

}  // namespace heddle
