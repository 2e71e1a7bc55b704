// tests/runtime/device_buffer_gpu_test.cpp -- buffers to the device and back, strided ones too; out of memory.
#include "runtime/device_buffer.h"

#include <cstring>

#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"
#include "tests/support/print_values.h"

namespace heddle::test {
namespace {

void expect_same_after_a_round_trip(const Buffer& host) {
    const Buffer device = to_device(host);
    ASSERT_EQ(device.device(), current_cuda_device().index);
    EXPECT_EQ(to_device(device).data(), device.data());
    const Buffer back = to_host(device);
    ASSERT_EQ(back.device(), std::nullopt);
    EXPECT_EQ(back.shape(), host.shape());
    EXPECT_EQ(back.strides(), host.strides());
    for_each_index(host.shape(), [&](const std::vector<std::int64_t>& index) {
        ASSERT_EQ(back.get(index), host.get(index)) << describe(host);
    });
}

class gpu_round_trip : public testing::TestWithParam<ScalarType> {};

TEST_P(gpu_round_trip, views_keep_their_strides) {
    HEDDLE_NEEDS_GPU();
    const Buffer memory(GetParam(), {4, 6, 5});
    memory.fill_random(3, true);
    auto* data = static_cast<std::byte*>(memory.data());
    const std::int64_t bytes = bytes_of(GetParam());
    expect_same_after_a_round_trip(memory);
    expect_same_after_a_round_trip(memory.permuted({2, 0, 1}));
    expect_same_after_a_round_trip(Buffer(GetParam(), {3, 2}, data + 7 * bytes, {30, 5}));      // a part
    expect_same_after_a_round_trip(Buffer(GetParam(), {4, 6}, data + 119 * bytes, {-30, -5}));  // turned round
    expect_same_after_a_round_trip(Buffer(GetParam(), {4, 6}, data, {0, 1}));                   // repeated rows
    expect_same_after_a_round_trip(Buffer(GetParam(), std::vector<std::int64_t>{}));            // a scalar
    expect_same_after_a_round_trip(Buffer(GetParam(), {3, 0, 2}));                              // empty
}

INSTANTIATE_TEST_SUITE_P(types, gpu_round_trip, testing::Values(f16, bf16, f32, f64, i8, i32, i64, boolean),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(gpu_memory, out_of_memory_names_what_was_asked_and_what_is_free) {
    HEDDLE_NEEDS_GPU();
    const std::string text = error_of([] { device_buffer(f32, {1 << 20, 1 << 20}); });
    EXPECT_TRUE(
        text.starts_with("buffer f32 1048576x1048576: cannot allocate 4398046511104 B (4.4 TB) on CUDA device "))
        << text;
    EXPECT_NE(text.find(" free of "), std::string::npos) << text;
    EXPECT_EQ(error_of([] { device_buffer(f32, {16}); }), "no error");  // the context is as it was
}

}  // namespace
}  // namespace heddle::test
