// tests/dsl/print_literal_test.cpp -- float literals print with the fewest digits that read back the same bits.
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <random>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "dsl/print_expr.h"

namespace heddle {
namespace {

void expect_reads_back(const Expr& e) {
    ParseContext context;
    const std::string text = print(e);
    EXPECT_TRUE(equal(parse_expr(text, context, {}), e)) << text;
}

TEST(print_literal, shortest_digits) {
    EXPECT_EQ(print_float(0.1), "0.1");
    EXPECT_EQ(print_float(0.1f, f32), "0.1");
    EXPECT_EQ(print_float(0.1f), "0.10000000149011612");
    EXPECT_EQ(print_float(2), "2.0");
    EXPECT_EQ(print_float(-0.0), "-0.0");
    EXPECT_EQ(print_float(1e20), "1e+20");
    EXPECT_EQ(print_float(std::numeric_limits<double>::infinity()), "inf");
}

TEST(print_literal, random_bits_read_back) {
    std::mt19937_64 random(7);
    for (int i = 0; i < 2000; ++i) {
        const double f64_value = std::bit_cast<double>(random());
        const float f32_value = std::bit_cast<float>(static_cast<std::uint32_t>(random()));
        if (f64_value == f64_value) expect_reads_back(Expr::floating(f64_value, f64));
        if (f32_value == f32_value) expect_reads_back(Expr::floating(f32_value, f32));
        expect_reads_back(Expr::integer(static_cast<std::int64_t>(random()), i64));
        expect_reads_back(Expr::integer(static_cast<std::int32_t>(random()), i32));
    }
}

TEST(print_literal, extremes_read_back) {
    using Limits = std::numeric_limits<double>;
    for (const double value : {0.0, -0.0, Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max(),
                               Limits::denorm_min(), Limits::min()}) {
        expect_reads_back(Expr::floating(value, f64));
        expect_reads_back(Expr::floating(value, f32));
    }
    expect_reads_back(Expr::integer(std::numeric_limits<std::int64_t>::min()));
    expect_reads_back(Expr::integer(std::numeric_limits<std::int64_t>::max()));
    expect_reads_back(Expr(true));
}

}  // namespace
}  // namespace heddle
