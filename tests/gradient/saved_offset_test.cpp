// tests/gradient/saved_offset_test.cpp -- the place of a maximum is saved in the smallest type that holds every place
// and "none", and what takes no part gets nothing.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

/// The type in which the places of a window of `size` points are saved.
ScalarType saved_type(const char* update, int size) {
    const Pipeline forward = parse_pipeline(fmt::format("x: f32[2,{0}]\ny[n] {1} x[n,r]", size, update));
    const auto [dx] = gradient(forward.outputs[0], {forward.find("x")});
    return Pipeline::of({dx}).find("y_at").type();
}

TEST(SavedOffset, HasTheSmallestType) {
    for (const char* update : {"max=", "min="}) {
        EXPECT_EQ(saved_type(update, 9), u8);
        EXPECT_EQ(saved_type(update, 255), u8);
        EXPECT_EQ(saved_type(update, 256), u16);
        EXPECT_EQ(saved_type(update, 65535), u16);
        EXPECT_EQ(saved_type(update, 65536), i32);
    }
}

/// dx of y[p] max= skip(x)[...] for dy = 1, 10, 100, ...
std::vector<double> pooled_gradient(const std::string& definition, const std::vector<double>& x) {
    const Pipeline forward = parse_pipeline(fmt::format("x: f32[{}]\n{}", x.size(), definition));
    const auto [dx] = gradient(forward.outputs[0], {forward.find("x")});
    const Pipeline backward = Pipeline::of({dx});
    std::vector<double> dy;
    for (std::int64_t i = 0; i < backward.find("dy").shape()[0].value(); ++i) dy.push_back(i == 0 ? 1 : 10 * dy.back());
    const auto count = static_cast<std::int64_t>(x.size());
    return elements_of(evaluate(backward, {{"x", buffer_of(f32, {count}, x)},
                                           {"dy", buffer_of(f32, {static_cast<std::int64_t>(dy.size())}, dy)}})
                           .at("dx"));
}

constexpr double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();

TEST(SavedOffset, IsOfTheFirstOfEqualValuesAndTheLastNaN) {
    const std::string pool = "y: f32[4]\ny[p] max= skip(x)[p+r-1] | r<3";
    EXPECT_EQ(pooled_gradient(pool, {2, 2, 2, 2}), (std::vector<double>{11, 100, 1000, 0}));
    EXPECT_EQ(pooled_gradient(pool, {nan, 5, nan, 1}), (std::vector<double>{1, 0, 1110, 0}));
    EXPECT_EQ(pooled_gradient(pool, {-inf, -inf, -inf, -inf}), (std::vector<double>{11, 100, 1000, 0}));
    EXPECT_EQ(pooled_gradient(pool, {0, -0.0, inf, inf}), (std::vector<double>{1, 0, 1110, 0}));
}

TEST(SavedOffset, OfAWindowWithoutAPointIsNone) {
    EXPECT_EQ(pooled_gradient("y: f32[3]\ny[p] max= skip(x)[p+4*r-2] | r<2", {7, 8}),
              (std::vector<double>{100, 0}));  // taps at -2 and 2, -1 and 3, 0 and 4
}

}  // namespace
}  // namespace heddle::test
