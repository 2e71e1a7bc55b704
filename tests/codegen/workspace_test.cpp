// tests/codegen/workspace_test.cpp -- scratch memory of the caller: how much, what is refused, and what is kept in it.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

class CallersWorkspace : public testing::Test {
protected:
    CallersWorkspace() {
        a.fill_random(1, true);
        b.fill_random(2, true);
    }
    /// Runs with scratch in `bytes` of memory from `offset` on.
    std::string run(std::int64_t bytes, std::int64_t offset = 0) {
        return error_of([&] { kernel.run(std::vector{a, b, c}, nullptr, memory + offset, bytes); });
    }
    std::string difference() const {
        return first_difference("c", c, evaluate(kernel.pipeline(), {{"a", a}, {"b", b}}).at("c"));
    }

    Kernel kernel = compile_here(parse_pipeline("a: f32[5,6]; b: f32[6,16]\nc[i,j] += a[i,k] * b[k,j]"),
                                 parse_schedule("c.0: split(j, 8) reorder(j.o, i, k, j.i) vectorize(j.i) "
                                                "pack(b, {j.o, k, j.i})"));
    Buffer a{f32, {5, 6}}, b{f32, {6, 16}}, c{f32, {5, 16}};
    alignas(256) std::byte memory[1024] = {};
};

TEST_F(CallersWorkspace, HoldsWhatTheCallNeeds) {
    EXPECT_EQ(kernel.workspace_bytes(), 512);  // 96 elements of 4 bytes, up to a multiple of 256
    EXPECT_EQ(run(512), "no error");
    EXPECT_EQ(difference(), "");
}

TEST_F(CallersWorkspace, TooSmallOrNotAligned) {
    EXPECT_EQ(run(511), "a workspace of 511 B was given, the call needs 512 B for b_packed f32 2x6x8");
    EXPECT_NE(run(512, 64).find("does not start at a multiple of 256 B"), std::string::npos) << run(512, 64);
    EXPECT_EQ(error_of([&] {
                  kernel.run(std::vector{a, b, c}, nullptr, nullptr, 512);
              }),
              "a workspace of 512 B was given without memory");
}

TEST_F(CallersWorkspace, NothingIsKeptInIt) {
    kernel.declare_constant("b");
    run(512);
    std::fill(std::begin(memory), std::end(memory), std::byte{0xA5});
    run(512);
    EXPECT_EQ(difference(), "");
}

TEST_F(CallersWorkspace, OfAKernelWithoutScratch) {
    const Kernel plain = compile_here(parse_pipeline("x: f32[4]\ny[i] = 2 * x[i]"));
    EXPECT_EQ(plain.workspace_bytes(), 0);
    const Buffer x(f32, {4}), y(f32, {4});
    x.fill(3);
    plain.run(std::vector{x, y}, nullptr, nullptr, 0);
    EXPECT_EQ(y.get({3}), 6);
}

TEST_F(CallersWorkspace, OfRunTimeSizesIsForTheBuffers) {
    const Kernel sized = compile_here(
        parse_pipeline("N in [1, 100]; a: f32[5,N]; b: f32[N,16]\nc[i,j] += a[i,k] * b[k,j]"), kernel.schedule());
    EXPECT_EQ(sized.workspace_bytes(std::vector{a, b, c}), 512);
    EXPECT_EQ(error_of([&] { sized.workspace_bytes(); }), "the kernel takes 3 buffers (a, b, c), 0 were given");
    sized.run(std::vector{a, b, c}, nullptr, memory, 512);
    EXPECT_EQ(difference(), "");
}

}  // namespace
}  // namespace heddle::test
