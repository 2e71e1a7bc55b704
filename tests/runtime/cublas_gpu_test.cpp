// tests/runtime/cublas_gpu_test.cpp -- products by cuBLAS, by rows and by columns, against sums in double.
#include "runtime/cublas.h"

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "tests/support/error_text.h"

#define HEDDLE_NEEDS_CUBLAS()                                                  \
    if (const auto problem = heddle::cuda_problem()) GTEST_SKIP() << *problem; \
    if (const auto problem = heddle::cublas_problem()) GTEST_SKIP() << *problem

namespace heddle::test {
namespace {

/// A matrix of whole numbers, by rows or by columns, with a pitch above its extent.
Buffer matrix(ScalarType type, std::int64_t rows, std::int64_t columns, bool by_rows, std::uint64_t seed) {
    const std::int64_t outer = by_rows ? rows : columns, inner = by_rows ? columns : rows;
    const Buffer whole(type, {outer, inner + 8});
    whole.fill_random(seed, true);
    const Buffer part(type, {outer, inner}, whole.data(), {inner + 8, 1}, {}, std::make_shared<Buffer>(whole));
    return by_rows ? part : part.permuted({1, 0});
}

class gpu_cublas : public testing::TestWithParam<ScalarType> {};

TEST_P(gpu_cublas, whole_numbers_to_the_last_bit) {
    HEDDLE_NEEDS_CUBLAS();
    Cublas cublas;
    const std::int64_t m = 5, n = 7, k = 24;
    for (int layout = 0; layout < 8; ++layout) {
        const Buffer a = matrix(GetParam(), m, k, (layout & 1) != 0, 1),
                     b = matrix(GetParam(), k, n, (layout & 2) != 0, 2),
                     c = matrix(GetParam(), m, n, (layout & 4) != 0, 3);
        const Buffer on_device = to_device(c);
        cublas.multiply(to_device(a), to_device(b), on_device);
        const Buffer result = to_host(on_device);
        for_each_index({m, n}, [&](const std::vector<std::int64_t>& index) {
            double sum = 0;
            for (std::int64_t i = 0; i < k; ++i) sum += a.get({index[0], i}) * b.get({i, index[1]});
            EXPECT_EQ(result.get(index), sum) << "layout " << layout << " [" << index[0] << "," << index[1] << "]";
        });
    }
}

INSTANTIATE_TEST_SUITE_P(types, gpu_cublas, testing::Values(f32, f64, f16, bf16),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(gpu_cublas_sizes, one_row_one_column_and_none) {
    HEDDLE_NEEDS_CUBLAS();
    Cublas cublas;
    for (const auto& [m, n, k] : {std::array{1, 4, 3}, std::array{4, 1, 3}, std::array{2, 2, 1}, std::array{0, 4, 3}}) {
        const Buffer a(f32, {m, k}), b(f32, {k, n}), c(f32, {m, n});
        a.fill(2), b.fill(3);
        const Buffer on_device = to_device(c);
        cublas.multiply(to_device(a), to_device(b), on_device);
        const Buffer result = to_host(on_device);
        for_each_index(c.shape(), [&, k = k](const auto& index) { EXPECT_EQ(result.get(index), 6 * k); });
    }
}

TEST(gpu_cublas_accumulate, adds_to_what_is_there) {
    HEDDLE_NEEDS_CUBLAS();
    Cublas cublas;
    const Buffer a(f32, {3, 4}), b(f32, {4, 5}), c(f32, {3, 5});
    a.fill(2), b.fill(3), c.fill(7);
    const Buffer on_device = to_device(c);
    cublas.multiply(to_device(a), to_device(b), on_device, {.accumulate = true});
    const Buffer result = to_host(on_device);
    for_each_index(c.shape(), [&](const auto& index) { EXPECT_EQ(result.get(index), 31); });
}

TEST(gpu_cublas_refusals, name_the_buffers) {
    HEDDLE_NEEDS_CUBLAS();
    Cublas cublas;
    const auto refused = [&](const Buffer& a, const Buffer& b, const Buffer& c, const std::string& text) {
        EXPECT_EQ(error_of([&] { cublas.multiply(a, b, c); }), "cuBLAS: " + text);
    };
    const auto on_device = [](ScalarType type, const std::vector<std::int64_t>& shape) {
        return device_buffer(type, shape);
    };
    const Buffer a = on_device(f32, {4, 3}), b = on_device(f32, {3, 5}), c = on_device(f32, {4, 5});
    EXPECT_EQ(error_of([&] { cublas.multiply(a, b, c); }), "no error");
    refused(b, a, c, "c (f32 4x5) = a (f32 3x5) * b (f32 4x3): a is MxK, b KxN and c MxN");
    refused(a, on_device(f16, {3, 5}), c,
            "c (f32 4x5) = a (f32 4x3) * b (f16 3x5): all are f32, f64, f16 or bf16, of one type");
    refused(on_device(f32, {3}), b, c, "c (f32 4x5) = a (f32 3) * b (f32 3x5): all have two dimensions");
    refused(Buffer(f32, {4, 3}), b, c, "a (f32 4x3) lies in memory of the host: pass to_device(a)");
    refused(Buffer(f32, {4, 3}, on_device(f32, {100}).data(), {12, 2}, 0), b, c,
            "a (f32 4x3, strides 12 and 2): neither its rows nor its columns lie without gaps, less than 2^31 elements "
            "apart");
}

}  // namespace
}  // namespace heddle::test
