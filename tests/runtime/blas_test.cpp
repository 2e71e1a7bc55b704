// tests/runtime/blas_test.cpp -- products by a BLAS, by rows and by columns, against sums in double.
#include "runtime/blas.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// A matrix of whole numbers, by rows or by columns, with a pitch above its extent.
Buffer matrix(ScalarType type, std::int64_t rows, std::int64_t columns, bool by_rows, std::uint64_t seed) {
    const std::int64_t outer = by_rows ? rows : columns, inner = by_rows ? columns : rows;
    const Buffer whole(type, {outer, inner + 3});
    whole.fill_random(seed, true);
    const Buffer part(type, {outer, inner}, whole.data(), {inner + 3, 1}, {}, std::make_shared<Buffer>(whole));
    return by_rows ? part : part.permuted({1, 0});
}

TEST(Blas, MultipliesAndAddsWholeNumbersToTheLastBit) {
    if (const auto problem = blas_problem()) GTEST_SKIP() << *problem;
    const std::int64_t m = 5, n = 7, k = 24;
    for (const ScalarType type : {f32, f64})
        for (int layout = 0; layout < 16; ++layout) {
            const Buffer a = matrix(type, m, k, (layout & 1) != 0, 1), b = matrix(type, k, n, (layout & 2) != 0, 2),
                         c = matrix(type, m, n, (layout & 4) != 0, 3);
            const bool accumulate = (layout & 8) != 0;
            const Buffer before = c.copy();
            blas_multiply(a, b, c, accumulate);
            for_each_index({m, n}, [&](const std::vector<std::int64_t>& index) {
                double sum = accumulate ? before.get(index) : 0;
                for (std::int64_t i = 0; i < k; ++i) sum += a.get({index[0], i}) * b.get({i, index[1]});
                EXPECT_EQ(c.get(index), sum) << "layout " << layout << " [" << index[0] << "," << index[1] << "]";
            });
        }
}

TEST(Blas, RefusesOtherTypesShapesAndStrides) {
    if (const auto problem = blas_problem()) GTEST_SKIP() << *problem;
    const auto refusal = [](const Buffer& a, const Buffer& b, const Buffer& c) {
        return error_of([&] { blas_multiply(a, b, c); });
    };
    const Buffer a(f32, {4, 3}), b(f32, {3, 5}), c(f32, {4, 5});
    EXPECT_EQ(refusal(a, b, c), "no error");
    EXPECT_EQ(refusal(b, a, c), "BLAS: c (f32 4x5) = a (f32 3x5) * b (f32 4x3): a is MxK, b KxN and c MxN");
    EXPECT_EQ(refusal(Buffer(f16, {4, 3}), Buffer(f16, {3, 5}), Buffer(f16, {4, 5})),
              "BLAS: c (f16 4x5) = a (f16 4x3) * b (f16 3x5): all are f32 or f64, of one type");
    const Buffer wide(f32, {100});
    EXPECT_EQ(refusal(Buffer(f32, {4, 3}, wide.data(), {12, 2}), b, c),
              "BLAS: a (f32 4x3, strides 12 and 2): neither its rows nor its columns lie without gaps, less than 2^31 "
              "elements apart");
}

TEST(Blas, ThatIsNotThereIsOneLine) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const auto run = [] {
        setenv("HEDDLE_BLAS", "/nowhere/libblas.so", 1);
        std::cerr << error_of([] { blas_library(); }) << "\n";
        std::_Exit(0);
    };
    EXPECT_EXIT(
        run(), testing::ExitedWithCode(0),
        "^no BLAS: /nowhere/libblas.so: cannot open shared object file.*; HEDDLE_BLAS can name the library, for "
        "example that of the package libopenblas0-pthread\n$");
}

}  // namespace
}  // namespace heddle::test
