// tests/runtime/nvrtc_version_test.cpp -- NVRTC's version is remembered while its file is the same.
#include "runtime/nvrtc_version.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "runtime/nvrtc.h"
#include "tests/support/error_text.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {
namespace {

class nvrtc_version_note : public testing::Test {
protected:
    /// No library, so that opening it would throw.
    void SetUp() override {
        if (const char* value = std::getenv("HEDDLE_NVRTC")) before_ = value;
        std::ofstream(file_) << "no library";
        setenv("HEDDLE_NVRTC", file_.c_str(), 1);
    }
    void TearDown() override {
        before_.empty() ? unsetenv("HEDDLE_NVRTC") : setenv("HEDDLE_NVRTC", before_.c_str(), 1);
    }

    TemporaryFolder folder_;
    KernelCache cache_{folder_.path() / "cache"};
    std::filesystem::path file_ = folder_.path() / "libnvrtc.so";
    std::string before_;
};

TEST_F(nvrtc_version_note, stands_for_opening_the_library) {
    expect_refusal([&] { remembered_nvrtc_version(cache_); }, "no NVRTC at HEDDLE_NVRTC=");
    remember_nvrtc_version(cache_, file_, "99.1");
    EXPECT_EQ(remembered_nvrtc_version(cache_), "99.1");
    EXPECT_EQ(remembered_nvrtc_version(KernelCache(folder_.path() / "cache")), "99.1");
}

TEST_F(nvrtc_version_note, is_of_no_use_once_the_file_is_another) {
    remember_nvrtc_version(cache_, file_, "99.1");
    std::ofstream(file_) << "another library";
    expect_refusal([&] { remembered_nvrtc_version(cache_); }, "no NVRTC at HEDDLE_NVRTC=");
    std::filesystem::remove(file_);
    remember_nvrtc_version(cache_, file_, "99.1");
    expect_refusal([&] { remembered_nvrtc_version(cache_); }, "no NVRTC at HEDDLE_NVRTC=");
}

TEST_F(nvrtc_version_note, is_of_one_name) {
    remember_nvrtc_version(cache_, file_, "99.1");
    setenv("HEDDLE_NVRTC", "/nonexistent", 1);
    expect_refusal([&] { remembered_nvrtc_version(cache_); }, "no NVRTC at HEDDLE_NVRTC=/nonexistent");
}

TEST_F(nvrtc_version_note, is_written_where_the_library_opens) {
    unsetenv("HEDDLE_NVRTC");
    if (const auto problem = nvrtc_problem()) GTEST_SKIP() << *problem;
    EXPECT_EQ(remembered_nvrtc_version(cache_), nvrtc_version());
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_.path() / "cache"), {}), 1);
    EXPECT_EQ(remembered_nvrtc_version(cache_), nvrtc_version());
}

}  // namespace
}  // namespace heddle::test
