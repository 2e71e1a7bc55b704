// tests/codegen/sort_points_test.cpp -- scatters whose points are sorted by the element that they update.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

const char* const embedding = "g: f32[40,20]; t: i32[40]; u: f32[9,20]\nu[index(t[n],9),c] += g[n,c]";

NamedBuffers with_indices(const char* text, const std::vector<double>& t) {
    NamedBuffers inputs = random_inputs(parse_pipeline(text), 1, true);
    const auto size = static_cast<std::int64_t>(t.size());
    inputs["t"] = buffer_of(i32, {size}, t);
    return inputs;
}

std::vector<double> indices(std::int64_t count, std::int64_t limit) {
    std::vector<double> values;
    for (std::int64_t i = 0; i < count; ++i) values.push_back(static_cast<double>((i * i + 3 * i) % limit));
    return values;
}

// Floats with fractions: each element sums its points in the order of the definition, to the last bit.
TEST(SortPoints, SumsInTheOrderOfTheDefinition) {
    NamedBuffers inputs = random_inputs(parse_pipeline(embedding), 1);
    inputs["t"] = buffer_of(i32, {40}, indices(40, 9));
    const Compiled compiled(parse_pipeline(embedding), inputs);
    for (const char* schedule : {"sort_points()", "sort_points() parallel(i)",
                                 "sort_points() split(c, 8) reorder(i, c.o, point, c.i) vectorize(c.i)",
                                 "sort_points() split(i, 4) parallel(i.o)", "sort_points() fuse({i, c}, e) parallel(e)",
                                 "sort_points() reorder(i, point, c) accumulate_in(stack, i)"})
        EXPECT_EQ(compiled.difference(schedule), "") << schedule;
}

