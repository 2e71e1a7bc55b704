// tests/tools/tune_at_first_use_test.cpp -- compile() tunes where it is told to, and takes what was recorded.
#include <gtest/gtest.h>

#include <cstdlib>

#include "codegen/compile.h"
#include "codegen/provenance.h"
#include "dsl/parse.h"
#include "schedules/record.h"
#include "tests/support/temporary_folder.h"

namespace heddle {
namespace {

class TuneAtFirstUse : public testing::Test {
protected:
    TuneAtFirstUse() {
        setenv("HEDDLE_DB", database().c_str(), 1);
        setenv("HEDDLE_WORKER", HEDDLE_COMMAND, 1);
    }
    ~TuneAtFirstUse() override {
        unsetenv("HEDDLE_DB");
        unsetenv("HEDDLE_WORKER");
    }
    std::filesystem::path database() const { return folder_.path() / "tuning.db"; }
    Kernel kernel(double tune_seconds) const {
        CompileOptions options;
        options.tune_seconds = tune_seconds;
        options.use_cache = false;
        return compile(pipeline_, Target::host(), options);
    }

    test::TemporaryFolder folder_;
    Pipeline pipeline_ = parse_pipeline("x: f32[60,64]\ny: f32[60,64]\ny[i,j] += replicate(x)[i+r-1,j+s-1] | r<3, s<3");
};

TEST_F(TuneAtFirstUse, later_compilations_take_the_record) {
    EXPECT_EQ(kernel(0).report().schedule_source, "default");
    const Kernel tuned = kernel(0.5);
    EXPECT_EQ(tuned.report().schedule_source, "database (exact)");
    const std::int64_t trials = Database(database()).size();
    EXPECT_GE(trials, 1);
    const Kernel later = kernel(0.5);
    EXPECT_EQ(later.report().schedule_source, "database (exact)");
    EXPECT_EQ(later.schedule(), tuned.schedule());
    EXPECT_EQ(Database(database()).size(), trials) << "a record of these versions is not measured again";
}

TEST_F(TuneAtFirstUse, without_the_command_it_is_the_default_with_a_warning) {
    setenv("HEDDLE_WORKER", "/nowhere/heddle", 1);
    testing::internal::CaptureStderr();
    EXPECT_EQ(kernel(0.5).report().schedule_source, "default");
    EXPECT_NE(testing::internal::GetCapturedStderr().find("y is not tuned: candidates are measured in processes"),
              std::string::npos);
}

}  // namespace
}  // namespace heddle
