// dsl/symbol.h -- identity and name of an index variable or run-time size.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

namespace heddle {

/// What an integer symbol stands for. `free` and `reduction` are index variables of a definition, `parameter` is a size
/// known only when a kernel is called, `loop` is a variable that lowering made.
enum class SymbolKind : std::uint8_t { free, reduction, parameter, loop };

struct ExprNode;

/// An integer variable. Two symbols are the same when their ids are; the name is for printing.
class Symbol {
public:
    Symbol() = default;
    /// A new symbol, unequal to all others.
    Symbol(std::string name, SymbolKind kind);
    /// With a declared extent, an i64 expression over parameters: ranges over [0, extent).
    Symbol(std::string name, SymbolKind kind, std::shared_ptr<const ExprNode> extent);
    /// A run-time size in [min, max].
    static Symbol parameter(std::string name, std::int64_t min, std::int64_t max);

    bool defined() const { return node_ != nullptr; }
    const std::string& name() const { return node_->name; }
    SymbolKind kind() const { return node_->kind; }
    std::uint64_t id() const { return node_ ? node_->id : 0; }
    /// Range of a parameter, both ends included; unbounded for other kinds.
    std::int64_t min() const { return node_->min; }
    std::int64_t max() const { return node_->max; }

    /// The declared extent; null where definitions infer it.
    const std::shared_ptr<const ExprNode>& declared_extent() const { return node_->extent; }

    friend bool operator==(const Symbol& a, const Symbol& b) { return a.node_ == b.node_; }
    friend auto operator<=>(const Symbol& a, const Symbol& b) { return a.id() <=> b.id(); }

private:
    struct Node {
        std::string name;
        SymbolKind kind;
        std::uint64_t id;
        std::int64_t min = std::numeric_limits<std::int64_t>::min();
        std::int64_t max = std::numeric_limits<std::int64_t>::max();
        std::shared_ptr<const ExprNode> extent = nullptr;
    };
    std::shared_ptr<const Node> node_;
};

}  // namespace heddle
