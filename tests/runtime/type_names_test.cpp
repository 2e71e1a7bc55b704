// tests/runtime/type_names_test.cpp -- each type's name, size and kind, and which types operands meet in.
#include <gtest/gtest.h>

#include "runtime/type.h"

namespace heddle {
namespace {

constexpr ScalarType all[] = {f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean};

TEST(type_names, come_back) {
    for (ScalarType type : all) EXPECT_EQ(parse_type(name_of(type)), type) << name_of(type);
    EXPECT_EQ(name_of(boolean), "bool");
    EXPECT_EQ(parse_type("f8"), std::nullopt);
    EXPECT_EQ(parse_type(""), std::nullopt);
    EXPECT_EQ(parse_type("F32"), std::nullopt);
    EXPECT_EQ(all_type_names(), "f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, bool");
}

TEST(type_names, sizes_and_kinds) {
    const int bytes[] = {2, 2, 4, 8, 1, 1, 2, 2, 4, 8, 1};
    for (std::size_t i = 0; i < std::size(all); ++i) {
        EXPECT_EQ(bytes_of(all[i]), bytes[i]) << name_of(all[i]);
        EXPECT_EQ(is_float(all[i]), i < 4) << name_of(all[i]);
        EXPECT_EQ(is_integer(all[i]), i >= 4 && i < 10) << name_of(all[i]);
        EXPECT_EQ(is_signed(all[i]), name_of(all[i])[0] != 'u' && all[i] != boolean) << name_of(all[i]);
    }
}

TEST(type_names, compute_types) {
    EXPECT_EQ(compute_type(f16), f32);
    EXPECT_EQ(compute_type(bf16), f32);
    for (ScalarType type : {i8, u8, i16, u16}) EXPECT_EQ(compute_type(type), i32);
    for (ScalarType type : {f32, f64, i32, i64, boolean}) EXPECT_EQ(compute_type(type), type);
}

TEST(type_names, common_types) {
    EXPECT_EQ(common_type(f32, f64), f64);
    EXPECT_EQ(common_type(f16, bf16), f32);
    EXPECT_EQ(common_type(f32, i64), f32);
    EXPECT_EQ(common_type(i32, i64), i64);
    EXPECT_EQ(common_type(boolean, boolean), i32);
    EXPECT_EQ(common_type(boolean, f16), f16);
    EXPECT_EQ(common_type(u8, i8), i16);
    EXPECT_EQ(common_type(u16, i8), i32);
    for (ScalarType a : all)
        for (ScalarType b : all) EXPECT_EQ(common_type(a, b), common_type(b, a)) << name_of(a) << " " << name_of(b);
}

}  // namespace
}  // namespace heddle
