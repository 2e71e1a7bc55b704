// dsl/symbol.cpp -- identity and name of an index variable or run-time size.
#include "dsl/symbol.h"

#include <atomic>
#include <utility>

namespace heddle {
namespace {

std::uint64_t next_id() {
    static std::atomic<std::uint64_t> count = 0;
    return ++count;
}

}  // namespace

Symbol::Symbol(std::string name, SymbolKind kind)
    : node_(std::make_shared<const Node>(Node{std::move(name), kind, next_id()})) {}

Symbol::Symbol(std::string name, SymbolKind kind, std::shared_ptr<const ExprNode> extent)
    : Symbol(std::move(name), kind) {
    auto node = std::make_shared<Node>(*node_);
    node->extent = std::move(extent);
    node_ = std::move(node);
}

Symbol Symbol::parameter(std::string name, std::int64_t min, std::int64_t max) {
    Symbol symbol;
    symbol.node_ = std::make_shared<const Node>(Node{std::move(name), SymbolKind::parameter, next_id(), min, max});
    return symbol;
}

}  // namespace heddle
