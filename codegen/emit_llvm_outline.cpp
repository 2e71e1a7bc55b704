// codegen/emit_llvm_outline.cpp -- statements that become functions of their own: tiles, and tasks for the thread pool.
#include <functional>
#include <set>

#include "codegen/build_stage.h"
#include "codegen/emit_llvm_function.h"
#include "dsl/visit.h"

namespace heddle {

// What a statement that becomes a function of its own uses from outside: constants are known there too, the rest is
// handed over as values, in this order.
FunctionEmitter::Capture FunctionEmitter::capture(const Stmt& body, const std::vector<Expr>& more) {
    Capture result;
    std::set<Symbol> defined, seen;
    for_each_stmt(body, [&](const Stmt& s) {
        if (const auto* loop = s.as<For>()) defined.insert(loop->var);
    });
    const auto note = [&](const Expr& e) {
        for (const Symbol& symbol : symbols_of(e))
            if (symbols_.count(symbol) && !defined.count(symbol) && seen.insert(symbol).second)
                result.symbols.push_back(symbol);
    };
    for_each_expr(body, note);
    for (const Expr& e : more) note(e);
    result.values = {arguments_};
    for (const Symbol& symbol : result.symbols) {
        const Binding& binding = symbols_.at(symbol);
        if (!binding.value) continue;
        result.values.push_back(binding.offset ? builder_.CreateAdd(binding.value, builder_.getInt64(binding.offset))
                                               : binding.value);
    }
    for (const auto& tensor : storage_used(body)) {
        const Storage& storage = storage_of(tensor);
        require(!storage.registers, "registers do not cross functions");
        result.tensors.push_back(tensor);
        result.values.push_back(storage.base);
        for (const LinearForm& stride : storage.strides)
            if (!stride.is_constant()) result.values.push_back(materialize(stride));
    }
    return result;
}

// The other side: binds what was captured in `inner` to the values that `next` gives, in the same order.
void FunctionEmitter::restore(const Capture& capture, FunctionEmitter& inner,
                              const std::function<llvm::Value*(llvm::Type*)>& next) const {
    llvm::Type* i64 = llvm::Type::getInt64Ty(context_);
    inner.arguments_ = next(llvm::PointerType::get(context_, 0));
    for (const Symbol& symbol : capture.symbols) {
        const Binding& binding = symbols_.at(symbol);
        inner.symbols_[symbol] = binding.value ? Binding{next(i64), 0, 0} : binding;
    }
    for (const auto& tensor : capture.tensors) {
        Storage storage = storages_.at(tensor.get());
        storage.base = next(llvm::PointerType::get(context_, 0));
        for (LinearForm& stride : storage.strides) {
            if (stride.is_constant()) continue;
            stride = {};
            stride.add(next(i64), 1, 0);
        }
        inner.storages_[tensor.get()] = std::move(storage);
    }
}

// A tile as a function of its own: code generation is faster on several small functions than on one large one.
void FunctionEmitter::outline(const Stmt& body) {
    const Capture captured = capture(body, {});
    std::vector<llvm::Type*> types;
    for (llvm::Value* value : captured.values) types.push_back(value->getType());
    llvm::Function* function = module_.create("tile_" + std::to_string(module_.outlined++),
                                              llvm::FunctionType::get(builder_.getVoidTy(), types, false), false);
    function->addFnAttr(llvm::Attribute::NoInline);
    FunctionEmitter inner(module_, function);
    inner.in_tile_ = true;
    unsigned argument = 0;
    restore(captured, inner, [&](llvm::Type*) { return function->getArg(argument++); });
    inner.emit(body);
    inner.finish();
    builder_.CreateCall(function, captured.values);
    loads_.clear();
}

// The iterations as a task for the pool: a serial loop over the range that it hands out.
void FunctionEmitter::emit_parallel(const For& loop) {
    const LinearForm extent = linear(loop.extent);
    if (extent.is_constant() && extent.constant <= 1) return emit_serial(loop);
    llvm::Type* pointer = builder_.getPtrTy();
    llvm::Type* i64 = builder_.getInt64Ty();
    const Capture captured = capture(Stmt::make(For(loop)), {loop.min});
    llvm::Value* context = entry_alloca(i64, builder_.getInt64(captured.values.size()), "captured", 8);
    for (std::size_t i = 0; i < captured.values.size(); ++i)
        builder_.CreateStore(captured.values[i], builder_.CreateGEP(i64, context, builder_.getInt64(i)));

    llvm::Function* task =
        module_.create("task_" + std::to_string(module_.outlined++),
                       llvm::FunctionType::get(builder_.getVoidTy(), {pointer, i64, i64}, false), false);
    FunctionEmitter inner(module_, task);
    std::size_t slot = 0;
    restore(captured, inner, [&](llvm::Type* type) {
        const auto point = inner.builder_.saveIP();
        inner.builder_.SetInsertPoint(inner.scopes_[0].hoist->getTerminator());
        llvm::Value* at = inner.builder_.CreateGEP(i64, task->getArg(0), inner.builder_.getInt64(slot++));
        llvm::Value* value = inner.builder_.CreateLoad(type, at);
        inner.builder_.restoreIP(point);
        return value;
    });
    llvm::Value* min = inner.scalar_index(loop.min);
    inner.serial_loop(loop.var, inner.builder_.CreateAdd(min, task->getArg(1)),
                      inner.builder_.CreateAdd(min, task->getArg(2)), 1, true, loop.body);
    inner.finish();

    // arguments_->pool->parallel_for(pool->self, count, task, context)
    llvm::Value* pool = builder_.CreateLoad(pointer, builder_.CreateConstGEP1_64(pointer, arguments_, 2));
    llvm::Value* self = builder_.CreateLoad(pointer, pool);
    llvm::Value* call = builder_.CreateLoad(pointer, builder_.CreateConstGEP1_64(pointer, pool, 1));
    llvm::FunctionType* type = llvm::FunctionType::get(builder_.getVoidTy(), {pointer, i64, pointer, pointer}, false);
    builder_.CreateCall(type, call, {self, scalar_index(loop.extent), task, context});
    loads_.clear();
}

}  // namespace heddle
