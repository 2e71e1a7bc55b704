// tests/tools/command_db_train_test.cpp -- heddle db train writes a model beside the database; tune and doctor say so.
#include "dsl/parse.h"
#include "dsl/print.h"
#include "schedules/record.h"
#include "schedules/xgboost.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

class CommandDbTrain : public CommandFixture {
protected:
    /// Products of several sizes with tiles of several widths.
    void record(int sizes, const char* target = "host:avx2,threads=1") const {
        Database database(folder() / "tuning.db");
        for (int size = 1; size <= sizes; ++size) {
            const std::string n = std::to_string(64 * size);
            const Pipeline pipeline = parse_pipeline("x: f32[" + n + ",32]\ny[i] += x[i,k]");
            for (const int tile : {1, 2, 4, 8, 16, 32})
                for (const int unroll : {1, 2, 4}) {
                    const std::string schedule = "y: split(i, " + std::to_string(tile) +
                                                 ") reorder(i.o, k, i.i) unroll(k, " + std::to_string(unroll) +
                                                 ") vectorize(i.i)";
                    database.add({TuningKey::of(pipeline, Target::parse(target)), schedule, TrialStatus::measured, "",
                                  1e-5 * size * tile, 0, 3, "codegen 7", 1, print(pipeline)});
                }
        }
    }
};

TEST_F(CommandDbTrain, writes_a_model_that_searches_use) {
    if (const auto problem = xgboost_problem()) GTEST_SKIP() << *problem;
    record(3);
    expect_contains(heddle("doctor --quick").output, "analytical: there is no learned one");
    const CommandResult trained = heddle("db train --held-back");
    EXPECT_EQ(trained.status, 0) << trained.errors;
    expect_contains(trained.output, "learned from 54 schedules of 3 problems: tuning.host.model.json");
    expect_contains(trained.output, "in the mean of 3: ");
    expect_contains(heddle("doctor --quick").output, "learned from 54 schedules of 3 problems");
    // Wide tiles take longer, it has learned: what it expects of the first candidates is another order.
    const std::string dry = "tune -e 'y[i] += x[i,k]' x=f32:512x32 --target host:avx2,threads=1 --dry-run";
    const std::string learned = heddle(dry).output, analytical = heddle(dry, "HEDDLE_DB=other.db").output;
    EXPECT_NE(learned, analytical);
    std::ofstream(folder() / "tuning.host.model.json") << "{\"learner\"";
    const CommandResult damaged = heddle(dry);
    EXPECT_EQ(damaged.output, analytical);
    expect_contains(damaged.errors, "a learned cost model is not used: tuning.host.model.json: is no model of trees");
    expect_contains(heddle("doctor --quick").output, "analytical: tuning.host.model.json: is no model of trees");
}

TEST_F(CommandDbTrain, refuses_what_teaches_nothing) {
    expect_refusal("db train", "there is no tuning database tuning.db");
    record(1);
    expect_refusal("db train none.db", "there is no database none.db");
    if (const auto problem = xgboost_problem()) GTEST_SKIP() << *problem;
    expect_refusal("db train", "18 measured schedules of 1 problems for host teach nothing");
    expect_refusal("db train --target cuda:sm_90", "0 measured schedules of 0 problems for cuda teach nothing");
    record(3);
    expect_refusal("db train -o /nowhere/model.json", "/nowhere/model.json cannot be written");
}

}  // namespace
}  // namespace heddle::test
