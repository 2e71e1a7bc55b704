// codegen/emit_llvm_function.cpp -- statements of emitted host code.
#include "codegen/emit_llvm_function.h"

#include <llvm/IR/Constants.h>
#include <llvm/IR/Intrinsics.h>
#include <llvm/IR/IntrinsicsX86.h>

#include <bit>
#include <set>

#include "codegen/build_stage.h"
#include "codegen/passes/conditions.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::int64_t largest_stack_tile = 256 << 10;  // bytes; larger tiles come from the heap
constexpr std::int64_t fewest_points_to_split = 8;      // stores of a tile that is worth a function of its own

const std::int64_t* constant(const Expr& e) {
    const auto* value = e.as<IntImm>();
    return value ? &value->value : nullptr;
}

// Stores that a statement emits once its unrolled loops are carried out.
std::int64_t emitted_stores(const Stmt& s) {
    if (s.empty()) return 0;
    if (const auto* list = s.as<Block>()) {
        std::int64_t sum = 0;
        for (const Stmt& child : list->statements) sum += emitted_stores(child);
        return sum;
    }
    if (const auto* loop = s.as<For>()) {
        const auto* extent = constant(loop->extent);
        const std::int64_t copies = loop->kind == LoopKind::unrolled && extent ? *extent : loop->unroll;
        return copies * emitted_stores(loop->body);
    }
    if (const auto* test = s.as<If>()) return emitted_stores(test->then);
    if (const auto* allocate = s.as<Allocate>()) return emitted_stores(allocate->body);
    return 1;
}

}  // namespace

FunctionEmitter::FunctionEmitter(ModuleEmitter& module, llvm::Function* function)
    : module_(module), context_(module.context), function_(function), builder_(module.context) {
    llvm::BasicBlock* entry = llvm::BasicBlock::Create(context_, "entry", function);
    llvm::BasicBlock* body = llvm::BasicBlock::Create(context_, "body", function);
    builder_.SetInsertPoint(entry);
    builder_.CreateBr(body);
    builder_.SetInsertPoint(body);
    scopes_.push_back({entry, {}, {}});
}

void FunctionEmitter::finish() {
    if (fence_) builder_.CreateIntrinsic(llvm::Intrinsic::x86_sse_sfence, {}, {});
    builder_.CreateRetVoid();
}

void FunctionEmitter::bind_storage(const AnyTensor& tensor, llvm::Value* base,
                                   const std::vector<std::int64_t>* strides) {
    Storage storage;
    storage.tensor = tensor;
    storage.base = base;
    storage.strides.resize(tensor.rank());
    LinearForm next;
    next.constant = 1;
    for (int d = tensor.rank() - 1; d >= 0; --d) {
        if (strides) {
            storage.strides[d].constant = (*strides)[d];
            continue;
        }
        storage.strides[d] = next;
        if (d == 0) break;
        const LinearForm extent = linear(tensor.shape()[d].expr());
        if (next.is_constant() && extent.is_constant()) {
            next.constant *= extent.constant;
        } else {
            const auto point = builder_.saveIP();
            builder_.SetInsertPoint(scopes_[0].hoist->getTerminator());
            llvm::Value* product = builder_.CreateMul(materialize(next), materialize(extent));
            builder_.restoreIP(point);
            next = {};
            next.add(product, 1, 0);
        }
    }
    storages_[tensor.node().get()] = std::move(storage);
}

void FunctionEmitter::emit(const Stmt& s) {
    if (s.empty()) return;
    switch (s.kind()) {
        case StmtKind::Block:
            for (const Stmt& child : s.as<Block>()->statements) emit(child);
            return;
        case StmtKind::For:
            return emit_loop(*s.as<For>());
        case StmtKind::If:
            return emit_if(*s.as<If>());
        case StmtKind::Allocate:
            return emit_allocate(*s.as<Allocate>());
        case StmtKind::Store:
            return emit_store(*s.as<Store>());
        case StmtKind::Check:
            return emit_check(*s.as<Check>());
        default:
            throw InternalError("emission: a tile statement was not expanded");
    }
}

void FunctionEmitter::emit_loop(const For& loop) {
    switch (loop.kind) {
        case LoopKind::unrolled:
            return emit_unrolled(loop);
        case LoopKind::vectorized:
            return emit_vectorized(loop);
        case LoopKind::parallel:
            return emit_parallel(loop);
        default:
            return emit_serial(loop);
    }
}

