// codegen/emit_llvm_function.h -- one LLVM function from statements: the state that its parts share.
//
// Emission is a partial evaluation. Unrolled loops bind their variable to a constant and emit the body again; tests
// that become constant vanish with what they guard. A vectorized loop puts the emitter into lane mode: an expression is
// then a scalar (the same in all lanes) or a vector, and an affine index splits into a scalar part and a multiple of
// the lane. Addresses are built from the outside in: each loop adds its term once, in a block of its own before the
// body, so that an access in the innermost loop is a base plus a constant.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "codegen/emit_llvm_module.h"
#include "codegen/stmt.h"

namespace heddle {

/// A value in lane mode: a scalar, or one element a lane.
struct LaneValue {
    llvm::Value* value = nullptr;
    bool vector = false;
};

/// constant + sum(coefficient * value) + lane_coefficient * lane, over i64 scalars.
struct LinearForm {
    struct Term {
        llvm::Value* value;
        std::int64_t coefficient;
        int depth;  ///< of the scope that defines the value
    };
    std::int64_t constant = 0;
    std::vector<Term> terms;
    std::int64_t lane_coefficient = 0;
    bool linear = true;  ///< false: some part differs between lanes in another way

    void add(llvm::Value* value, std::int64_t coefficient, int depth);
    void append(const LinearForm& other);
    bool is_constant() const { return linear && terms.empty() && lane_coefficient == 0; }
};

/// The same sum of scalars in all lanes, and a constant that each lane adds.
struct LanePattern {
    LinearForm common;
    std::vector<std::int64_t> offsets;
};

class FunctionEmitter {
public:
    /// What a symbol stands for: a constant, or value + offset.
    struct Binding {
        llvm::Value* value = nullptr;  ///< null: the constant `offset`
        std::int64_t offset = 0;
        int depth = 0;
    };
    /// Where a tensor lies: memory at `base`, or (registers) one variable for each constant offset.
    struct Storage {
        AnyTensor tensor;
        llvm::Value* base = nullptr;
        std::vector<LinearForm> strides;  ///< one a dimension, without lanes
        bool registers = false;
        bool per_lane = false;  ///< allocated inside a vectorized loop: each lane has its own
        std::map<std::int64_t, llvm::AllocaInst*> variables;
    };

    FunctionEmitter(ModuleEmitter& module, llvm::Function* function);

    void bind(const Symbol& symbol, Binding binding) { symbols_[symbol] = binding; }
    void bind_storage(const AnyTensor& tensor, llvm::Value* base, const std::vector<std::int64_t>* strides);
    void set_arguments(llvm::Value* kernel_arguments) { arguments_ = kernel_arguments; }

    void emit(const Stmt& s);
    /// An integer expression over what is bound.
    llvm::Value* index(const Expr& e) { return scalar_index(e); }
    void finish();  ///< closes the function with `ret void`
    llvm::IRBuilder<>& builder() { return builder_; }

private:
    struct Scope {
        llvm::BasicBlock* hoist = nullptr;  ///< values that depend on this loop's variable are made here, once
        std::map<std::tuple<llvm::Value*, llvm::Value*, std::int64_t>, llvm::Value*> addresses;
        std::vector<std::pair<Expr, llvm::Value*>> values;
    };
    using LoadKey = std::tuple<const TensorNode*, llvm::Value*, std::int64_t, std::int64_t, llvm::Value*, int>;
    struct Lanes {
        Symbol var;
        int count = 0;
    };

    // statements (emit_llvm_function.cpp)
    void emit_loop(const For& loop);
    void emit_unrolled(const For& loop);
    void emit_vectorized(const For& loop);
    void emit_serial(const For& loop);
    void emit_parallel(const For& loop);
    void serial_loop(const Symbol& var, llvm::Value* begin, llvm::Value* end, int step, bool may_be_empty,
                     const Stmt& body);
    void emit_if(const If& test);
    void emit_allocate(const Allocate& allocate);
    void emit_store(const Store& store);
    void emit_check(const Check& check);
    struct Capture {
        std::vector<Symbol> symbols;
        std::vector<std::shared_ptr<TensorNode>> tensors;
        std::vector<llvm::Value*> values;
    };
    Capture capture(const Stmt& body, const std::vector<Expr>& more);
    void restore(const Capture& capture, FunctionEmitter& inner,
                 const std::function<llvm::Value*(llvm::Type*)>& next) const;
    void outline(const Stmt& body);
    bool dynamically_indexed(const Allocate& allocate) const;

