// runtime/type.h -- element types of tensors and buffers, and what a read of each computes in.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace heddle {

/// The type of a tensor's elements as they lie in memory. `boolean` is one byte, 0 or 1.
enum class ScalarType : std::uint8_t { f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean };

inline constexpr ScalarType f16 = ScalarType::f16;
inline constexpr ScalarType bf16 = ScalarType::bf16;
inline constexpr ScalarType f32 = ScalarType::f32;
inline constexpr ScalarType f64 = ScalarType::f64;
inline constexpr ScalarType i8 = ScalarType::i8;
inline constexpr ScalarType u8 = ScalarType::u8;
inline constexpr ScalarType i16 = ScalarType::i16;
inline constexpr ScalarType u16 = ScalarType::u16;
inline constexpr ScalarType i32 = ScalarType::i32;
inline constexpr ScalarType i64 = ScalarType::i64;
inline constexpr ScalarType boolean = ScalarType::boolean;

/// Size of one element in bytes.
int bytes_of(ScalarType type);
bool is_float(ScalarType type);
/// True for i8 ... i64 and u8, u16; false for boolean.
bool is_integer(ScalarType type);
bool is_signed(ScalarType type);
/// "f32", "bool", ...
std::string_view name_of(ScalarType type);
/// The inverse of name_of; nothing when the name is unknown.
std::optional<ScalarType> parse_type(std::string_view name);
/// "f16, bf16, f32, ...": for messages that say what would be legal.
std::string all_type_names();

/// The type that a value of `type` is computed in once it is read: f16 and bf16 compute in f32,
/// i8, u8, i16 and u16 in i32; the others in themselves.
ScalarType compute_type(ScalarType type);
/// The common type of two operands: the wider float, else the wider integer; boolean counts as i32 in arithmetic.
/// Where neither holds the other, the smallest that holds both: f32 for f16 and bf16, i16 for i8 and u8, i32 for u16
/// and i8 or i16.
ScalarType common_type(ScalarType a, ScalarType b);

/// Conversions to and from the 16-bit formats, to nearest, ties to even; NaN stays NaN.
std::uint16_t f16_bits(float value);
float f16_value(std::uint16_t bits);
std::uint16_t bf16_bits(float value);
float bf16_value(std::uint16_t bits);

/// Reads or writes the element at `address` as a double (floats, rounding to nearest even on a write)
/// or as an int64 (integers and boolean, wrapping on a write).
double load_float(ScalarType type, const void* address);
void store_float(ScalarType type, void* address, double value);
std::int64_t load_int(ScalarType type, const void* address);
void store_int(ScalarType type, void* address, std::int64_t value);

}  // namespace heddle