void FunctionEmitter::emit_unrolled(const For& loop) {
    const LinearForm min = linear(loop.min), extent = linear(loop.extent);
    if (!min.is_constant() || !extent.is_constant()) return emit_serial(loop);
    for (std::int64_t i = 0; i < extent.constant; ++i) {
        symbols_[loop.var] = {nullptr, min.constant + i, 0};
        emit(loop.body);
    }
    symbols_.erase(loop.var);
}

void FunctionEmitter::emit_vectorized(const For& loop) {
    const auto* extent = constant(loop.extent);
    const LinearForm min = linear(loop.min);
    if (!extent || lanes_ || *extent > 64 || *extent <= 1) return emit_serial(loop);
    lanes_ = Lanes{loop.var, static_cast<int>(std::bit_ceil(static_cast<std::uint64_t>(*extent)))};
    if (min.is_constant())
        symbols_[loop.var] = {nullptr, min.constant, 0};
    else
        symbols_[loop.var] = {materialize(min), 0, static_cast<int>(scopes_.size())};
    if (lanes_->count != *extent) {
        llvm::Value* within = builder_.CreateICmpSLT(iota(builder_.getInt32Ty()),
                                                     splat(builder_.getInt32(static_cast<std::uint32_t>(*extent))));
        guard_ = within;
    }
    emit(loop.body);
    guard_ = nullptr;
    lanes_.reset();
    symbols_.erase(loop.var);
}

void FunctionEmitter::emit_serial(const For& loop) {
    const LinearForm min = linear(loop.min), extent = linear(loop.extent);
    require(!lanes_, "a vectorized loop is innermost");
    if (extent.is_constant() && extent.constant <= 0) return;
    if (min.is_constant() && extent.is_constant() && extent.constant == 1) {
        symbols_[loop.var] = {nullptr, min.constant, 0};
        emit(loop.body);
        symbols_.erase(loop.var);
        return;
    }
    const int step = std::max(1, loop.unroll);
    llvm::Value* begin = scalar_index(loop.min);
    if (extent.is_constant()) {
        const std::int64_t whole = extent.constant / step * step;
        if (whole > 0)
            serial_loop(loop.var, begin, builder_.CreateAdd(begin, builder_.getInt64(whole)), step, false, loop.body);
        for (std::int64_t i = whole; i < extent.constant; ++i) {
            if (min.is_constant())
                symbols_[loop.var] = {nullptr, min.constant + i, 0};
            else
                symbols_[loop.var] = {begin, i, static_cast<int>(scopes_.size())};
            emit(loop.body);
            symbols_.erase(loop.var);
        }
        return;
    }
    llvm::Value* count = scalar_index(loop.extent);
    if (step == 1) return serial_loop(loop.var, begin, builder_.CreateAdd(begin, count), 1, true, loop.body);
    llvm::Value* rest = builder_.CreateSRem(count, builder_.getInt64(step));
    llvm::Value* middle = builder_.CreateAdd(begin, builder_.CreateSub(count, rest));
    serial_loop(loop.var, begin, middle, step, true, loop.body);
    serial_loop(loop.var, middle, builder_.CreateAdd(begin, count), 1, true, loop.body);
}

void FunctionEmitter::serial_loop(const Symbol& var, llvm::Value* begin, llvm::Value* end, int step, bool may_be_empty,
                                  const Stmt& body) {
    llvm::BasicBlock* before = builder_.GetInsertBlock();
    llvm::BasicBlock* head = llvm::BasicBlock::Create(context_, var.name(), function_);
    llvm::BasicBlock* inside = llvm::BasicBlock::Create(context_, var.name() + ".body", function_);
    llvm::BasicBlock* after = llvm::BasicBlock::Create(context_, var.name() + ".end", function_);
    if (may_be_empty)
        builder_.CreateCondBr(builder_.CreateICmpSLT(begin, end), head, after);
    else
        builder_.CreateBr(head);
    builder_.SetInsertPoint(head);
    llvm::PHINode* counter = builder_.CreatePHI(builder_.getInt64Ty(), 2, var.name());
    counter->addIncoming(begin, before);
    builder_.CreateBr(inside);
    builder_.SetInsertPoint(inside);
    const int depth = static_cast<int>(scopes_.size());
    scopes_.push_back({head, {}, {}});
    const auto outer_loads = std::move(loads_);
    loads_.clear();
    for (int i = 0; i < step; ++i) {
        symbols_[var] = {counter, i, depth};
        emit(body);
    }
    symbols_.erase(var);
    scopes_.pop_back();
    loads_.clear();
    llvm::Value* next = builder_.CreateAdd(counter, builder_.getInt64(step), "", true, true);
    counter->addIncoming(next, builder_.GetInsertBlock());
    builder_.CreateCondBr(builder_.CreateICmpSLT(next, end), head, after);
    builder_.SetInsertPoint(after);
}

