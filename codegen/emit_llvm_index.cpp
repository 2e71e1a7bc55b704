// codegen/emit_llvm_index.cpp -- index arithmetic of emitted host code, as sums of scalars and a multiple of the lane.
#include <llvm/IR/Constants.h>

#include <algorithm>

#include "codegen/emit_llvm_function.h"
#include "dsl/visit.h"

namespace heddle {

void LinearForm::add(llvm::Value* value, std::int64_t coefficient, int depth) {
    for (Term& term : terms)
        if (term.value == value) {
            term.coefficient += coefficient;
            if (term.coefficient == 0) std::erase_if(terms, [](const Term& t) { return t.coefficient == 0; });
            return;
        }
    if (coefficient != 0) terms.push_back({value, coefficient, depth});
}

void LinearForm::append(const LinearForm& other) {
    for (const Term& term : other.terms) add(term.value, term.coefficient, term.depth);
    constant += other.constant;
    lane_coefficient += other.lane_coefficient;
    linear = linear && other.linear;
}

int FunctionEmitter::depth_of(const Expr& e) const {
    int depth = 0;
    for_each_node(e, [&](const Expr& node) {
        if (const auto* variable = node.as<Variable>()) {
            const auto found = symbols_.find(variable->symbol);
            if (found != symbols_.end()) depth = std::max(depth, found->second.depth);
        } else if (node.as<Read>() || node.as<PrintWhen>()) {
            depth = static_cast<int>(scopes_.size());  // not to be moved
        }
    });
    return depth;
}

LinearForm FunctionEmitter::linear(const Expr& e) {
    LinearForm form;
    linearize(e, 1, form);
    return form;
}

bool FunctionEmitter::varies(const Expr& e) const {
    const Symbol lane = lanes_ ? lanes_->var : probed_;
    return lane.defined() && uses(e, lane);
}

// (D * x + c) / D and (D * x + c) % D, whose variable part divides: x + c / D, and c % D. False for anything else.
bool FunctionEmitter::linearize_quotient(const Binary& e, std::int64_t scale, LinearForm& form) {
    const auto* divisor = e.b.as<IntImm>();
    if ((e.op != BinaryOp::div && e.op != BinaryOp::mod) || !divisor || divisor->value < 1) return false;
    if (lanes_ && varies(e.a)) return false;
    const LinearForm a = linear(e.a);
    if (!a.linear || a.lane_coefficient != 0) return false;
    for (const LinearForm::Term& term : a.terms)
        if (term.coefficient % divisor->value != 0) return false;
    const std::int64_t rest = ((a.constant % divisor->value) + divisor->value) % divisor->value;
    if (e.op == BinaryOp::mod) {
        form.constant += rest * scale;
        return true;
    }
    form.constant += (a.constant - rest) / divisor->value * scale;
    for (const LinearForm::Term& term : a.terms)
        form.add(term.value, term.coefficient / divisor->value * scale, term.depth);
    return true;
}

void FunctionEmitter::linearize(const Expr& e, std::int64_t scale, LinearForm& form) {
    if (!form.linear || scale == 0) return;
    if (const auto* constant = e.as<IntImm>()) {
        form.constant += constant->value * scale;
        return;
    }
    if (const auto* variable = e.as<Variable>()) {
        if (lanes_ && variable->symbol == lanes_->var) form.lane_coefficient += scale;
        const auto found = symbols_.find(variable->symbol);
        if (found == symbols_.end()) throw InternalError("emission: no value for " + variable->symbol.name());
        form.constant += found->second.offset * scale;
        if (found->second.value) form.add(found->second.value, scale, found->second.depth);
        return;
    }
    if (const auto* operation = e.as<Binary>()) {
        switch (operation->op) {
            case BinaryOp::add:
                linearize(operation->a, scale, form);
                linearize(operation->b, scale, form);
                return;
            case BinaryOp::sub:
                linearize(operation->a, scale, form);
                linearize(operation->b, -scale, form);
                return;
            case BinaryOp::mul: {
                const LinearForm a = linear(operation->a), b = linear(operation->b);
                if (a.is_constant()) return linearize(operation->b, scale * a.constant, form);
                if (b.is_constant()) return linearize(operation->a, scale * b.constant, form);
                break;
            }
            case BinaryOp::div:
            case BinaryOp::mod:
            case BinaryOp::min:
            case BinaryOp::max: {
                if (linearize_quotient(*operation, scale, form)) return;
                const LinearForm a = linear(operation->a), b = linear(operation->b);
                if (a.is_constant() && b.is_constant()) {
                    const Expr folded = binary(operation->op, Expr::integer(a.constant), Expr::integer(b.constant));
                    if (const auto* value = folded.as<IntImm>()) {
                        form.constant += value->value * scale;
                        return;
                    }
                }
                break;
            }
            default:
                break;
        }
    }
    if (varies(e)) {
        form.linear = false;
        return;
    }
    const int depth = depth_of(e);
    llvm::Value* value = nullptr;
    if (depth < static_cast<int>(scopes_.size())) {
        value = hoisted(e, depth);
    } else {
        const LaneValue computed = value_of(e);
        if (computed.vector) {
            form.linear = false;
            return;
        }
        value = computed.value;
    }
    if (const auto* constant = llvm::dyn_cast<llvm::ConstantInt>(value))
        form.constant += constant->getSExtValue() * scale;
    else
        form.add(value, scale, depth);
}

LinearForm FunctionEmitter::strided(const Expr& part, const LinearForm& stride) {
    LinearForm result;
    const LinearForm index = linear(part);
    if (!index.linear || index.lane_coefficient != 0) {
        result.linear = false;
        return result;
    }
    if (index.is_constant()) {
        for (const LinearForm::Term& term : stride.terms)
            result.add(term.value, term.coefficient * index.constant, term.depth);
        result.constant = stride.constant * index.constant;
        return result;
    }
    int depth = 0;
    for (const auto* form : {&index, &stride})
        for (const LinearForm::Term& term : form->terms) depth = std::max(depth, term.depth);
    const auto point = builder_.saveIP();
    const bool hoisted = depth < static_cast<int>(scopes_.size());
    if (hoisted) builder_.SetInsertPoint(scopes_[depth].hoist->getTerminator());
    llvm::Value* product = builder_.CreateMul(materialize(index), materialize(stride));
    if (hoisted) builder_.restoreIP(point);
    result.add(product, 1, depth);
    return result;
}

// An integer expression without reads, computed once in the scope that its innermost variable belongs to.
llvm::Value* FunctionEmitter::hoisted(const Expr& e, int depth) {
    // The value of an unrolled variable is part of the expression only through its binding: such values are not kept.
    bool kept = true;
    for (const Symbol& symbol : symbols_of(e)) {
        const auto found = symbols_.find(symbol);
        if (found != symbols_.end() && (!found->second.value || found->second.offset != 0)) kept = false;
    }
    if (kept)
        for (const auto& [known, value] : scopes_[depth].values)
            if (known.same_as(e) || equal(known, e)) return value;
    const auto point = builder_.saveIP();
    const auto lanes = lanes_;
    llvm::Value* guard = guard_;
    lanes_.reset();
    guard_ = nullptr;
    builder_.SetInsertPoint(scopes_[depth].hoist->getTerminator());
    llvm::Value* value = value_of(e).value;
    builder_.restoreIP(point);
    lanes_ = lanes;
    guard_ = guard;
    if (kept) scopes_[depth].values.emplace_back(e, value);
    return value;
}

llvm::Value* FunctionEmitter::materialize(const LinearForm& form) {
    llvm::Value* sum = nullptr;
    for (const LinearForm::Term& term : form.terms) {
        llvm::Value* part =
            term.coefficient == 1 ? term.value : builder_.CreateMul(term.value, builder_.getInt64(term.coefficient));
        sum = sum ? builder_.CreateAdd(sum, part) : part;
    }
    if (!sum) return builder_.getInt64(form.constant);
    return form.constant ? builder_.CreateAdd(sum, builder_.getInt64(form.constant)) : sum;
}

llvm::Value* FunctionEmitter::scalar_index(const Expr& e) {
    const LinearForm form = linear(e);
    require(form.linear && form.lane_coefficient == 0, "a loop bound is the same in all lanes");
    return materialize(form);
}

}  // namespace heddle
