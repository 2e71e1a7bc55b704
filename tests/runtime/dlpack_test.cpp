// tests/runtime/dlpack_test.cpp -- tensors of other libraries as buffers, buffers as theirs: views, ownership,
// refusals.
#include "runtime/dlpack.h"

#if __has_include(<dlpack/dlpack.h>)
#include <dlpack/dlpack.h>
#endif

#include "runtime/dlpack_layout.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

#if __has_include(<dlpack/dlpack.h>)
static_assert(sizeof(DLManagedTensor) == sizeof(dlpack::ManagedTensor));
static_assert(offsetof(DLTensor, ndim) == offsetof(dlpack::Tensor, rank));
static_assert(offsetof(DLTensor, byte_offset) == offsetof(dlpack::Tensor, byte_offset));
static_assert(offsetof(DLManagedTensor, deleter) == offsetof(dlpack::ManagedTensor, release));
static_assert(kDLBfloat == dlpack::brain_floating && kDLCUDA == dlpack::cuda && kDLCUDAManaged == dlpack::cuda_managed);
#endif

/// A tensor as another library makes it: f32 2x3 over 0, 1, 2, ...
struct Foreign {
    float values[16];
    std::int64_t shape[2] = {2, 3}, strides[2] = {3, 1};
    int released = 0;
    dlpack::ManagedTensor managed{};

    Foreign() {
        for (int i = 0; i < 16; ++i) values[i] = static_cast<float>(i);
        managed.tensor = {values, {dlpack::cpu, 0}, 2, {dlpack::floating, 32, 1}, shape, strides, 0};
        managed.owner = this;
        managed.release = [](dlpack::ManagedTensor* tensor) { ++static_cast<Foreign*>(tensor->owner)->released; };
    }
    DLManagedTensor* tensor() { return reinterpret_cast<DLManagedTensor*>(&managed); }
    std::string refusal() {
        const std::string text = error_of([&] { from_dlpack(tensor()); });
        EXPECT_EQ(released, 0) << "a refused tensor stays the caller's";
        return text;
    }
};

TEST(dlpack, a_tensor_is_a_view_and_is_released_with_the_last_copy) {
    Foreign foreign;
    {
        Buffer copy;
        {
            const Buffer buffer = from_dlpack(foreign.tensor());
            EXPECT_EQ(describe(buffer), "f32 2x3");
            EXPECT_EQ(buffer.get({1, 2}), 5);
            buffer.set({0, 1}, 50);
            copy = buffer.permuted({1, 0});
        }
        EXPECT_EQ(foreign.released, 0);
        EXPECT_EQ(copy.get({1, 0}), 50);
    }
    EXPECT_EQ(foreign.released, 1);
    EXPECT_EQ(foreign.values[1], 50);
}

TEST(dlpack, strides_given_or_not_and_an_offset) {
    Foreign foreign;
    foreign.strides[0] = 1, foreign.strides[1] = 2;
    foreign.managed.tensor.byte_offset = 4;
    EXPECT_EQ(from_dlpack(foreign.tensor()).get({1, 2}), 1 + 1 + 4);
    foreign.managed.tensor.strides = nullptr;
    EXPECT_EQ(from_dlpack(foreign.tensor()).get({1, 2}), 1 + 5);
    foreign.managed.tensor.rank = 0;
    EXPECT_EQ(from_dlpack(foreign.tensor()).get({}), 1);
    foreign.managed.release = nullptr;
    EXPECT_EQ(from_dlpack(foreign.tensor()).rank(), 0);
}

TEST(dlpack, devices) {
    Foreign foreign;
    const auto device = [&](std::int32_t kind) {
        foreign.managed.tensor.device = {kind, 3};
        return from_dlpack(foreign.tensor()).device();
    };
    EXPECT_EQ(device(dlpack::cpu), std::nullopt);
    EXPECT_EQ(device(dlpack::cuda_host), std::nullopt);
    EXPECT_EQ(device(dlpack::cuda), 3);
    EXPECT_EQ(device(dlpack::cuda_managed), 3);
    foreign.released = 0;
    foreign.managed.tensor.device = {10, 0};
    EXPECT_EQ(foreign.refusal(),
              "DLPack tensor: it lies on a device of kind 10; taken are the host (1, 3) and CUDA devices (2, 13)");
}

TEST(dlpack, what_makes_no_view_is_refused) {
    Foreign foreign;
    dlpack::Tensor& tensor = foreign.managed.tensor;
    EXPECT_EQ(error_of([] { from_dlpack(nullptr); }), "DLPack tensor: a null pointer");
    tensor.type.lanes = 4;
    EXPECT_EQ(foreign.refusal(), "DLPack tensor: its elements are vectors of 4 lanes; only single values are taken");
    tensor.type = {dlpack::unsigned_integer, 64, 1};
    EXPECT_EQ(foreign.refusal(),
              "DLPack tensor: its element type has code 1 and 64 bits, which is none of " + all_type_names());
    tensor.type = {dlpack::floating, 32, 1};
    foreign.shape[1] = -3;
    EXPECT_EQ(foreign.refusal(), "DLPack tensor: its extent -3 in dimension 1 is negative");
    foreign.shape[1] = 3;
    tensor.data = nullptr;
    EXPECT_EQ(foreign.refusal(), "DLPack tensor: of 6 elements, it has no memory");
    tensor.shape = nullptr;
    EXPECT_EQ(foreign.refusal(), "DLPack tensor: of rank 2, it has no shape");
    tensor.rank = -1;
    EXPECT_EQ(foreign.refusal(), "DLPack tensor: its rank is -1");
}

class dlpack_types : public testing::TestWithParam<ScalarType> {};

TEST_P(dlpack_types, come_back_and_keep_the_memory) {
    DLManagedTensor* tensor = nullptr;
    {
        const Buffer buffer(GetParam(), {4, 3});
        buffer.fill(1);
        tensor = to_dlpack(buffer.permuted({1, 0}));
    }
    const Buffer back = from_dlpack(tensor);
    EXPECT_EQ(back.type(), GetParam());
    EXPECT_EQ(back.shape(), (std::vector<std::int64_t>{3, 4}));
    EXPECT_EQ(back.strides(), (std::vector<std::int64_t>{1, 3}));
    EXPECT_EQ(back.get({2, 3}), 1);
}

INSTANTIATE_TEST_SUITE_P(all, dlpack_types, testing::Values(f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean),
                         [](const auto& info) { return std::string(name_of(info.param)); });

TEST(dlpack, a_buffer_without_memory_is_not_handed_out) {
    EXPECT_EQ(error_of([] { to_dlpack(Buffer(f32, {2, 2}, nullptr)); }), "buffer f32 2x2 has no memory");
    DLManagedTensor* const empty = to_dlpack(Buffer(f32, {0, 2}, nullptr));
    EXPECT_EQ(from_dlpack(empty).elements(), 0);
}

}  // namespace
}  // namespace heddle::test