    // expressions (emit_llvm_expr.cpp)
    LaneValue value_of(const Expr& e);
    LaneValue unary_value(const Unary& e);
    LaneValue binary_value(const Binary& e);
    LaneValue select_value(const Select& e);
    LaneValue cast_value(const Cast& e);
    LaneValue print_value(const PrintWhen& e);
    LaneValue condition_of(const Expr& e);
    std::optional<bool> decided(const Expr& condition);
    LaneValue call_per_lane(const std::string& name, std::vector<LaneValue> arguments, llvm::Type* scalar_type);
    LaneValue convert(LaneValue v, ScalarType from, ScalarType to);
    llvm::Value* splat(llvm::Value* scalar);
    llvm::Value* as_vector(LaneValue v) { return v.vector ? v.value : splat(v.value); }
    llvm::Type* scalar_type(ScalarType type);
    llvm::Type* widened(llvm::Type* scalar, bool vector);
    void unify(LaneValue& a, LaneValue& b);
    llvm::Value* floor_divide(llvm::Value* a, llvm::Value* b, bool modulo);
    LaneValue exponential(LaneValue x);
    LaneValue hyperbolic_tangent(LaneValue x);
    LaneValue error_function(LaneValue x);

    // indices and memory (emit_llvm_index.cpp, emit_llvm_pattern.cpp, emit_llvm_memory.cpp)
    LinearForm linear(const Expr& e);
    void linearize(const Expr& e, std::int64_t scale, LinearForm& form);
    bool linearize_quotient(const Binary& e, std::int64_t scale, LinearForm& form);
    bool varies(const Expr& e) const;
    std::optional<LanePattern> pattern_of(const std::vector<Expr>& over, const std::function<LinearForm()>& form);
    std::optional<LaneValue> pattern_value(const Expr& e);
    std::optional<LaneValue> pattern_condition(const Binary& test);
    LaneValue load_pattern(const Storage& storage, const LanePattern& pattern, ScalarType type);
    llvm::Value* needed_elements(const std::vector<std::int64_t>& lanes_of_element, std::size_t multiplicity);
    llvm::Value* materialize(const LinearForm& form);
    llvm::Value* scalar_index(const Expr& e);
    llvm::Value* hoisted(const Expr& e, int depth);
    int depth_of(const Expr& e) const;
    LinearForm flat_offset(const Storage& storage, const std::vector<Expr>& indices);
    /// An index times a stride that is no constant; not linear where lanes differ.
    LinearForm strided(const Expr& index, const LinearForm& stride);
    llvm::Value* address(const Storage& storage, const LinearForm& offset);
    LaneValue load_value(const Read& read);
    LaneValue load_memory(const Storage& storage, const LinearForm& offset, ScalarType type,
                          const std::vector<Expr>& indices);
    void update_atomically(const Storage& storage, const LinearForm& offset, const Store& store, llvm::Value* value);
    void store_memory(const Storage& storage, const LinearForm& offset, LaneValue value,
                      const std::vector<Expr>& indices, bool streaming);
    bool store_past_cache(const Storage& storage, const LinearForm& offset, llvm::Value* pointer, llvm::Value* whole);
    llvm::AllocaInst* register_variable(Storage& storage, std::int64_t offset, bool vector);
    llvm::Value* lane_pointers(const Storage& storage, const LinearForm& offset, const std::vector<Expr>& indices);
    LaneValue from_memory(LaneValue v, ScalarType type);
    LaneValue to_memory(LaneValue v, ScalarType type);
    llvm::Type* memory_type(ScalarType type);
    llvm::Value* guarded_address(llvm::Value* pointer);
    Storage& storage_of(const std::shared_ptr<TensorNode>& tensor);
    llvm::AllocaInst* entry_alloca(llvm::Type* type, llvm::Value* count, const std::string& name, int alignment = 0);
    llvm::Value* iota(llvm::Type* scalar);

    ModuleEmitter& module_;
    llvm::LLVMContext& context_;
    llvm::Function* function_;
    llvm::IRBuilder<> builder_;
    llvm::Value* arguments_ = nullptr;  ///< KernelArguments*
    std::map<Symbol, Binding> symbols_;
    std::map<const TensorNode*, Storage> storages_;
    std::vector<Scope> scopes_;
    std::optional<Lanes> lanes_;
    Symbol probed_;                          ///< the lanes' variable while one lane after the other is looked at
    std::vector<LinearForm> alike_;          ///< meanwhile: steps over run-time strides that are alike in all lanes
    std::size_t next_alike_ = 0;             ///< of the present lane
    llvm::Value* guard_ = nullptr;           ///< i1 or a mask: loads happen, and stores take effect, where it holds
    std::map<LoadKey, llvm::Value*> loads_;  ///< loads that are still valid at this point
    llvm::AllocaInst* nowhere_ = nullptr;    ///< a harmless address for loads that must not happen
    bool fence_ = false;                     ///< stores past the cache were emitted: order them before returning
    bool in_tile_ = false;                   ///< inside of a function that was split off for a tile
};

}  // namespace heddle
