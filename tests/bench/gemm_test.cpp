// tests/bench/gemm_test.cpp -- the products handed to cuBLAS are the definitions: carried out by columns on the host.
#include <gtest/gtest.h>

#include "bench/peer_cublas.h"
#include "dsl/evaluate.h"
#include "tests/support/buffers.h"

namespace heddle::bench {
namespace {

// C (m by n) = op(A) * op(B), all by columns, as cublasGemmEx does it.
void multiply_by_columns(const Gemm& g) {
    const auto* a = static_cast<const float*>(g.a);
    const auto* b = static_cast<const float*>(g.b);
    auto* c = static_cast<float*>(g.c);
    for (int j = 0; j < g.n; ++j)
        for (int i = 0; i < g.m; ++i) {
            float sum = 0;
            for (int l = 0; l < g.k; ++l)
                sum += (g.a_operation == cublas_plain ? a[i + l * g.a_pitch] : a[l + i * g.a_pitch]) *
                       (g.b_operation == cublas_plain ? b[l + j * g.b_pitch] : b[j + l * g.b_pitch]);
            c[i + j * g.c_pitch] = sum;
        }
}

GpuLayer layer_from(const std::string& row) { return parse_gpu_layers("[{\"name\": \"l\", " + row + "}]", "t").at(0); }

class gemm_case : public testing::TestWithParam<std::tuple<const char*, Direction>> {};

TEST_P(gemm_case, gives_what_the_definition_gives) {
    const GpuCase given{layer_from(std::get<0>(GetParam())), std::get<1>(GetParam()), Arithmetic::f32};
    const Pipeline pipeline = definition_of(given, ActivationLayout::nhwc);
    const NamedBuffers inputs = test::random_inputs(pipeline, 1, true);
    const auto [name, expected] = *evaluate(pipeline, inputs).begin();
    CaseBuffers buffers(inputs.begin(), inputs.end());
    buffers[name] = Buffer(f32, expected.shape());
    const auto gemm = gemm_of(given, ActivationLayout::nhwc, buffers);
    ASSERT_TRUE(gemm.has_value());
    multiply_by_columns(*gemm);
    EXPECT_EQ(test::elements_of(buffers.at(name)), test::elements_of(expected));
}

INSTANTIATE_TEST_SUITE_P(
    all, gemm_case,
    testing::Combine(
        testing::Values(
            R"("kind":"linear","N":3,"C":4,"K":5)",
            R"("kind":"convolution","N":2,"C":3,"H":4,"W":5,"K":6,"R":1,"S":1,"stride":1,"padding":0,"dilation":1,"groups":1)"),
        testing::Values(Direction::forward, Direction::dx, Direction::dw)));

TEST(gemm, is_none_of_a_window_a_stride_or_channels_first) {
    const std::string sizes = R"("kind":"convolution","N":2,"C":4,"H":4,"W":5,"K":6,"dilation":1,"groups":1,)";
    const auto is_gemm = [&](const std::string& rest, ActivationLayout layout) {
        const GpuCase given{layer_from(sizes + rest), Direction::forward, Arithmetic::f32};
        const Buffer some(f32, {1});
        return gemm_of(given, layout, {{"x", some}, {"w", some}, {"y", some}}).has_value();
    };
    EXPECT_TRUE(is_gemm(R"("R":1,"S":1,"stride":1,"padding":0)", ActivationLayout::nhwc));
    EXPECT_FALSE(is_gemm(R"("R":1,"S":1,"stride":1,"padding":0)", ActivationLayout::nchw));
    EXPECT_FALSE(is_gemm(R"("R":1,"S":1,"stride":2,"padding":0)", ActivationLayout::nhwc));
    EXPECT_FALSE(is_gemm(R"("R":3,"S":3,"stride":1,"padding":1)", ActivationLayout::nhwc));
}

}  // namespace
}  // namespace heddle::bench
