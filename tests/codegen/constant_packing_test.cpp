// tests/codegen/constant_packing_test.cpp -- packed copies of inputs are kept while these are declared constant.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "dsl/parse.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

class ConstantPacking : public testing::Test {
protected:
    ConstantPacking() {
        a.fill_random(1, true);
        b.fill_random(2, true);
    }
    double corner() {
        kernel({{"a", a}, {"b", b}, {"c", c}});
        return c.get({0, 0});
    }
    double wanted() const { return evaluate(kernel.pipeline(), {{"a", a}, {"b", b}}).at("c").get({0, 0}); }

    Kernel kernel = compile_here(parse_pipeline("a: f32[5,6]; b: f32[6,16]\nc[i,j] += a[i,k] * b[k,j]"),
                                 parse_schedule("c.0: split(j, 8) reorder(j.o, i, k, j.i) vectorize(j.i) "
                                                "pack(b, {j.o, k, j.i})"));
    Buffer a{f32, {5, 6}}, b{f32, {6, 16}}, c{f32, {5, 16}};
};

TEST_F(ConstantPacking, WithoutADeclarationEachCallPacks) {
    corner();
    b.fill(2);
    EXPECT_EQ(corner(), wanted());
}

TEST_F(ConstantPacking, DeclaredOnesArePackedOnce) {
    kernel.declare_constant("b");
    const double first = corner();
    EXPECT_EQ(first, wanted());
    b.fill(2);
    EXPECT_EQ(corner(), first);  // the promise was broken, and not told
    kernel.invalidate("b");
    EXPECT_EQ(corner(), wanted());
}

TEST_F(ConstantPacking, OtherMemoryIsPackedAnew) {
    kernel.declare_constant("b");
    corner();
    b = Buffer(f32, {6, 16});
    b.fill(3);
    EXPECT_EQ(corner(), wanted());
}

TEST_F(ConstantPacking, AnotherViewOfTheSameMemoryIsPackedAnew) {
    const Buffer memory(f32, {16 * 16});
    memory.fill_random(4, true);
    kernel.declare_constant("b");
    b = Buffer(f32, {6, 16}, memory.data());
    corner();
    b = Buffer(f32, {6, 16}, memory.data(), {1, 6});
    corner();
    EXPECT_EQ(first_difference("c", c, evaluate(kernel.pipeline(), {{"a", a}, {"b", b}}).at("c")), "");
}

TEST_F(ConstantPacking, InvalidateReachesWorkspacesInUse) {
    kernel.declare_constant("b");
    std::atomic<bool> stop = false;
    std::thread other([&] {
        const Buffer mine(f32, {5, 16});
        while (!stop) kernel({{"a", a}, {"b", b}, {"c", mine}});
    });
    for (int i = 0; i < 50; ++i) {
        const Buffer mine(f32, {5, 16});
        kernel({{"a", a}, {"b", b}, {"c", mine}});
    }
    stop = true;
    other.join();
    b.fill(7);
    kernel.invalidate("b");
    for (int i = 0; i < 4; ++i) EXPECT_EQ(corner(), wanted());
}

}  // namespace
}  // namespace heddle::test
