// tests/codegen/checked_target_test.cpp -- a checked target names the user's tensors and the first bad index.
#include <gtest/gtest.h>

#include "codegen/emit_llvm.h"
#include "codegen/lower.h"
#include "dsl/parse.h"
#include "runtime/llvm_orc.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

const AnyTensor image("image", f32, std::vector<Extent>{2, 13}), out("out", f32, std::vector<Extent>{2, 13});

// out[i, j + written] = image[i, j + read] for j < 13, as statements that nothing has proved.
std::string message_from(std::int64_t written, std::int64_t read, LoopKind kind, const Target& target) {
    const Symbol i("i", SymbolKind::loop), j("j", SymbolKind::loop);
    Map map;
    map.dims = {{i, Expr::integer(2), LoopKind::serial, 1}, {j, Expr::integer(13), kind, 1}};
    map.to = {{out, {Expr(i), Expr(j) + written}}};
    map.values = {load(image, {Expr(i), Expr(j) + read})};
    map.predicate = Expr(true);
    Function function{"moves", {image, out}, {}, Stmt::make(map), 0, {}};
    function = lower(function, target);
    const HostCode code = emit_host({{&function, {}}}, target);
    const auto loaded = load_object(code.object, "test");
    const Buffer x(f32, {2, 13}), y(f32, {2, 13});
    void* addresses[] = {x.data(), y.data()};
    KernelReports reports;
    const heddle::KernelArguments arguments{addresses, nullptr, &thread_pool(), &reports};
    reinterpret_cast<HostFunction>(loaded->address("moves"))(&arguments);
    return reports.failed_check < 0 ? "" : message_of(code.messages, reports);
}

TEST(CheckedTarget, ReportsAccessesOutside) {
    const Target checked = Target::host().checked();
    for (const LoopKind kind : {LoopKind::serial, LoopKind::vectorized, LoopKind::unrolled}) {
        EXPECT_EQ(message_from(0, 2, kind, checked), "image is read at [0, 13], outside of its shape [2, 13]");
        EXPECT_EQ(message_from(0, -1, kind, checked), "image is read at [0, -1], outside of its shape [2, 13]");
        EXPECT_EQ(message_from(1, 0, kind, checked), "out is written at [0, 13], outside of its shape [2, 13]");
        EXPECT_EQ(message_from(0, 0, kind, checked), "");
    }
}

TEST(CheckedTarget, TakesANaNResultForWhatItIs) {
    const Compiled compiled(parse_pipeline("x: f32[4]; y: f32[4]\ny[i] = sqrt(x[i]) / (x[i] - x[i])"),
                            {{"x", buffer_of(f32, {4}, {-1, 0, 4, -0.0})}});
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
}

TEST(CheckedTarget, GivesTheSameResults) {
    const Compiled compiled(
        "x: f32[2,7,9,5]; w: f32[6,3,3,5]; b: f32[6]; y: f32[2,7,9,6]\ny[n,p,q,k] = b[k]\n"
        "y[n,p,q,k] += reflect(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]\nz[n,p,q,k] = max(y[n,p,q,k], 0.0)");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
    EXPECT_EQ(compiled.difference(Schedule(), Target::host().checked()), "");
}

// Points that a skip read leaves out of an `=` leave 0 behind.
TEST(CheckedTarget, FindsEveryElementWritten) {
    const Compiled compiled("x: f32[9]; y: f32[11]\ny[n] = skip(x)[n-1]");
    EXPECT_EQ(compiled.difference(std::nullopt, Target::host().checked()), "");
    EXPECT_EQ(compiled.difference("y.0: vectorize(n)"), "");
    // So do they where the `=` stands in another stage, or starts a sum.
    const Compiled more(
        "x: f32[9]; h: f32[11]; s: f32[11]; y: f32[11]\nh[n] = skip(x)[n-1] + 1.0\n"
        "s[n] = skip(x)[n-1]\ns[n] += h[n] * x[r]\ny[n] = s[n] + skip(x)[n-2]");
    EXPECT_EQ(more.difference(Schedule()), "");
    EXPECT_EQ(more.difference("h.0: compute_inline(); y.0: fuse_epilogue()"), "");
}

}  // namespace
}  // namespace heddle::test