TEST(SortPoints, OfAllKindsOfIndices) {
    const struct {
        const char* text;
        std::vector<double> t;
    } cases[] = {
        {embedding, std::vector<double>(40, 5)},                                       // all in one
        {"g: f32[1,20]; t: i32[1]; u: f32[9,20]\nu[index(t[n],9),c] += g[n,c]", {8}},  // most have none
        {"g: f32[6]; t: i32[6]; u: f32[4]\nu[index_clamped(t[n],4)] += g[n]", {-9, 0, 3, 4, 99, 1}},
        {"g: f32[6]; t: i32[6]; u: f16[4]\nu[index(t[n],4)] += g[n]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6,3]; t: i32[6]; w: f32[3]; u: f32[4]\nu[index(t[n],4)] += g[n,k] * w[k]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; u: f32[4,6]\nu[index(t[n],4),n] += g[n]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6,3]; t: i32[6]; u: f32[4,2]\nu[index(t[n],4),index(t[m]%2,2)] += g[n,m] | m<3", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; u: f32[4]\nu[index(t[n],4)] max= g[n]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; b: f32[4]; u: f32[4]\nu[i] = b[i]\nu[index(t[n],4)] += g[n]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; b: f16[4]; u: f16[4]\nu[i] = b[i]\nu[index(t[n],4)] += g[n]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; u: f32[4]; v: f32[4]\n(u[index(t[n],4)], v[index(t[n],4)]) reduce two "
         "{(0.0, 0.0); (a, b), (c, d) -> (a + c, b + d)} (g[n], 2.0 * g[n])",
         {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; k: i32[6]; u: f32[4]\nk[n] = 3 - t[n]\nu[index(k[n],4)] += g[n]", {0, 0, 3, 3, 3, 1}},
        {"g: f32[6]; t: i32[6]; u: f32[9]\nu[n*n-2] += g[n] * f32(t[n])", {1, 1, 3, 3, 3, 1}},  // some are dropped
        {"g: f32[6,6]; t: i32[6]; u: f32[9,9]\nu[p+q,p*q%5] += g[p,q] * f32(t[p])", {0, 0, 3, 3, 3, 1}},  // a diagonal
    };
    for (const auto& c : cases) {
        const Compiled compiled(parse_pipeline(c.text), with_indices(c.text, c.t));
        EXPECT_EQ(compiled.difference("sort_points()"), "") << c.text;
        EXPECT_EQ(compiled.difference("sort_points(3)"), "") << c.text;
        EXPECT_EQ(compiled.difference(), "") << c.text;
    }
}

TEST(SortPoints, OfNoPoints) {
    const char* text = "g: f32[0,20]; t: i32[0]; u: f32[9,20]\nu[index(t[n],9),c] += g[n,c]";
    EXPECT_EQ(Compiled(parse_pipeline(text), with_indices(text, {})).difference("sort_points()"), "");
}

TEST(SortPoints, OfSizesKnownAtRunTime) {
    const char* text =
        "N in [1, 4096]\nV in [1, 4096]\ng: f32[N,5]; t: i32[N]; u: f32[V,5]; b: f32[V]\nu[i,c] = b[i]\n"
        "u[index(t[n],V),c] += g[n,c]";
    const Pipeline pipeline = parse_pipeline(text);
    NamedBuffers inputs{
        {"g", Buffer(f32, {40, 5})}, {"t", buffer_of(i32, {40}, indices(40, 9))}, {"b", Buffer(f32, {9})}};
    inputs["g"].fill_random(1, true);
    inputs["b"].fill_random(2, true);
    EXPECT_EQ(Compiled(pipeline, inputs).difference("u.1: sort_points() parallel(i)"), "");
}

TEST(SortPoints, AnIndexOutsideIsAnErrorThatNamesTensorAndValue) {
    const Kernel kernel = compile_here(parse_pipeline(embedding), parse_schedule("sort_points() parallel(i)"));
    std::vector<double> t = indices(40, 9);
    t[7] = 9;
    expect_refusal([&] { run_kernel(kernel, with_indices(embedding, t)); }, "t[7] is 9, outside of [0, 9)");
    t[7] = -1;
    expect_refusal([&] { run_kernel(kernel, with_indices(embedding, t)); }, "t[7] is -1, outside of [0, 9)");
}

TEST(SortPoints, IsRefusedWhereItMeansNothing) {
    const auto refused = [](const char* text, const char* schedule, const char* message) {
        const Pipeline pipeline = parse_pipeline(text);
        expect_refusal([&] { compile_here(pipeline, parse_schedule(schedule)); }, message);
    };
    refused("x: f32[5,4]; y: f32[5]\ny[n] += x[n,c]", "sort_points()", "y.0 has one writer an element already, y[n]");
    refused(embedding, "split(c, 4) sort_points()", "put sort_points() first");
    refused("x: f32[5]; w: f32[3]; u: f32[9]\nu[p+r] += x[p] * w[r]", "cache_in(w, stack, p) sort_points()",
            "put sort_points() first");
    refused("x: f32[5]; h: f32[5]; u: f32[9]\nh[p] = 2.0 * x[p]\nu[p+r] += h[p] | r<3",
            "h: compute_at(u, p); u: sort_points()", "put sort_points() first");
    refused(embedding, "atomic() sort_points()", "u.0 is atomic() already");
    refused(embedding, "sort_points() reorder(point, i)", "point lies outside of i");
    refused(embedding, "sort_points() split(point, 4)", "it stays one serial loop");
    refused(embedding, "sort_points() accumulate_in(registers, point)", "the accumulator of u.0 lies inside of point");
    refused(embedding, "sort_points() parallel(point)", "point is reduced");
    refused(embedding, "sort_points(0)", "lanes must lie in 1 to 1024, not 0");
    refused("g: f32[6]; t: i32[6]; k: i32[6]; u: f32[4]\nk[n] = 3 - t[n]\nu[index(k[n],4)] += g[n]",
            "k: compute_inline()", "k is read in `index(k[n],4)`, which u.0 is written at");
    refused("x: f32[9]; u: i64[12]\nu[2*n+r-1] argmax= x[n] | r<3", "sort_points()",
            "positions of argmax= count the variables absent from the left");
}

}  // namespace
}  // namespace heddle::test
