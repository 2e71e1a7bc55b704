// runtime/type.cpp -- the table of element types, the 16-bit float formats, and access to single elements.
#include "runtime/type.h"

#include <array>
#include <bit>
#include <cstring>

#include "runtime/error.h"

namespace heddle {
namespace {

enum class Kind : std::uint8_t { floating, signed_integer, unsigned_integer, boolean };

struct TypeRow {
    ScalarType type;
    std::string_view name;
    int bytes;
    Kind kind;
};

/// In the order of the enumeration.
constexpr std::array<TypeRow, 11> type_rows = {{
    {f16, "f16", 2, Kind::floating},
    {bf16, "bf16", 2, Kind::floating},
    {f32, "f32", 4, Kind::floating},
    {f64, "f64", 8, Kind::floating},
    {i8, "i8", 1, Kind::signed_integer},
    {u8, "u8", 1, Kind::unsigned_integer},
    {i16, "i16", 2, Kind::signed_integer},
    {u16, "u16", 2, Kind::unsigned_integer},
    {i32, "i32", 4, Kind::signed_integer},
    {i64, "i64", 8, Kind::signed_integer},
    {boolean, "bool", 1, Kind::boolean},
}};

constexpr bool rows_in_order() {
    for (std::size_t i = 0; i < type_rows.size(); ++i)
        if (static_cast<std::size_t>(type_rows[i].type) != i) return false;
    return true;
}
static_assert(rows_in_order());

const TypeRow& row_of(ScalarType type) {
    const auto index = static_cast<std::size_t>(type);
    require(index < type_rows.size(), "a ScalarType outside the enumeration");
    return type_rows[index];
}

/// Bits of `value` in an IEEE-754 binary format of 16 bits with the given field widths: to nearest, ties to even, past
/// the largest finite value to infinity. One rounding, from the full double.
std::uint16_t narrow(double value, int exponent_bits, int mantissa_bits) {
    constexpr int double_mantissa = 52;
    const auto bits = std::bit_cast<std::uint64_t>(value);
    const auto sign = static_cast<std::uint16_t>(bits >> 48 & 0x8000);
    const int exponent = static_cast<int>(bits >> double_mantissa & 0x7ff);
    const std::uint64_t fraction = bits & ((std::uint64_t{1} << double_mantissa) - 1);
    const auto infinity = static_cast<std::uint64_t>((1 << exponent_bits) - 1) << mantissa_bits;

    if (exponent == 0x7ff) {
        if (fraction == 0) return static_cast<std::uint16_t>(sign | infinity);
        const std::uint64_t quiet = std::uint64_t{1} << (mantissa_bits - 1);
        return static_cast<std::uint16_t>(sign | infinity | quiet | fraction >> (double_mantissa - mantissa_bits));
    }
    if (exponent == 0) return sign;  // zero, or a double below every 16-bit subnormal

    const int bias = (1 << (exponent_bits - 1)) - 1;
    const int narrow_exponent = exponent - 1023 + bias;
    const int shift = double_mantissa - mantissa_bits + (narrow_exponent < 1 ? 1 - narrow_exponent : 0);
    if (shift > double_mantissa + 1) return sign;  // below half of the smallest subnormal
    const std::uint64_t significand = fraction | std::uint64_t{1} << double_mantissa;
    const std::uint64_t remainder = significand & ((std::uint64_t{1} << shift) - 1);
    const std::uint64_t half = std::uint64_t{1} << (shift - 1);
    std::uint64_t result = significand >> shift;
    if (remainder > half || (remainder == half && (result & 1) != 0)) ++result;
    // The leading one of a normal number, and a carry out of the mantissa, add 1 to the exponent field.
    if (narrow_exponent >= 1) result += static_cast<std::uint64_t>(narrow_exponent - 1) << mantissa_bits;
    return static_cast<std::uint16_t>(sign | (result >= infinity ? infinity : result));
}

template <class T>
T load(const void* address) {
    T value;
    std::memcpy(&value, address, sizeof value);
    return value;
}

template <class T>
void store(void* address, T value) {
    std::memcpy(address, &value, sizeof value);
}

}  // namespace

int bytes_of(ScalarType type) { return row_of(type).bytes; }

bool is_float(ScalarType type) { return row_of(type).kind == Kind::floating; }

bool is_integer(ScalarType type) {
    const Kind kind = row_of(type).kind;
    return kind == Kind::signed_integer || kind == Kind::unsigned_integer;
}

bool is_signed(ScalarType type) {
    const Kind kind = row_of(type).kind;
    return kind == Kind::signed_integer || kind == Kind::floating;
}

std::string_view name_of(ScalarType type) { return row_of(type).name; }

std::optional<ScalarType> parse_type(std::string_view name) {
    for (const TypeRow& row : type_rows)
        if (row.name == name) return row.type;
    return std::nullopt;
}

std::string all_type_names() {
    std::string names;
    for (const TypeRow& row : type_rows) {
        if (!names.empty()) names += ", ";
        names += row.name;
    }
    return names;
}

ScalarType compute_type(ScalarType type) {
    switch (type) {
        case f16:
        case bf16:
            return f32;
        case i8:
        case u8:
        case i16:
        case u16:
            return i32;
        default:
            return type;
    }
}

ScalarType common_type(ScalarType a, ScalarType b) {
    if (a == boolean) a = i32;
    if (b == boolean) b = i32;
    if (a == b) return a;
    if (is_float(a) != is_float(b)) return is_float(a) ? a : b;
    if (bytes_of(a) < bytes_of(b)) std::swap(a, b);
    if (is_float(a)) return bytes_of(a) == bytes_of(b) ? f32 : a;  // f16 and bf16: neither holds the other
    if (is_signed(a) == is_signed(b)) return a;
    const ScalarType unsigned_one = is_signed(a) ? b : a;
    if (bytes_of(unsigned_one) < bytes_of(a)) return a;
    return unsigned_one == u8 ? i16 : i32;  // the next signed type holds both
}

std::uint16_t f16_bits(float value) { return narrow(value, 5, 10); }

float f16_value(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const std::uint32_t exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
    if (exponent == 0) {  // zero or subnormal: fraction * 2^-24, exact in f32
        const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
        return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
    }
    const std::uint32_t wide_exponent = exponent == 0x1f ? 0xff : exponent + 127 - 15;
    return std::bit_cast<float>(sign | wide_exponent << 23 | fraction << 13);
}

std::uint16_t bf16_bits(float value) { return narrow(value, 8, 7); }

float bf16_value(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

double load_float(ScalarType type, const void* address) {
    switch (type) {
        case f16:
            return f16_value(load<std::uint16_t>(address));
        case bf16:
            return bf16_value(load<std::uint16_t>(address));
        case f32:
            return load<float>(address);
        case f64:
            return load<double>(address);
        default:
            throw InternalError("load_float of a type that is not a float");
    }
}

void store_float(ScalarType type, void* address, double value) {
    switch (type) {
        case f16:
            return store(address, narrow(value, 5, 10));
        case bf16:
            return store(address, narrow(value, 8, 7));
        case f32:
            return store(address, static_cast<float>(value));
        case f64:
            return store(address, value);
        default:
            throw InternalError("store_float to a type that is not a float");
    }
}

std::int64_t load_int(ScalarType type, const void* address) {
    switch (type) {
        case i8:
            return load<std::int8_t>(address);
        case u8:
            return load<std::uint8_t>(address);
        case i16:
            return load<std::int16_t>(address);
        case u16:
            return load<std::uint16_t>(address);
        case i32:
            return load<std::int32_t>(address);
        case i64:
            return load<std::int64_t>(address);
        case boolean:
            return load<std::uint8_t>(address) != 0 ? 1 : 0;
        default:
            throw InternalError("load_int of a type that is a float");
    }
}

void store_int(ScalarType type, void* address, std::int64_t value) {
    switch (type) {
        case i8:
            return store(address, static_cast<std::int8_t>(value));
        case u8:
            return store(address, static_cast<std::uint8_t>(value));
        case i16:
            return store(address, static_cast<std::int16_t>(value));
        case u16:
            return store(address, static_cast<std::uint16_t>(value));
        case i32:
            return store(address, static_cast<std::int32_t>(value));
        case i64:
            return store(address, value);
        case boolean:
            return store(address, static_cast<std::uint8_t>(value != 0));
        default:
            throw InternalError("store_int to a type that is a float");
    }
}

}  // namespace heddle
