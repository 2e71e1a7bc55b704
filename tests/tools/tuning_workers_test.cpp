// tests/tools/tuning_workers_test.cpp -- a candidate that crashes, hangs or is wrong costs itself, and says why.
#include <gtest/gtest.h>

#include <map>

#include "codegen/tuning/measure.h"
#include "codegen/tuning/sample_inputs.h"
#include "dsl/parse.h"
#include "runtime/error.h"
#include "runtime/timer.h"

namespace heddle {
namespace {

class TuningWorkers : public testing::Test {
protected:
    Pipeline pipeline_ = parse_pipeline("x: f32[60,64]\ny: f32[60,64]\ny[i,j] = 2 * x[i,j]");
    Target target_ = Target::host();
    WorkerOptions options_;
    std::map<std::string, Measurement> results_;
    std::vector<std::string> order_;

    TuningWorkers() {
        options_.program = HEDDLE_FAULTY_WORKER;
        options_.run_seconds = 0.5;
        options_.workers = 2;
    }
    TuningJob job() const { return make_tuning_job(pipeline_, target_, sample_inputs(pipeline_, 1), 1); }
    MeasureRequest request(const std::vector<std::string>& texts) {
        MeasureRequest request;
        for (const std::string& text : texts) request.schedules.push_back(parse_schedule(text));
        request.best = 1e-3;
        request.done = [this, texts](std::size_t i, const Measurement& m) {
            EXPECT_EQ(results_.count(texts[i]), 0u) << texts[i] << " is told twice";
            results_[texts[i]] = m;
        };
        return request;
    }
};

TEST_F(TuningWorkers, each_fault_costs_one_candidate_and_is_told) {
    const Measure measure = measure_in_workers(job(), options_);
    measure(request({"split(j, 2)", "split(j, 3)", "split(j, 4)", "split(j, 5)", "split(j, 6)", "split(j, 7)",
                     "split(j, 8)", "split(z, 2)"}));
    ASSERT_EQ(results_.size(), 8u);
    for (const char* good : {"split(j, 2)", "split(j, 4)", "split(j, 8)"}) {
        EXPECT_EQ(results_[good].status, TrialStatus::measured) << results_[good].reason;
        EXPECT_GT(results_[good].seconds, 0);
        EXPECT_GE(results_[good].repetitions, 1);
    }
    EXPECT_EQ(results_["split(j, 3)"].status, TrialStatus::failed);
    EXPECT_EQ(results_["split(j, 3)"].reason, "killed by signal 11 (Segmentation fault)");
    EXPECT_EQ(results_["split(j, 5)"].status, TrialStatus::failed);
    EXPECT_EQ(results_["split(j, 5)"].reason, "no result in 0.5 s");
    EXPECT_EQ(results_["split(j, 6)"].status, TrialStatus::wrong);
    EXPECT_NE(results_["split(j, 6)"].reason.find("y: relative L2 error"), std::string::npos);
    EXPECT_EQ(results_["split(j, 7)"].status, TrialStatus::failed);
    EXPECT_EQ(results_["split(j, 7)"].reason, "killed by signal 6 (Aborted): compiler: out of registers, compiling");
    EXPECT_EQ(results_["split(z, 2)"].status, TrialStatus::illegal);
}

TEST_F(TuningWorkers, what_was_measured_can_be_measured_again_after_a_fault) {
    const Measure measure = measure_in_workers(job(), options_);
    for (int turn = 0; turn < 3; ++turn) {
        results_.clear();
        measure(request({"split(j, 2)", "split(j, 4)", "split(j, 3)"}));
        EXPECT_EQ(results_["split(j, 2)"].status, TrialStatus::measured);
        EXPECT_EQ(results_["split(j, 4)"].status, TrialStatus::measured);
        EXPECT_EQ(results_["split(j, 3)"].status, TrialStatus::failed);
    }
}

TEST_F(TuningWorkers, times_count_by_their_ratio_to_the_leader_that_is_timed_again) {
    const Measure measure = measure_in_workers(job(), options_);
    measure(request({"split(j, 2)", "split(j, 4)"}));
    const double before = results_["split(j, 2)"].seconds;
    results_.clear();
    MeasureRequest later = request({"split(j, 8)"});
    later.leader = parse_schedule("split(j, 2)");
    later.best = 1000 * before;  // as if the machine were a thousand times as fast now
    measure(later);
    ASSERT_EQ(results_.size(), 1u);  // the leader's own time is not told
    EXPECT_GT(results_["split(j, 8)"].seconds, 50 * before);
}

TEST_F(TuningWorkers, a_stop_leaves_the_rest_unmeasured_and_does_not_wait_for_a_hang) {
    options_.run_seconds = 600;
    const Measure measure = measure_in_workers(job(), options_);
    MeasureRequest hanging = request({"split(j, 5)", "split(j, 2)"});
    const Timer timer;
    hanging.stop = [&] { return timer.seconds() > 1; };
    measure(hanging);
    EXPECT_LT(timer.seconds(), 60);
    EXPECT_EQ(results_.count("split(j, 5)"), 0u);
    results_.clear();
    measure(request({"split(j, 2)"}));
    EXPECT_EQ(results_["split(j, 2)"].status, TrialStatus::measured);
}

TEST_F(TuningWorkers, a_program_that_is_none_is_a_users_error) {
    options_.program = "/nowhere/heddle";
    const auto refusal = [&] {
        try {
            measure_in_workers(job(), options_)(request({"split(j, 2)"}));
        } catch (const UserError& error) {
            return error.message();
        }
        return std::string("none");
    };
    EXPECT_EQ(refusal(),
              "candidates are measured in processes of the heddle command, which is not there: /nowhere/heddle; "
              "HEDDLE_WORKER names it");
    options_.program = "/bin/false";
    EXPECT_EQ(refusal(), "/bin/false does not work as a process to measure in: it ended with status 1");
}

}  // namespace
}  // namespace heddle
