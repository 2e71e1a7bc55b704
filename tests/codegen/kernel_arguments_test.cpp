// tests/codegen/kernel_arguments_test.cpp -- what a kernel says about the buffers it is given.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

class KernelArguments : public testing::Test {
protected:
    Kernel kernel = compile_here(parse_pipeline("x: f32[4,3]; w: i32[4]; y: f32[4,3]\ny[i,j] = x[i,j] * f32(w[i])"));
    Buffer x{f32, {4, 3}}, w{i32, {4}}, y{f32, {4, 3}};
};

TEST_F(KernelArguments, RightOnesAreTakenInAnyOrder) {
    EXPECT_NO_THROW(kernel({{"y", y}, {"w", w}, {"x", x}}));
    EXPECT_NO_THROW(kernel.run(std::vector{x, w, y}));
}
TEST_F(KernelArguments, Missing) {
    EXPECT_EQ(error_of([&] { kernel({{"x", x}, {"y", y}}); }), "buffer w is missing: the kernel takes x, w, y");
}
TEST_F(KernelArguments, Unknown) {
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", w}, {"z", y}});
              }),
              "the kernel has no buffer z: it takes x, w, y");
}
TEST_F(KernelArguments, Twice) {
    EXPECT_EQ(error_of([&] { kernel({{"x", x}, {"w", w}, {"x", x}, {"y", y}}); }), "buffer x is given twice");
}
TEST_F(KernelArguments, WrongType) {
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", Buffer(f32, {4})}, {"y", y}});
              }),
              "w is i32, the buffer given is f32 4");
}
TEST_F(KernelArguments, WrongShape) {
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", Buffer(f32, {3, 4})}, {"w", w}, {"y", y}});
              }),
              "x has shape [4,3], the buffer given is f32 3x4");
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", Buffer(f32, {4, 3, 1})}, {"w", w}, {"y", y}});
              }),
              "x has shape [4,3], the buffer given is f32 4x3x1");
}
TEST_F(KernelArguments, Overlap) {
    const Buffer shifted(f32, {4, 3}, x.as<float>() + 3, {1, 2});
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", w}, {"y", shifted}});
              }),
              "output y overlaps x in memory: give it memory of its own");
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", w}, {"y", x}});
              }),
              "output y overlaps x in memory: give it memory of its own");
    EXPECT_NO_THROW(kernel({{"x", x}, {"w", Buffer(i32, {4}, x.data())}, {"y", y}}));  // inputs may share
}
TEST_F(KernelArguments, NoMemory) {
    EXPECT_EQ(error_of([&] {
                  kernel({{"x", x}, {"w", w}, {"y", Buffer(f32, {4, 3}, nullptr)}});
              }),
              "y: the buffer given has no memory");
}
TEST_F(KernelArguments, WrongNumberByPosition) {
    EXPECT_EQ(error_of([&] { kernel.run(std::vector{x, y}); }), "the kernel takes 3 buffers (x, w, y), 2 were given");
}
TEST_F(KernelArguments, NothingIsWrittenWhenRefused) {
    y.fill(5);
    error_of([&] { kernel({{"x", x}, {"w", Buffer(i32, {5})}, {"y", y}}); });
    EXPECT_EQ(y.get({2, 1}), 5);
}
TEST_F(KernelArguments, OnlyInputsAreConstant) {
    EXPECT_NO_THROW(kernel.declare_constant("w"));
    EXPECT_EQ(error_of([&] { kernel.declare_constant("y"); }),
              "declare_constant: the kernel has no input y: it takes x, w, y");
}

}  // namespace
}  // namespace heddle::test
