// dsl/integer.cpp -- integer arithmetic as the contract of expressions states it: wrapping, flooring, total.
#include "dsl/integer.h"

#include <algorithm>

#include "runtime/error.h"

namespace heddle {

std::int64_t wrap(std::int64_t value, ScalarType type) {
    switch (type) {
        case ScalarType::i8:
            return static_cast<std::int8_t>(value);
        case ScalarType::u8:
            return static_cast<std::uint8_t>(value);
        case ScalarType::i16:
            return static_cast<std::int16_t>(value);
        case ScalarType::u16:
            return static_cast<std::uint16_t>(value);
        case ScalarType::i32:
            return static_cast<std::int32_t>(value);
        case ScalarType::boolean:
            return value != 0;
        default:
            return value;
    }
}

std::int64_t apply(BinaryOp op, std::int64_t a, std::int64_t b, ScalarType type) {
    const auto ua = static_cast<std::uint64_t>(a), ub = static_cast<std::uint64_t>(b);
    switch (op) {
        case BinaryOp::add:
            return wrap(static_cast<std::int64_t>(ua + ub), type);
        case BinaryOp::sub:
            return wrap(static_cast<std::int64_t>(ua - ub), type);
        case BinaryOp::mul:
            return wrap(static_cast<std::int64_t>(ua * ub), type);
        case BinaryOp::div:
            return wrap(floor_div(a, b), type);
        case BinaryOp::mod:
            return wrap(floor_mod(a, b), type);
        case BinaryOp::min:
            return std::min(a, b);
        case BinaryOp::max:
            return std::max(a, b);
        case BinaryOp::eq:
            return a == b;
        case BinaryOp::ne:
            return a != b;
        case BinaryOp::lt:
            return a < b;
        case BinaryOp::le:
            return a <= b;
        case BinaryOp::logical_and:
            return a != 0 && b != 0;
        case BinaryOp::logical_or:
            return a != 0 || b != 0;
        case BinaryOp::pow:
            break;
    }
    throw InternalError("pow of integers has no node");
}

}  // namespace heddle
