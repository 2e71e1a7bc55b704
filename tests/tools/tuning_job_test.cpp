// tests/tools/tuning_job_test.cpp -- a job is the same in the process that it is handed to.
#include <gtest/gtest.h>

#include "codegen/tuning/job.h"
#include "codegen/tuning/sample_inputs.h"
#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

class TuningJobText : public testing::TestWithParam<const char*> {};

TEST_P(TuningJobText, reads_back) {
    const Pipeline pipeline = parse_pipeline(GetParam());
    const TuningJob job = make_tuning_job(pipeline, Target::host(), sample_inputs(pipeline, 3), 7);
    const SharedJob shared = share(job);
    const TuningJob read = open_shared_job(shared.memory->get(), shared.head);
    EXPECT_EQ(print(read.pipeline), print(job.pipeline));
    EXPECT_EQ(read.target.text(), job.target.text());
    ASSERT_EQ(read.inputs.size(), job.inputs.size());
    for (const auto& [name, buffer] : job.inputs) EXPECT_EQ(compare(read.inputs.at(name), buffer).different, 0) << name;
    ASSERT_EQ(read.expected.size(), job.expected.size());
    for (std::size_t i = 0; i < job.expected.size(); ++i) {
        EXPECT_EQ(read.expected[i].points, job.expected[i].points);
        EXPECT_EQ(read.expected[i].values, job.expected[i].values);
    }
}

INSTANTIATE_TEST_SUITE_P(all, TuningJobText,
                         testing::Values("x: f32[60,64]\ny: f32[60,64]\ny[i,j] = 2 * x[i,j]",
                                         "x: f16[4,9,9,8]\nw: f16[8,3,3,8]\ny: f32[4,9,9,8]\n"
                                         "y[n,p,q,k] += zero(x)[n,p+r-1,q+s-1,c] * w[k,r,s,c]",
                                         "x: f32[30,10]\nt: i32[50]\ny: f32[50,10]\ny[n,c] = x[index(t[n],30),c]",
                                         "x: f32[]\ny: f32[]\ny[] = x[] + 1"));

}  // namespace
}  // namespace heddle
