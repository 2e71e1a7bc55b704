// tests/gradient/scatter_sweep_test.cpp -- a gather by residue classes computes what its scatter does, bit for bit.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "dsl/gather_pipeline.h"
#include "dsl/invert_scatter.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/random_schedule.h"

namespace heddle::test {
namespace {

/// "" when the gather gives what the scatter gives; `poison` puts infinities and NaNs among the inputs.
std::string difference(const std::string& text, bool poison = false) {
    const Pipeline scatter = parse_pipeline(text);
    std::vector<GatherReport> reports;
    const Pipeline gather = gather_pipeline(scatter, &reports);
    if (!reports.at(0).changed) return text + ": " + reports[0].text;
    NamedBuffers inputs = random_inputs(scatter, 7, true);
    if (poison)
        for (auto& [name, buffer] : inputs) {
            std::int64_t count = 0;
            for_each_index(buffer.shape(), [&](const auto& index) {
                if (count++ % 4 == 1) buffer.set(index, std::numeric_limits<double>::infinity());
                if (count % 5 == 2) buffer.set(index, std::numeric_limits<double>::quiet_NaN());
            });
        }
    const std::string output = scatter.outputs[0].name();
    const std::string found =
        first_difference(output, evaluate(gather, inputs).at(output), evaluate(scatter, inputs).at(output));
    return found.empty() ? "" : text + "\n" + print(gather) + found;
}

TEST(ScatterSweep, OneTapVariable) {
    int cases = 0;
    for (const int s : {1, 2, 3, 4, 6, -1, -2, -3})
        for (const int t : {1, 2, 3, 4, -1, -2, -3})
            for (const int c : {-2, 0, 5})
                for (const int taps : {1, 2, 3, 5})
                    for (const int size : {5, 12}) {
                        const std::string text =
                            fmt::format("x: f32[4]; w: f32[{}]; u: f32[{}]\nu[{}*p+{}*r+{}] += x[p] * w[r] | p<4 r<{}",
                                        taps, size, s, t, c, taps);
                        ASSERT_EQ(difference(text), "");
                        ++cases;
                    }
    EXPECT_EQ(cases, 8 * 7 * 3 * 4 * 2);
}

/// A random coefficient, not 0.
std::int64_t coefficient(std::uint64_t& state, std::int64_t limit) {
    const std::int64_t value = random_below(state, 2 * limit) - limit;
    return value < 0 ? value : value + 1;
}

TEST(ScatterSweep, SeveralTapVariables) {
    std::uint64_t state = 1;
    for (int i = 0; i < 400; ++i) {
        const std::string text =
            fmt::format("x: f32[{0},{1},{2}]; u: f32[{3}]\nu[{4}*p+{5}*r+{6}*s+{7}] += x[p,r,s] | p<{0} r<{1} s<{2}",
                        1 + random_below(state, 5), 1 + random_below(state, 4), 1 + random_below(state, 4),
                        1 + random_below(state, 14), coefficient(state, 6), coefficient(state, 6),
                        coefficient(state, 6), random_below(state, 9) - 4);
        ASSERT_EQ(difference(text), "");
    }
}

// One to four dimensions, in which variables may occur several times.
TEST(ScatterSweep, SeveralDimensions) {
    std::uint64_t state = 2;
    for (int i = 0; i < 500; ++i) {
        const std::int64_t rank = 1 + random_below(state, 4), variables = rank + random_below(state, 2);
        std::string shape, reads, shape_u, left, declared;
        for (std::int64_t v = 0; v < variables; ++v) {
            const std::int64_t size = 1 + random_below(state, 4);
            shape += fmt::format("{}{}", v ? "," : "", size);
            declared += fmt::format(" v{}<{}", v, size);
            reads += fmt::format("{}v{}", v ? "," : "", v);
        }
        for (std::int64_t d = 0; d < rank; ++d) {
            shape_u += fmt::format("{}{}", d ? "," : "", 2 + random_below(state, 5));
            left += fmt::format("{}{}*v{}+{}", d ? "," : "", coefficient(state, 2), random_below(state, variables),
                                random_below(state, 5) - 1);
            if (random_below(state, 2))
                left += fmt::format("+{}*v{}", coefficient(state, 3), random_below(state, variables));
        }
        const std::string text =
            fmt::format("x: f32[{}]; u: f32[{}]\nu[{}] += x[{}] |{}", shape, shape_u, left, reads, declared);
        const Pipeline scatter = parse_pipeline(text);
        const InvertedScatter form = invert_scatter(*scatter.stages[0].definition);
        if (form.form == InvertedScatter::Form::scatter || form.form == InvertedScatter::Form::bare) continue;
        ASSERT_EQ(difference(text), "");
    }
}

// Whatever lies beside what an element takes, it does not leak in.
TEST(ScatterSweep, InfinityAndNanStayWhereTheyBelong) {
    for (const char* update : {"+=", "*=", "max=", "min="})
        for (const char* right : {"x[p] * w[r]", "x[p] + w[r]", "2.0 * x[p] - 1.0", "select(1 <= p, x[p-1], w[r])",
                                  "circular(x)[p-1] * w[r]", "reflect(x)[p+r-1]"})
            for (const char* left : {"2*p+r-1", "3*p+2*r-1", "4*p+2*r", "p+2*r", "7-p-r", "(p+1)/2+3*r"})
                ASSERT_EQ(difference(fmt::format("x: f32[7]; w: f32[3]; u: f32[16]\nu[{}] {} {} | p<7 r<3", left,
                                                 update, right),
                                     true),
                          "");
}

TEST(ScatterSweep, TuplesToo) {
    for (const char* left : {"2*p+r-1", "3*p+2*r-1", "4*p+2*r", "7-p-r"})
        EXPECT_EQ(difference(fmt::format("x: f32[7]; w: f32[3]; u: f32[16]; v: f32[16]\n"
                                         "(u[{0}], v[{0}]) reduce two {{(0.0, 0.0); (a, b), (c, d) -> (a + c, b + d)}} "
                                         "(x[p] * w[r], x[p]) | p<7 r<3",
                                         left)),
                  "");
}

}  // namespace
}  // namespace heddle::test
