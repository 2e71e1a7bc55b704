// schedules/index_program.cpp -- expressions as instructions, and a stack of values or ranges.
#include "schedules/index_program.h"

#include <algorithm>
#include <array>

#include "dsl/integer.h"
#include "schedules/definition_facts.h"

namespace heddle {
namespace {

using Span = IndexProgram::Span;
constexpr std::size_t most_stack = 64;

Span modulo(const Span& a, const Span& b) {
    const std::int64_t m = b.max;
    if (m <= 0) return {0, 0};
    if (floor_div(a.min, m) == floor_div(a.max, m)) {
        const std::int64_t base = floor_div(a.min, m) * m;
        return {a.min - base, a.max - base};
    }
    return {0, m - 1};
}

std::int64_t assumed(const Symbol& parameter) {
    return std::max(parameter.min(), std::min(parameter.max(), assumed_extent));
}

}  // namespace

IndexProgram::IndexProgram(const Expr& e, const std::vector<Symbol>& loops, std::int64_t extent) {
    append(e, loops, extent);
    if (code_.size() > most_stack) code_ = {{Kind::data, extent - 1}};
}

void IndexProgram::append(const Expr& e, const std::vector<Symbol>& loops, std::int64_t extent) {
    const auto unknown = [&] { code_.push_back({Kind::data, std::max<std::int64_t>(0, extent - 1)}); };
    if (const auto* literal = e.as<IntImm>()) {
        code_.push_back({Kind::constant, literal->value});
    } else if (const auto* variable = e.as<Variable>()) {
        const auto found = std::find(loops.begin(), loops.end(), variable->symbol);
        if (found != loops.end()) {
            code_.push_back({Kind::loop, found - loops.begin()});
            uses_ |= std::uint64_t{1} << (found - loops.begin());
        } else if (variable->symbol.kind() == SymbolKind::parameter) {
            code_.push_back({Kind::constant, assumed(variable->symbol)});
        } else {
            unknown();
        }
    } else if (const auto* cast = e.as<Cast>()) {
        append(cast->operand, loops, extent);
    } else if (const auto* binary = e.as<Binary>()) {
        const bool arithmetic = binary->op == BinaryOp::add || binary->op == BinaryOp::sub ||
                                binary->op == BinaryOp::mul || binary->op == BinaryOp::div ||
                                binary->op == BinaryOp::mod || binary->op == BinaryOp::min ||
                                binary->op == BinaryOp::max;
        if (!arithmetic) return unknown();
        append(binary->a, loops, extent);
        append(binary->b, loops, extent);
        code_.push_back({Kind::binary, 0, binary->op});
    } else {
        unknown();
    }
}

Span IndexProgram::span(const std::vector<Span>& loops) const {
    std::array<Span, most_stack + 1> stack;
    std::size_t top = 0;
    for (const Instruction& each : code_) {
        if (each.kind == Kind::constant) {
            stack[top++] = {each.value, each.value};
            continue;
        }
        if (each.kind == Kind::loop) {
            stack[top++] = loops[static_cast<std::size_t>(each.value)];
            continue;
        }
        if (each.kind == Kind::data) {
            stack[top++] = {0, each.value};
            continue;
        }
        const Span b = stack[--top], a = stack[--top];
        Span result;
        switch (each.op) {
            case BinaryOp::add:
                result = {a.min + b.min, a.max + b.max};
                break;
            case BinaryOp::sub:
                result = {a.min - b.max, a.max - b.min};
                break;
            case BinaryOp::mul: {
                const auto [low, high] = std::minmax({a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max});
                result = {low, high};
                break;
            }
            case BinaryOp::div:
                result = {floor_div(a.min, b.max), floor_div(a.max, b.max)};
                if (result.min > result.max) std::swap(result.min, result.max);
                break;
            case BinaryOp::mod:
                result = modulo(a, b);
                break;
            case BinaryOp::min:
                result = {std::min(a.min, b.min), std::min(a.max, b.max)};
                break;
            default:
                result = {std::max(a.min, b.min), std::max(a.max, b.max)};
        }
        stack[top++] = result;
    }
    return stack[0];
}

std::int64_t IndexProgram::at(const std::vector<std::int64_t>& loops) const {
    std::array<std::int64_t, most_stack + 1> stack{};
    std::size_t top = 0;
    for (const Instruction& each : code_) {
        if (each.kind == Kind::binary) {
            const std::int64_t b = stack[--top], a = stack[--top];
            stack[top++] = apply(each.op, a, b, i64);
        } else if (each.kind == Kind::loop) {
            stack[top++] = loops[static_cast<std::size_t>(each.value)];
        } else {
            stack[top++] = each.kind == Kind::data ? each.value / 2 : each.value;
        }
    }
    return stack[0];
}

}  // namespace heddle
