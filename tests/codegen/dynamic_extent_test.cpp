// tests/codegen/dynamic_extent_test.cpp -- one kernel for several sizes of its leading dimension.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

struct Case {
    const char* name;
    const char* text;
    const char* schedule;  // "default", or directives
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

constexpr const char* conv =
    "N in [0,64]\nx: f32[N,7,9,5]; w: f32[6,3,3,5]; y: f32[N,7,9,6]\n"
    "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]";
constexpr const char* rows = "N in [0,64]\nx: f32[N,21]\nm[n] max= x[n,c]\ny[n,c] = x[n,c] - m[n]";
constexpr const char* inner = "N in [0,64]\nx: f32[3,N]; y: f32[3,N]\ny[i,j] = zero(x)[i,j-1] + replicate(x)[i,j+2]";
constexpr const char* reduced = "N in [0,64]\nx: f32[N,3]; y: f32[3]\ny[j] += x[n,j]";
constexpr const char* twice = "N in [0,64]\nx: f32[2*N+1,4]; y: f32[N,4]\ny[n,c] += x[2*n+r,c] | r<3";

const Case cases[] = {
    {"conv", conv, "default"},
    {"conv_plain", conv, ""},
    {"conv_split", conv, "y.0: split(n, 4) parallel(n.o)"},
    {"conv_peeled", conv, "y.0: split(n, 4, tail=peel) reorder(n.o, p, q, k, r, s, c, n.i)"},
    {"conv_fused", conv, "y.0: fuse({n, p}, m) parallel(m) partition(q)"},
    {"rows", rows, "default"},
    {"rows_unrolled", rows, "m.0: unroll(n, 4); y.0: split(c, 8) vectorize(c.i) parallel(n)"},
    {"inner", inner, "default"},
    {"inner_in_lanes", inner, "y.0: split(j, 8) vectorize(j.i) partition(j.o)"},
    {"reduced", reduced, "default"},
    {"reduced_unrolled", reduced, "y.0: split(n, 4) unroll(n.i)"},
    {"twice", twice, "default"},
};

class DynamicExtent : public testing::TestWithParam<Case> {};

TEST_P(DynamicExtent, OneKernelFitsAll) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    std::optional<Schedule> schedule;
    if (std::string(GetParam().schedule) != "default") schedule = parse_schedule(GetParam().schedule);
    const Kernel kernel = compile_here(pipeline, schedule);
    const Symbol size = pipeline.parameters.at(0);
    for (const std::int64_t n : {7, 1, 16, 0, 33, 7}) {
        const auto make = [&](const AnyTensor& tensor) {
            std::vector<std::int64_t> shape;
            for (const Extent& extent : tensor.shape())
                shape.push_back(simplify(substitute(extent.expr(), {{size, Expr::integer(n)}})).as<IntImm>()->value);
            const Buffer buffer(tensor.type(), shape);
            buffer.fill_random(static_cast<std::uint64_t>(n) + 1, true);
            return buffer;
        };
        NamedBuffers inputs;
        for (const AnyTensor& input : pipeline.inputs) inputs[input.name()] = make(input);
        std::vector<std::pair<std::string, Buffer>> arguments(inputs.begin(), inputs.end());
        const Buffer y = make(pipeline.outputs[0]);
        y.poison();
        arguments.emplace_back("y", y);
        // The largest of nothing is no number: both refuse.
        if (n == 0 && GetParam().text == std::string(rows)) continue;
        kernel(arguments);
        EXPECT_EQ(first_difference("y", y, evaluate(pipeline, inputs).at("y")), "") << "N = " << n;
    }
}
INSTANTIATE_TEST_SUITE_P(All, DynamicExtent, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(DynamicExtent, SizesThatDoNotFitAreRefused) {
    const Kernel kernel = compile_here(parse_pipeline("N in [1,64]\nx: f32[N,3]; y: f32[N]\ny[n] += x[n,c]"));
    expect_refusal([&] { kernel({{"x", Buffer(f32, {4, 3})}, {"y", Buffer(f32, {5})}}); }, "y");
    expect_refusal([&] { kernel({{"x", Buffer(f32, {65, 3})}, {"y", Buffer(f32, {65})}}); }, "N");
}

}  // namespace
}  // namespace heddle::test
