// codegen/c_text.cpp -- names, types and index expressions as C.
#include "codegen/c_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "runtime/error.h"

namespace heddle {
namespace {

constexpr std::array keywords = {
    "alignas",       "alignof",     "and",          "asm",          "auto",      "bool",
    "break",         "case",        "catch",        "char",         "class",     "compl",
    "concept",       "const",       "constexpr",    "constinit",    "continue",  "decltype",
    "default",       "delete",      "do",           "double",       "else",      "enum",
    "explicit",      "export",      "extern",       "false",        "float",     "for",
    "friend",        "goto",        "if",           "inline",       "int",       "int64_t",
    "long",          "mutable",     "namespace",    "new",          "noexcept",  "not",
    "nullptr",       "operator",    "or",           "private",      "protected", "public",
    "register",      "requires",    "restrict",     "return",       "short",     "signed",
    "sizeof",        "static",      "struct",       "switch",       "template",  "this",
    "throw",         "true",        "try",          "typedef",      "typeid",    "typename",
    "typeof",        "uint16_t",    "uint8_t",      "union",        "unsigned",  "using",
    "virtual",       "void",        "volatile",     "wchar_t",      "while",     "xor",
    "char8_t",       "char16_t",    "char32_t",     "bitand",       "bitor",     "and_eq",
    "or_eq",         "xor_eq",      "not_eq",       "const_cast",   "co_await",  "co_return",
    "co_yield",      "consteval",   "inline",       "main",         "protected", "reinterpret_cast",
    "static_assert", "static_cast", "dynamic_cast", "thread_local",
};

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) || c == '_'; }
bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)); }
bool is_keyword(std::string_view word) { return std::find(keywords.begin(), keywords.end(), word) != keywords.end(); }

struct Helper {
    std::string_view name, text;
};
constexpr Helper helpers[] = {
    {"floor_div",
     "static int64_t floor_div(int64_t a, int64_t b) { return a / b - (a % b != 0 && (a < 0) != (b < 0)); }\n"},
    {"floor_mod", "static int64_t floor_mod(int64_t a, int64_t b) { return ((a % b) + b) % b; }\n"},
    {"smaller", "static int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }\n"},
    {"larger", "static int64_t larger(int64_t a, int64_t b) { return a > b ? a : b; }\n"},
};

}  // namespace

bool is_c_name(std::string_view word) {
    return !word.empty() && is_letter(word[0]) && !is_keyword(word) &&
           std::all_of(word.begin(), word.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

std::string CNames::unique(std::string_view wanted) {
    std::string name;
    for (const char c : wanted) name += is_letter(c) || is_digit(c) ? c : '_';
    if (name.empty() || is_digit(name[0])) name = "v" + name;
    std::string candidate = name;
    for (int i = 1; is_keyword(candidate) || !taken_.insert(candidate).second; ++i)
        candidate = fmt::format("{}_{}", name, i);
    return candidate;
}

std::string c_type(ScalarType type) {
    switch (type) {
        case ScalarType::f16:
        case ScalarType::bf16:
        case ScalarType::u16:
            return "uint16_t";
        case ScalarType::f32:
            return "float";
        case ScalarType::f64:
            return "double";
        case ScalarType::i8:
            return "int8_t";
        case ScalarType::u8:
        case ScalarType::boolean:
            return "uint8_t";
        case ScalarType::i16:
            return "int16_t";
        case ScalarType::i32:
            return "int32_t";
        case ScalarType::i64:
            return "int64_t";
    }
    throw InternalError("c_type: unknown type");
}

std::string c_integer(const Expr& e, const std::map<Symbol, std::string>& names) {
    if (const auto* constant = e.as<IntImm>()) return std::to_string(constant->value);
    if (const auto* variable = e.as<Variable>()) return names.at(variable->symbol);
    const auto* operation = e.as<Binary>();
    if (operation == nullptr) throw InternalError("c_integer: neither a number, a size nor an operation on them");
    const std::string a = c_integer(operation->a, names), b = c_integer(operation->b, names);
    switch (operation->op) {
        case BinaryOp::add:
            return fmt::format("({} + {})", a, b);
        case BinaryOp::sub:
            return fmt::format("({} - {})", a, b);
        case BinaryOp::mul:
            return fmt::format("{} * {}", a, b);
        case BinaryOp::div:
            return fmt::format("floor_div({}, {})", a, b);
        case BinaryOp::mod:
            return fmt::format("floor_mod({}, {})", a, b);
        case BinaryOp::min:
            return fmt::format("smaller({}, {})", a, b);
        case BinaryOp::max:
            return fmt::format("larger({}, {})", a, b);
        default:
            throw InternalError("c_integer: a comparison in an extent");
    }
}

std::string c_helpers(std::string_view text) {
    std::string result;
    for (const Helper& helper : helpers)
        if (text.find(fmt::format("{}(", helper.name)) != std::string_view::npos) result += helper.text;
    return result;
}

}  // namespace heddle
