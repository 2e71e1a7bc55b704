// codegen/emit_cuda_text.h -- expressions of emitted CUDA: C++ text with the fewest parentheses, helpers on demand.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "codegen/stmt.h"
#include "dsl/interval.h"

namespace heddle {

/// 0 of integers, +0 of floats.
bool is_zero(const Expr& e);

/// Names and helpers of one translation unit. Symbols and storage get unique C++ names made from the user's.
class CudaText {
public:
    struct Storage {
        std::string name;
        std::vector<Expr> strides;  ///< in elements
        bool scalar = false;        ///< a rank-0 local variable
        bool local = false;         ///< a local array or variable: elements are of the compute type
        bool packed = false;        ///< local, of packs: elements are as memory holds them
        Layout layout;              ///< of a tile in shared memory: its blocks and its swizzle
    };

    /// A new name, unequal to all before it in this kernel.
    std::string unique(const std::string& wanted);
    /// Forgets the names, symbols and storage of the last kernel; helpers stay.
    void begin_kernel();
    void bind(const Symbol& symbol, const std::string& name) { symbols_[symbol] = name; }
    void bind(const AnyTensor& tensor, Storage storage) { storages_[tensor.node().get()] = std::move(storage); }

    /// From here on, the expression is printed as this name; `forget_aliases` goes back to the first `count`.
    void alias(const Expr& e, const std::string& name) { aliases_.emplace_back(e, name); }
    std::size_t aliases() const { return aliases_.size(); }
    void forget_aliases(std::size_t count) { aliases_.resize(count); }
    bool has_alias(const Expr& e) const {
        for (const auto& [named, name] : aliases_)
            if (equal(named, e)) return true;
        return false;
    }
    bool knows(const Symbol& symbol) const { return symbols_.count(symbol) > 0; }
    bool knows(const AnyTensor& storage) const { return storages_.count(storage.node().get()) > 0; }

    /// An expression as C++. Index arithmetic is in `int` when `narrow_indices`, else in `long long`.
    std::string value(const Expr& e) { return print(e, 0); }
    /// On the right of a comparison.
    std::string bound(const Expr& e) { return print(e, 5); }
    /// The element as an lvalue's text.
    std::string element(const AnyTensor& storage, const std::vector<Expr>& indices, bool unswizzled = false);
    /// The array that leading indices of local storage leave.
    std::string array(const AnyTensor& storage, const std::vector<Expr>& indices);
    /// Its distance from the first, in elements; of what is not local.
    Expr offset(const AnyTensor& storage, const std::vector<Expr>& indices) const;
    /// Of a parameter, in elements.
    const std::vector<Expr>& strides_of(const AnyTensor& storage) const {
        return storages_.at(storage.node().get()).strides;
    }
    /// The name of the storage's array or pointer.
    const std::string& name_of(const AnyTensor& storage) const { return storages_.at(storage.node().get()).name; }
    /// An element as memory holds it, as the value that is computed with.
    std::string loaded(const AnyTensor& storage, const std::string& element);
    /// `load_pack` and the like, noted as used.
    std::string helper(const std::string& name);
    /// The value in the storage's memory type.
    std::string stored(const AnyTensor& storage, const std::string& value, bool local);
    bool is_local(const AnyTensor& storage) const { return storages_.at(storage.node().get()).local; }
    bool is_packed(const AnyTensor& storage) const { return storages_.at(storage.node().get()).packed; }
    /// An element of a packed tile: known to fewer digits than it is computed with.
    bool is_packed(const Expr& e) const {
        const auto* read = e.as<Read>();
        return read && knows(AnyTensor(read->tensor)) && is_packed(AnyTensor(read->tensor));
    }
    /// Elements are values of the type that is computed with, not as memory holds them.
    bool holds_values(const AnyTensor& storage) const { return is_local(storage) && !is_packed(storage); }
    bool is_swizzled(const AnyTensor& storage) const {
        return storages_.at(storage.node().get()).layout.swizzle.bits > 0;
    }

    /// "float", "long long", ...: what a value of the type computes in, and how it lies in memory.
    static std::string compute_name(ScalarType type);
    static std::string memory_name(ScalarType type);
    std::string index_name() const { return narrow_indices ? "int" : "long long"; }

    /// Texts of the helpers that were used.
    std::string helpers() const;

    Ranges ranges;
    bool narrow_indices = false;

private:
    std::string print(const Expr& e, int strength);
    std::string binary(const Binary& e, int strength);
    std::string unary(const Unary& e);
    std::string cast(const Cast& e, int strength);
    std::string read(const Read& e);
    std::string call(const std::string& function, const std::vector<Expr>& arguments);

    std::map<Symbol, std::string> symbols_;
    std::map<const TensorNode*, Storage> storages_;
    std::vector<std::pair<Expr, std::string>> aliases_;
    std::set<std::string> names_;
    std::set<std::string> used_helpers_;
};

}  // namespace heddle
