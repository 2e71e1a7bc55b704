// codegen/emit_cuda_names.cpp -- names of what emitted loops and values compute again and again.
#include <algorithm>
#include <functional>

#include "codegen/emit_cuda_function.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool occurs(const std::string& name, const std::string& text) {
    const auto in_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; };
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
        const bool starts = at == 0 || !in_name(text[at - 1]);
        const std::size_t end = at + name.size();
        if (starts && (end == text.size() || !in_name(text[end]))) return true;
    }
    return false;
}

// What is in use for the parts of a thread's number.
std::string name_of_threads(const Expr& e, const Symbol& thread, const std::string& other) {
    const Expr number(thread);
    const auto n = [](std::int64_t value) { return Expr::integer(value); };
    const std::pair<Expr, const char*> names[] = {
        {number % n(32), "lane"},       {number / n(32), "warp"},        {number / n(128), "warpgroup"},
        {number / n(4) % n(8), "quad"}, {number % n(4), "lane_of_quad"}, {number / n(32) % n(4), "warp_of_group"},
    };
    for (const auto& [value, name] : names)
        if (equal(simplify(value), e)) return name;
    return other;
}

}  // namespace

// Constants at the head of a loop's body, those given and the quotients of its variable; only what the body's text
// uses is kept.
void CudaEmitter::declared(Constants constants, const For& loop, const Statements& body) {
    name_quotients(loop, constants);
    std::string before = std::move(output_);
    output_.clear();
    body();
    std::string text = std::move(output_);
    output_.clear();
    for (auto constant = constants.rbegin(); constant != constants.rend(); ++constant) {
        if (!occurs(constant->first, text)) continue;
        line("const " + text_.index_name() + " " + constant->first + " = " + constant->second + ";");
        text.insert(0, output_);
        output_.clear();
    }
    output_ = before + text;
}

// Quotients and remainders of the loop's variable that the body uses get a name: the user's variable where it is
// one's value, so that what a fused loop stands for reads as it was written, and is computed once.
void CudaEmitter::name_quotients(const For& loop, Constants& constants) {
    std::vector<Expr> found;
    // A variable of a loop inside has no value here, even where a loop before this one was over the same variable.
    std::vector<Symbol> inside;
    for_each_stmt(loop.body, [&](const Stmt& s) {
        if (const auto* inner = s.as<For>()) inside.push_back(inner->var);
        if (const auto* value = s.as<Let>()) inside.push_back(value->var);
    });
    const auto settled = [&](const Expr& e) {
        return std::none_of(inside.begin(), inside.end(), [&](const Symbol& symbol) { return uses(e, symbol); });
    };
    const std::function<void(const Expr&)> look = [&](const Expr& e) {
        const auto* operation = e.as<Binary>();
        const bool quotient = operation && e.type() == ScalarType::i64 &&
                              (operation->op == BinaryOp::div || operation->op == BinaryOp::mod);
        if (quotient && uses(e, loop.var) && nameable(e) && settled(e)) {
            for (const Expr& other : found)
                if (equal(other, e)) return;
            found.push_back(e);
            return;
        }
        for (const Expr& operand : operands_of(e)) look(operand);
    };
    for_each_expr(loop.body, look);
    for (const Expr& e : found) {
        if (text_.has_alias(e)) continue;
        std::string name = "part";
        for (const auto& [variable, value] : function_.named_values)
            if (equal(simplify(value, text_.ranges), e)) name = variable;
        if (loop.kind == LoopKind::thread_x) name = name_of_threads(e, loop.var, name);
        const std::string unique = text_.unique(name);
        constants.emplace_back(unique, text_.value(e));
        text_.alias(e, unique);
    }
}

bool CudaEmitter::nameable(const Expr& e) const {
    bool all = true;
    for_each_node(e, [&](const Expr& node) {
        if (node.as<Read>()) all = false;
        if (const auto* variable = node.as<Variable>()) all = all && text_.knows(variable->symbol);
    });
    return all;
}

}  // namespace heddle
