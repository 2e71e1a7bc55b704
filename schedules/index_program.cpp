// schedules/index_program.cpp -- expressions as instructions, and a stack of values or ranges.
#include "schedules/index_program.h"

#include <algorithm>
#include <array>

#include "schedules/definition_facts.h"

namespace heddle {
namespace {

using Span = IndexProgram::Span;
constexpr std::size_t most_stack = 64;

std::int64_t floor_div(std::int64_t a, std::int64_t b) {
    if (b == 0) return 0;
    const std::int64_t q = a / b;
    return q * b != a && (a < 0) != (b < 0) ? q - 1 : q;
}

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
    if (code_.size() > most_stack) code_ = {{Op::data, extent - 1}};
}

void IndexProgram::append(const Expr& e, const std::vector<Symbol>& loops, std::int64_t extent) {
    const auto unknown = [&] { code_.push_back({Op::data, std::max<std::int64_t>(0, extent - 1)}); };
    if (const auto* literal = e.as<IntImm>()) {
        code_.push_back({Op::constant, literal->value});
    } else if (const auto* variable = e.as<Variable>()) {
        const auto found = std::find(loops.begin(), loops.end(), variable->symbol);
        if (found != loops.end()) {
            code_.push_back({Op::loop, found - loops.begin()});
            uses_ |= std::uint64_t{1} << (found - loops.begin());
        } else if (variable->symbol.kind() == SymbolKind::parameter) {
            code_.push_back({Op::constant, assumed(variable->symbol)});
        } else {
            unknown();
        }
    } else if (const auto* cast = e.as<Cast>()) {
        append(cast->operand, loops, extent);
    } else if (const auto* binary = e.as<Binary>()) {
        Op op = Op::data;
        switch (binary->op) {
            case BinaryOp::add:
                op = Op::add;
                break;
            case BinaryOp::sub:
                op = Op::sub;
                break;
            case BinaryOp::mul:
                op = Op::mul;
                break;
            case BinaryOp::div:
                op = Op::div;
                break;
            case BinaryOp::mod:
                op = Op::mod;
                break;
            case BinaryOp::min:
                op = Op::min;
                break;
            case BinaryOp::max:
                op = Op::max;
                break;
            default:
                return unknown();
        }
        append(binary->a, loops, extent);
        append(binary->b, loops, extent);
        code_.push_back({op, 0});
    } else {
        unknown();
    }
}

Span IndexProgram::span(const std::vector<Span>& loops) const {
    std::array<Span, most_stack + 1> stack;
    std::size_t top = 0;
    for (const Instruction& each : code_) {
        if (each.op == Op::constant) {
            stack[top++] = {each.value, each.value};
            continue;
        }
        if (each.op == Op::loop) {
            stack[top++] = loops[static_cast<std::size_t>(each.value)];
            continue;
        }
        if (each.op == Op::data) {
            stack[top++] = {0, each.value};
            continue;
        }
        const Span b = stack[--top], a = stack[--top];
        Span result;
        switch (each.op) {
            case Op::add:
                result = {a.min + b.min, a.max + b.max};
                break;
            case Op::sub:
                result = {a.min - b.max, a.max - b.min};
                break;
            case Op::mul: {
                const auto [low, high] = std::minmax({a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max});
                result = {low, high};
                break;
            }
            case Op::div:
                result = {floor_div(a.min, b.max), floor_div(a.max, b.max)};
                if (result.min > result.max) std::swap(result.min, result.max);
                break;
            case Op::mod:
                result = modulo(a, b);
                break;
            case Op::min:
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
        if (each.op <= Op::data) {
            stack[top++] = each.op == Op::constant ? each.value
                           : each.op == Op::loop   ? loops[static_cast<std::size_t>(each.value)]
                                                   : each.value / 2;
            continue;
        }
        const std::int64_t b = stack[--top], a = stack[--top];
        switch (each.op) {
            case Op::add:
                stack[top++] = a + b;
                break;
            case Op::sub:
                stack[top++] = a - b;
                break;
            case Op::mul:
                stack[top++] = a * b;
                break;
            case Op::div:
                stack[top++] = floor_div(a, b);
                break;
            case Op::mod:
                stack[top++] = a - floor_div(a, b) * b;
                break;
            case Op::min:
                stack[top++] = std::min(a, b);
                break;
            default:
                stack[top++] = std::max(a, b);
        }
    }
    return stack[0];
}

}  // namespace heddle
