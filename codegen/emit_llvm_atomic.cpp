// codegen/emit_llvm_atomic.cpp -- updates of memory that other threads may make of the same element.
#include "codegen/emit_llvm_function.h"

namespace heddle {

// Integers are added by one instruction. For all else the new value is written where the old one still stands, tried
// again until it does.
void FunctionEmitter::update_atomically(const Storage& storage, const LinearForm& offset, const Store& store,
                                        llvm::Value* value) {
    require(!lanes_ && !storage.registers, "an atomic update is of one element of memory");
    const ScalarType type = storage.tensor.type();
    require(compute_type(type) == type, "atomic updates meet in storage of the type that they compute in");
    std::erase_if(loads_, [&](const auto& entry) { return std::get<0>(entry.first) == storage.tensor.node().get(); });
    llvm::Value* pointer = address(storage, offset);
    if (offset.constant) pointer = builder_.CreateGEP(memory_type(type), pointer, builder_.getInt64(offset.constant));
    const llvm::Align alignment(bytes_of(type));
    constexpr auto order = llvm::AtomicOrdering::Monotonic;
    llvm::BasicBlock* after = llvm::BasicBlock::Create(context_, "updated", function_);
    if (guard_) {
        llvm::BasicBlock* inside = llvm::BasicBlock::Create(context_, "update", function_);
        builder_.CreateCondBr(guard_, inside, after);
        builder_.SetInsertPoint(inside);
    }
    if (store.atomic == UpdateOp::add && !is_float(type)) {
        builder_.CreateAtomicRMW(llvm::AtomicRMWInst::Add, pointer, value, alignment, order);
        builder_.CreateBr(after);
        builder_.SetInsertPoint(after);
        return;
    }
    llvm::Type* bits = builder_.getIntNTy(8 * static_cast<unsigned>(bytes_of(type)));
    llvm::Value* first = builder_.CreateAlignedLoad(bits, pointer, alignment);
    llvm::BasicBlock* before = builder_.GetInsertBlock();
    llvm::BasicBlock* again = llvm::BasicBlock::Create(context_, "again", function_);
    builder_.CreateBr(again);
    builder_.SetInsertPoint(again);
    llvm::PHINode* old = builder_.CreatePHI(bits, 2, "old");
    old->addIncoming(first, before);
    // The update's own rules, on two variables.
    const AnyTensor held = make_storage("held", type, {}), incoming = make_storage("incoming", type, {});
    for (const auto& [variable, content] :
         {std::pair(held, builder_.CreateBitCast(old, memory_type(type))), std::pair(incoming, value)}) {
        Storage& local = storages_[variable.node().get()];
        local.tensor = variable;
        local.registers = true;
        builder_.CreateStore(content, register_variable(local, 0, false));
    }
    llvm::Value* changed = value_of(combine(store.atomic, load(held, {}), load(incoming, {}))).value;
    for (const AnyTensor& variable : {held, incoming}) storages_.erase(variable.node().get());
    auto* exchange =
        builder_.CreateAtomicCmpXchg(pointer, old, builder_.CreateBitCast(changed, bits), alignment, order, order);
    old->addIncoming(builder_.CreateExtractValue(exchange, 0), builder_.GetInsertBlock());
    builder_.CreateCondBr(builder_.CreateExtractValue(exchange, 1), after, again);
    builder_.SetInsertPoint(after);
}

}  // namespace heddle
