// tests/codegen/default_contractions_gpu_test.cpp -- default schedules of products on tensor cores of a CUDA device,
// also on buffers that boxes are not copied of.
#include <gtest/gtest.h>

#include <cstring>

#include "codegen/compile.h"
#include "dsl/parse.h"
#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "tests/support/default_contractions.h"
#include "tests/support/on_device.h"

namespace heddle::test {
namespace {

class gpu_default_contractions : public testing::TestWithParam<Contraction> {};

TEST_P(gpu_default_contractions, agree_with_evaluate) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    const Compiled oracle(pipeline, whole_inputs(pipeline));
    EXPECT_EQ(difference_on_device(oracle, {}, 0), "");
}

INSTANTIATE_TEST_SUITE_P(Products, gpu_default_contractions, testing::ValuesIn(default_contractions()),
                         [](const auto& info) { return info.param.name; });

// The same numbers, one element further on in their memory.
TEST(gpu_views_of_contractions, take_any_alignment) {
    if (const auto problem = cuda_problem()) GTEST_SKIP() << *problem;
    const Pipeline pipeline =
        parse_pipeline("x: bf16[256,256]\nw: bf16[256,256]\ny: bf16[256,256]\ny[m,n] += x[m,k] * w[n,k]");
    const Kernel kernel = compile(pipeline, Target::cuda(90));
    const NamedBuffers inputs = whole_inputs(pipeline);
    // One element further on in memory that is longer.
    std::vector<Buffer> plain, memory, moved;
    const auto add = [&](const Buffer& host) {
        plain.push_back(to_device(host));
        Buffer longer(bf16, {258, 256});
        std::memcpy(static_cast<std::byte*>(longer.data()) + 2, host.data(), 256 * 256 * 2);
        memory.push_back(to_device(longer));
        moved.emplace_back(bf16, std::vector<std::int64_t>{256, 256}, static_cast<std::byte*>(memory.back().data()) + 2,
                           std::vector<std::int64_t>{}, memory.back().device());
    };
    for (const char* name : {"x", "w"}) add(inputs.at(name));
    add(Buffer(bf16, {256, 256}));
    kernel.run(plain);
    kernel.run(moved);
    EXPECT_EQ(first_difference("y", to_host(moved.back()), to_host(plain.back())), "");
}

}  // namespace
}  // namespace heddle::test
