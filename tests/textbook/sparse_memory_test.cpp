// tests/textbook/sparse_memory_test.cpp -- no route over the sparse matrix comes near the memory of a dense one.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/sparse_product.h"
#include "runtime/peak_memory.h"
#include "tests/runtime/sanitizer.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

class SparseMemory : public testing::TestWithParam<SparseProduct (*)(const AnyTensor&, const AnyTensor&)> {};

TEST_P(SparseMemory, StaysInProportionToThePoints) {
    if (under_address_sanitizer || under_thread_sanitizer) GTEST_SKIP() << "a sanitizer takes memory of its own";
    const Pipeline conv = parse_pipeline(
        "x: f32[1,8,28,28]; w: f32[8,8,3,3]; y: f32[1,8,28,28]\n"
        "y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]");
    const std::int64_t points = 8 * 28 * 28 * 8 * 9, dense = 8 * 28 * 28 * std::int64_t{8 * 28 * 28} * 4;
    const Buffer image(f32, {1, 8, 28, 28}), weights(f32, {8, 8, 3, 3}), result(f32, {1, 8, 28, 28});
    const NamedBuffers buffers{{"x", image},   {"w", weights},       {"y", result},
                               {"dy", result}, {"dx", image.copy()}, {"dw", weights.copy()}};
    std::int64_t held = 0;
    const auto peak = peak_bytes_of([&] {
        const SparseProduct product = GetParam()(conv.outputs[0], conv.inputs[0]);
        product(buffers);
        held = product.bytes();
    });
    if (!peak) GTEST_SKIP() << "this system does not tell the peak of a process";
    EXPECT_GE(*peak, held);
    EXPECT_LE(*peak, 64 * points) << "bytes a point: " << *peak / points;
    EXPECT_LE(*peak, dense / 5) << "the dense matrix has " << dense << " bytes";
    EXPECT_LE(held, 9 * points);
}

INSTANTIATE_TEST_SUITE_P(Routes, SparseMemory,
                         testing::Values(&sparse_forward, &sparse_input_gradient, &sparse_weight_gradient));

}  // namespace
}  // namespace heddle::test