void FunctionEmitter::emit_if(const If& test) {
    // Tests that hold in all lanes alike branch; the others mask.
    std::vector<Expr> vector_terms;
    llvm::Value* branch = nullptr;
    for (const Expr& term : terms_of(test.condition)) {
        const auto known = decided(term);
        if (known == true) continue;
        if (known == false) return;
        bool varies = false;
        if (lanes_)
            for_each_node(term, [&](const Expr& node) {
                if (const auto* v = node.as<Variable>(); v && v->symbol == lanes_->var) varies = true;
                if (const auto* read = node.as<Read>(); read && storage_of(read->tensor).per_lane) varies = true;
            });
        if (varies || guard_) {
            vector_terms.push_back(term);
            continue;
        }
        llvm::Value* value = condition_of(term).value;
        branch = branch ? builder_.CreateAnd(branch, value) : value;
    }
    llvm::BasicBlock* after = nullptr;
    const auto outer_loads = loads_;
    if (branch) {
        llvm::BasicBlock* inside = llvm::BasicBlock::Create(context_, "then", function_);
        after = llvm::BasicBlock::Create(context_, "endif", function_);
        builder_.CreateCondBr(branch, inside, after);
        builder_.SetInsertPoint(inside);
    }
    llvm::Value* outer = guard_;
    for (const Expr& term : vector_terms) {
        LaneValue condition = condition_of(term);
        if (guard_) {
            LaneValue held{guard_, guard_->getType()->isVectorTy()};
            unify(condition, held);
            guard_ = builder_.CreateAnd(condition.value, held.value);
        } else {
            guard_ = condition.value;
        }
    }
    emit(test.then);
    guard_ = outer;
    if (after) {
        builder_.CreateBr(after);
        builder_.SetInsertPoint(after);
        loads_ = outer_loads;
        std::set<const TensorNode*> written;  // a load from before may be stale where the branch wrote
        for (const auto& node : storage_used(test.then)) written.insert(node.get());
        std::erase_if(loads_, [&](const auto& entry) { return written.count(std::get<0>(entry.first)) > 0; });
    }
}

// True when some loop inside that stays a loop indexes the storage: then it cannot be a set of variables.
bool FunctionEmitter::dynamically_indexed(const Allocate& allocate) const {
    std::set<Symbol> rolled;
    for_each_stmt(allocate.body, [&](const Stmt& s) {
        const auto* loop = s.as<For>();
        if (loop && loop->kind != LoopKind::unrolled && loop->kind != LoopKind::vectorized) rolled.insert(loop->var);
        if (loop && loop->kind == LoopKind::unrolled && !constant(loop->extent)) rolled.insert(loop->var);
    });
    bool dynamic = false;
    const auto look = [&](const std::vector<Expr>& indices) {
        for (const Expr& index : indices)
            for (const Symbol& symbol : symbols_of(index)) dynamic = dynamic || rolled.count(symbol) > 0;
    };
    for_each_stmt(allocate.body, [&](const Stmt& s) {
        const auto* write = s.as<Store>();
        if (write && write->to.storage == allocate.storage) look(write->to.indices);
    });
    for_each_expr(allocate.body, [&](const Expr& e) {
        for_each_node(e, [&](const Expr& node) {
            const auto* read = node.as<Read>();
            if (read && read->tensor == allocate.storage.node()) look(read->indices);
        });
    });
    return dynamic;
}

