// tests/codegen/atomic_test.cpp -- updates that meet in one element, made atomically by iterations at once.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

const std::string transposed =
    "x: TYPE[2,3,5,6]; v: TYPE[3,4,4,4]; u: TYPE[2,4,10,12]\n"
    "u[n,k,2*p+r-1,2*q+s-1] += x[n,c,p,q] * v[c,k,r,s]";
const std::string histogram = "t: i32[6000]; h: TYPE[5]\nh[index_clamped(t[n],5)] += TYPE(1)";

std::string with_type(std::string text, const std::string& type) {
    for (std::size_t at = text.find("TYPE"); at != std::string::npos; at = text.find("TYPE")) text.replace(at, 4, type);
    return text;
}

class Atomic : public testing::TestWithParam<const char*> {};

// Sums of whole numbers come out the same in any order.
TEST_P(Atomic, GivesWhatEvaluateGives) {
    const std::pair<std::string, std::vector<const char*>> cases[] = {
        {transposed,
         {"atomic()", "atomic() parallel(n)", "atomic() reorder(p, n, k, r, q, s, c) parallel(p)",
          "atomic() reorder(c, n, k, p, r, q, s) parallel(c)", "atomic() split(c, 2) reorder(c.o) parallel(p)",
          "atomic() split(q, 4) fuse({n, k}, m) parallel(m) unroll(q.i, 2)",
          "atomic() fuse({n, k, p, r, q, s}, all) parallel(all) accumulate_in(registers, all)"}},
        {histogram, {"atomic() parallel(n)", "atomic() split(n, 7) parallel(n.o)"}},
        {"x: TYPE[5,300]; u: TYPE[7]\nu[p+r] max= x[p,c] | r<3", {"atomic() parallel(p)", "atomic() parallel(c)"}},
        {"x: TYPE[5,9]; u: TYPE[7]\nu[p+r] min= x[p,c] | r<3", {"atomic() parallel(p)", "atomic() parallel(c)"}},
        {"x: TYPE[8]; u: TYPE[10]\nu[p+r] *= x[p] | r<3", {"atomic() parallel(p)"}},
        {"x: TYPE[40,50]; y: TYPE[6]\ny[n] += x[n+r,c] | r<30", {"atomic() parallel(r)", "atomic() parallel(c)"}},
        {"x: TYPE[6]; b: TYPE[13]; u: TYPE[13]\nu[n] = b[n]\nu[2*p+r-1] += x[p] | r<3", {"u.1: atomic() parallel(p)"}},
    };
    for (const auto& [text, schedules] : cases) {
        const Compiled compiled(with_type(text, GetParam()));
        for (const char* schedule : schedules) EXPECT_EQ(compiled.difference(schedule), "") << schedule;
    }
}
INSTANTIATE_TEST_SUITE_P(Types, Atomic, testing::Values("f32", "f64", "i32", "i64", "f16", "bf16"),
                         [](const auto& info) { return std::string(info.param); });

// 8 tasks of 100000 additions to one element: none is lost.
TEST(AtomicUpdates, LoseNothing) {
    const Compiled compiled("x: f32[8,100000]; u: f32[1]\nu[0*n] += 1.0 + 0.0 * x[n,c]");
    EXPECT_EQ(compiled.expected().at("u").get({0}), 800000);
    EXPECT_EQ(compiled.difference("atomic() split(c, 1) parallel(n) accumulate_in(registers, c.o)"), "");
}

TEST(AtomicUpdates, AreRefusedWhereTheyMeanNothing) {
    const auto refused = [](const std::string& text, const std::string& schedule, const std::string& message) {
        const Pipeline pipeline = parse_pipeline(text);
        expect_refusal([&] { compile_here(pipeline, parse_schedule(schedule)); }, message);
    };
    const std::string scatter = with_type(transposed, "f32");
    refused(scatter, "parallel(p)", "p is parallel: u.0 has computed left indices");
    refused(scatter, "parallel(p)", "and any after atomic()");
    refused("x: f32[5]\ny[n] = x[n]", "atomic()", "y.0 is a =, which writes each element once");
    refused("x: f32[5]; y: f32[5]\ny[n] += x[n]", "atomic()", "y.0 has one writer an element already, y[n]");
    refused(scatter, "atomic() split(s, 4) vectorize(s.i)", "vectorize(s.i): a vector loop is innermost");
    refused(scatter, "atomic() reorder(c, s) vectorize(s)", "an atomic update is of one element");
    refused(
        "x: f32[5,4]; u: f32[6]; v: i64[6]\n"
        "(u[n+r], v[n+r]) reduce argmax {(-inf, -1); (a, u), (b, v) -> (max(a, b), max(u, v))} (x[n,c], c) | r<2",
        "atomic()", "u.0 updates several values at once");
    refused("x: f32[6,40]; b: f32[6]; u: f32[6]\nu[n] = b[n]\nu[n] += x[n,c]", "u.1: atomic()",
            "u.1 starts from u.0 in its accumulator, and atomic updates start from what memory holds: give");
}

}  // namespace
}  // namespace heddle::test
