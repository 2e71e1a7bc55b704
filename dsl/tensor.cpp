// dsl/tensor.cpp -- variables, tensors and accesses: what the operators of a definition call.
#include "dsl/tensor.h"

#include <fmt/format.h>

#include <atomic>
#include <cmath>
#include <utility>

#include "dsl/definition.h"
#include "dsl/print.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

void check_name(const std::string& what, const std::string& name, const SourceLocation& where = {}) {
    const auto letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    bool legal = !name.empty() && letter(name[0]);
    for (char c : name) legal = legal && (letter(c) || (c >= '0' && c <= '9'));
    if (!legal)
        throw UserError(where, fmt::format("\"{}\" cannot name a {}: a name is letters, digits and underscores, and "
                                           "does not begin with a digit",
                                           name, what));
}

Symbol index_symbol(std::string name, SymbolKind kind, const std::optional<Extent>& extent) {
    check_name("variable", name);
    if (!extent) return {std::move(name), kind};
    if (extent->is_static() && extent->value() < 0)
        throw UserError(fmt::format("the variable {} is declared with the extent {}; an extent is 0 or more", name,
                                    extent->value()));
    const Expr& size = extent->expr();
    return {std::move(name), kind, size.handle()};
}

std::uint64_t next_tensor_id() {
    static std::atomic<std::uint64_t> count = 0;
    return ++count;
}

void define(const Access& left, UpdateOp op, const LocatedExpr& value) {
    add_definition({left.tensor()}, left.indices(), op, {value.expr}, {}, value.where);
}

}  // namespace

LoopName::LoopName(const Var& var) : name_(var.symbol().name()) {}
LoopName::LoopName(const RVar& var) : name_(var.symbol().name()) {}

Var::Var(std::string name) : symbol_(index_symbol(std::move(name), SymbolKind::free, {})) {}
Var::Var(std::string name, Extent extent)
    : symbol_(index_symbol(std::move(name), SymbolKind::free, extent)), extent_(std::move(extent)) {}
RVar::RVar(std::string name) : symbol_(index_symbol(std::move(name), SymbolKind::reduction, {})) {}
RVar::RVar(std::string name, Extent extent)
    : symbol_(index_symbol(std::move(name), SymbolKind::reduction, extent)), extent_(std::move(extent)) {}

Access::Access(std::shared_ptr<TensorNode> tensor, std::vector<Expr> indices, Boundary boundary)
    : tensor_(std::move(tensor)), indices_(std::move(indices)), boundary_(boundary) {}

Access::operator Expr() const {
    require(tensor_ != nullptr, "an access without a tensor");
    const double value = boundary_.value;
    if (boundary_.mode == BoundaryMode::constant && !is_float(tensor_->type) && value != std::floor(value))
        throw UserError(fmt::format("constant({}, {}): {} holds {}, so the value outside must be a whole number",
                                    tensor_->name, value, tensor_->name, name_of(tensor_->type)));
    return Expr(std::make_shared<const Read>(tensor_, indices_, boundary_, compute_type(tensor_->type)));
}

void Access::operator=(LocatedExpr value) { define(*this, UpdateOp::assign, value); }
void Access::operator=(const Access& value) { add_definition({tensor_}, indices_, UpdateOp::assign, {value}, {}, {}); }
void Access::operator+=(LocatedExpr value) { define(*this, UpdateOp::add, value); }
void Access::operator*=(LocatedExpr value) { define(*this, UpdateOp::mul, value); }
void Access::maximize(LocatedExpr value) { define(*this, UpdateOp::max, value); }
void Access::minimize(LocatedExpr value) { define(*this, UpdateOp::min, value); }
void Access::argmax(LocatedExpr value) { define(*this, UpdateOp::argmax, value); }

AnyTensor::AnyTensor(std::string name, ScalarType type, std::optional<std::vector<Extent>> shape, const CallSite& where)
    : node_(std::make_shared<TensorNode>()) {
    node_->where = SourceLocation(where);
    check_name("tensor", name, node_->where);
    for (std::size_t d = 0; shape && d < shape->size(); ++d)
        if ((*shape)[d].is_static() && (*shape)[d].value() < 0)
            throw UserError(node_->where, fmt::format("{} has the extent {} at dimension {}; an extent is 0 or more",
                                                      name, (*shape)[d].value(), d));
    node_->name = std::move(name);
    node_->type = type;
    node_->shape = std::move(shape);
    node_->id = next_tensor_id();
}

const std::string& AnyTensor::name() const { return node_->name; }
ScalarType AnyTensor::type() const { return node_->type; }
bool AnyTensor::has_shape() const { return node_->shape.has_value(); }
int AnyTensor::rank() const { return static_cast<int>(shape().size()); }
bool AnyTensor::has_definition() const { return !node_->definitions.empty(); }

const std::vector<Extent>& AnyTensor::shape() const {
    if (!node_->shape)
        throw UserError(node_->where, fmt::format("{} has no shape yet: state one where it is made, or define it first",
                                                  node_->name));
    return *node_->shape;
}

Access AnyTensor::at(std::vector<Expr> indices) const {
    if (!node_) throw UserError("an undefined tensor is indexed: give it a name, a type and a shape first");
    if (node_->shape && indices.size() != node_->shape->size())
        throw UserError(fmt::format("{} has {} dimensions and is indexed with {}", name(), rank(), indices.size()));
    for (std::size_t d = 0; d < indices.size(); ++d) {
        if (!indices[d].defined())
            throw UserError(fmt::format("the index of {} at dimension {} is an undefined expression", name(), d));
        if (!is_integer(indices[d].type()))
            throw UserError(fmt::format("the index of {} at dimension {} is `{}`, a {}; an index is an integer", name(),
                                        d, print(indices[d]), name_of(indices[d].type())));
        indices[d] = cast(i64, std::move(indices[d]));
    }
    return {node_, std::move(indices)};
}

void AnyTensor::check_rank(int expected) const {
    if (node_ && has_shape() && rank() != expected)
        throw UserError(fmt::format("{} has {} dimensions where {} are expected", name(), rank(), expected));
}

}  // namespace heddle
