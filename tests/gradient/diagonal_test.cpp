// tests/gradient/diagonal_test.cpp -- a variable in several left indices: guards, else sorted points, with the reason.
#include <gtest/gtest.h>

#include "dsl/gather_pipeline.h"
#include "dsl/parse.h"
#include "schedules/scatter_schedule.h"
#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

struct Case {
    const char *name, *text, *report;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }

class Diagonal : public testing::TestWithParam<Case> {};

TEST_P(Diagonal, IsReportedAndComputed) {
    const Pipeline pipeline = parse_pipeline(GetParam().text);
    std::vector<GatherReport> reports;
    gather_pipeline(pipeline, &reports);
    EXPECT_NE(reports[0].text.find(GetParam().report), std::string::npos) << reports[0].text;
    EXPECT_NE(reports[0].text.find("no atomics"), std::string::npos) << reports[0].text;
    const Compiled compiled(pipeline);
    EXPECT_EQ(compiled.difference(), "");
    if (scatters_of(pipeline).empty()) return;
    for (const ScatterForm form : {ScatterForm::serial, ScatterForm::atomic, ScatterForm::sorted})
        EXPECT_EQ(compiled.difference(scatter_schedule(pipeline, Target::host(), form)), "") << name_of(form);
}

const Case cases[] = {
    {"main", "x: f32[8]; u: f32[8,8]\nu[p,p] += x[p]", "gather, 1 class, 1 tap a point"},
    {"beside", "x: f32[8]; u: f32[8,8]\nu[p,p+r] += x[p] | r<3", "gather, 1 class"},
    {"both_ways", "x: f32[6]; u: f32[8,8]\nu[p+r,p-r] += x[p] | r<3", "gather, 2 classes, 3/2 taps a point"},
    {"steep", "x: f32[6]; u: f32[20,8]\nu[2*p,3*p+r] += x[p] | r<2", "keep their index"},
    {"sheared", "x: f32[6,6]; u: f32[8,8]\nu[p+q,p+2*q] += x[p,q]", "gather, 2 classes, 3 taps a point"},
    {"largest", "x: f32[8,3]; u: f32[8,8]\nu[p,p] max= x[p,r]", "gather, 1 class"},
    {"digits", "x: f32[6,6]; u: f32[8]\nu[p%3+q] += x[p,q]", "gather, 1 class, 3 taps a point"},
    {"squares", "x: f32[6]; u: f32[40]\nu[p*p] += x[p]",
     "points sorted by element, no atomics unless atomic() names them: "
     "dimension 0 is written at `p * p`"},
    {"halved", "x: f32[6,6]; u: f32[8,8]\nu[(p+q)/2,(p-q)/2] += x[p,q]", "dimension 0 is written at `(p + q) / 2`"},
};
INSTANTIATE_TEST_SUITE_P(All, Diagonal, testing::ValuesIn(cases),
                         [](const auto& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace heddle::test
