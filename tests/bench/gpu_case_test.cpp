// tests/bench/gpu_case_test.cpp -- which races there are, and what they cost.
#include "bench/gpu_case.h"

#include <gtest/gtest.h>

namespace heddle::bench {
namespace {

std::vector<GpuCase> cases_of(const std::string& layer, const std::vector<Direction>& directions,
                              const std::vector<Arithmetic>& arithmetics) {
    return gpu_cases(select_gpu_layers(read_gpu_tables(""), {layer}), directions, arithmetics);
}

TEST(race_case, has_the_directions_of_its_kind) {
    const std::vector<Arithmetic> all{Arithmetic::f32, Arithmetic::tf32};
    EXPECT_EQ(cases_of("resnet50.3x3_64", {}, all).size(), 6u);
    EXPECT_EQ(cases_of("max.112", {}, all).size(), 2u);  // no dw, no tf32
    EXPECT_EQ(cases_of("max.112", {Direction::dw}, all).size(), 0u);
    ASSERT_EQ(cases_of("cross_entropy.4096x1000", {}, all).size(), 1u);
    EXPECT_EQ(cases_of("cross_entropy.4096x1000", {}, all)[0].title(), "cross_entropy.4096x1000 forward+dx f32");
}

TEST(race_case, costs_what_its_tensors_and_products_are) {
    const GpuCase conv = cases_of("resnet50.3x3_64", {Direction::dx}, {Arithmetic::bf16}).at(0);
    EXPECT_EQ(conv.operations(), 2.0 * 64 * 64 * 56 * 56 * 64 * 9);
    EXPECT_EQ(conv.bytes(), 2.0 * (2 * 64 * 64 * 56 * 56 + 64 * 64 * 9));
    EXPECT_EQ(conv.terms(), 64 * 9);
    const GpuCase transposed = cases_of("unet.up_128_64", {Direction::forward}, {Arithmetic::f32}).at(0);
    EXPECT_EQ(transposed.operations(), 2.0 * 8 * 128 * 256 * 256 * 64 * 4);
    EXPECT_EQ(transposed.pass(), ConvolutionPass::backward_data);
    const GpuCase pool = cases_of("max.112", {Direction::forward}, {Arithmetic::f32}).at(0);
    EXPECT_EQ(pool.bytes(), 64.0 * 64 * (112 * 112 * 4 + 56 * 56 * 5));  // x, y and a byte a place
}

TEST(race_case, allows_more_error_to_longer_sums) {
    EXPECT_EQ(cases_of("resnet50.3x3_64", {Direction::forward}, {Arithmetic::f32}).at(0).tolerance(), 1e-5);
    EXPECT_NEAR(cases_of("resnet50.3x3_64", {Direction::dw}, {Arithmetic::f32}).at(0).tolerance(), 4.48e-5, 1e-7);
    EXPECT_EQ(cases_of("resnet50.3x3_64", {Direction::dw}, {Arithmetic::f16}).at(0).tolerance(), 1e-2);
}

TEST(race_case, names_read_back_and_others_are_refused) {
    EXPECT_EQ(direction_named("forward+dx"), Direction::both);
    EXPECT_EQ(arithmetic_named("tf32"), Arithmetic::tf32);
    EXPECT_THROW(direction_named("backward"), UserError);
    EXPECT_THROW(arithmetic_named("f8"), UserError);
}

}  // namespace
}  // namespace heddle::bench