void FunctionEmitter::emit_allocate(const Allocate& allocate) {
    const AnyTensor& tensor = allocate.storage;
    const bool registers = allocate.memory == Memory::registers && !dynamically_indexed(allocate);
    if (registers && !in_tile_ && !lanes_ && emitted_stores(allocate.body) >= fewest_points_to_split)
        return outline(Stmt::make(Allocate(allocate)));
    if (registers) {
        Storage storage;
        storage.tensor = tensor;
        storage.registers = true;
        storage.per_lane = lanes_.has_value();
        storage.strides.resize(tensor.rank());
        std::int64_t next = 1;
        for (int d = tensor.rank() - 1; d >= 0; --d) {
            storage.strides[d].constant = next;
            next *= tensor.shape()[d].value();
        }
        storages_[tensor.node().get()] = std::move(storage);
        emit(allocate.body);
        storages_.erase(tensor.node().get());
        return;
    }
    bool fixed = true;
    std::int64_t bytes = bytes_of(tensor.type());
    for (const Extent& extent : tensor.shape()) {
        if (const LinearForm form = linear(extent.expr()); form.is_constant())
            bytes *= form.constant;
        else
            fixed = false;
    }
    const bool on_stack = fixed && bytes <= largest_stack_tile;
    llvm::Value* base = nullptr;
    llvm::Type* pointer = builder_.getPtrTy();
    if (on_stack) {
        base = entry_alloca(builder_.getInt8Ty(), builder_.getInt64(bytes + 64), tensor.name(), 64);
    } else {
        llvm::Value* size = builder_.getInt64(bytes_of(tensor.type()));
        for (const Extent& extent : tensor.shape()) size = builder_.CreateMul(size, scalar_index(extent.expr()));
        base = builder_.CreateCall(module_.runtime("heddle_rt_allocate", pointer, {builder_.getInt64Ty()}), {size});
    }
    bind_storage(tensor, base, nullptr);
    emit(allocate.body);
    storages_.erase(tensor.node().get());
    if (!on_stack) builder_.CreateCall(module_.runtime("heddle_rt_release", builder_.getVoidTy(), {pointer}), {base});
}

void FunctionEmitter::emit_store(const Store& store) {
    const AnyTensor& tensor = store.to.storage;
    LaneValue value = tensor.type() == ScalarType::boolean ? condition_of(store.value) : value_of(store.value);
    value = convert(value, store.value.type(), compute_type(tensor.type()));
    Storage& storage = storage_of(tensor.node());
    const LinearForm offset = flat_offset(storage, store.to.indices);
    if (store.atomic != UpdateOp::assign) return update_atomically(storage, offset, store, value.value);
    if (!storage.registers) return store_memory(storage, offset, value, store.to.indices, store.streaming);
    require(offset.linear && offset.terms.empty(), "a register tile is indexed by constants");
    const bool vector = lanes_ && (storage.per_lane || offset.lane_coefficient != 0);
    require(!lanes_ || vector || !value.vector, "lanes do not write one variable");
    llvm::AllocaInst* variable = register_variable(storage, offset.constant, vector);
    const bool is_vector = variable->getAllocatedType()->isVectorTy();
    if (is_vector) value = {as_vector(value), true};
    if (guard_) {
        llvm::Value* held = builder_.CreateLoad(variable->getAllocatedType(), variable);
        LaneValue guard{guard_, guard_->getType()->isVectorTy()};
        if (!is_vector && guard.vector) guard.value = builder_.CreateOrReduce(guard.value);
        value.value = builder_.CreateSelect(guard.value, value.value, held);
    }
    builder_.CreateStore(value.value, variable);
}

void FunctionEmitter::emit_check(const Check& check) {
    const auto known = decided(check.condition);
    if (known == true) return;
    require(!lanes_, "a check runs point by point");
    llvm::Value* holds = condition_of(check.condition).value;
    if (guard_) holds = builder_.CreateOr(holds, builder_.CreateNot(guard_));
    llvm::BasicBlock* failed = llvm::BasicBlock::Create(context_, "failed", function_);
    llvm::BasicBlock* after = llvm::BasicBlock::Create(context_, "checked", function_);
    builder_.CreateCondBr(holds, after, failed);
    builder_.SetInsertPoint(failed);
    constexpr std::size_t most_values = std::size(KernelReports{}.values);
    const std::size_t count = std::min(check.values.size(), most_values);
    llvm::Value* values = entry_alloca(builder_.getInt64Ty(), builder_.getInt64(most_values), "values");
    const auto loads = loads_;
    for (std::size_t i = 0; i < count; ++i) {
        LaneValue value = convert(value_of(check.values[i]), check.values[i].type(), ScalarType::i64);
        builder_.CreateStore(value.value, builder_.CreateGEP(builder_.getInt64Ty(), values, builder_.getInt64(i)));
    }
    loads_ = loads;
    llvm::Type* pointer = builder_.getPtrTy();
    const llvm::FunctionCallee fail = module_.runtime("heddle_rt_fail", builder_.getVoidTy(),
                                                      {pointer, builder_.getInt64Ty(), builder_.getInt64Ty(), pointer});
    builder_.CreateCall(fail,
                        {arguments_, builder_.getInt64(module_.messages.size()), builder_.getInt64(count), values});
    module_.messages.push_back({check.message, static_cast<int>(count)});
    builder_.CreateRetVoid();  // the rest of this task's work is not done: the call fails as a whole
    builder_.SetInsertPoint(after);
}

}  // namespace heddle
