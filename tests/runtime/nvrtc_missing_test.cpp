// tests/runtime/nvrtc_missing_test.cpp -- without NVRTC one line says what is missing; the variable is heeded at once.
#include <cstdlib>

#include "tests/runtime/cuda_sources.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

/// HEDDLE_NVRTC with another value for as long as this lives.
class Named {
public:
    explicit Named(const char* library) {
        if (const char* value = std::getenv("HEDDLE_NVRTC")) before_ = value;
        setenv("HEDDLE_NVRTC", library, 1);
    }
    Named(const Named&) = delete;
    Named& operator=(const Named&) = delete;
    ~Named() { before_ ? setenv("HEDDLE_NVRTC", before_->c_str(), 1) : unsetenv("HEDDLE_NVRTC"); }

private:
    std::optional<std::string> before_;
};

TEST(nvrtc_missing, a_library_that_is_not_there) {
    const auto before = nvrtc_problem();
    {
        const Named named("/nonexistent");
        const std::string begin = "no NVRTC at HEDDLE_NVRTC=/nonexistent: /nonexistent: cannot open shared object file";
        ASSERT_TRUE(nvrtc_problem());
        EXPECT_TRUE(nvrtc_problem()->starts_with(begin)) << *nvrtc_problem();
        EXPECT_EQ(nvrtc_problem()->find('\n'), std::string::npos);
        expect_refusal([] { compile_cuda(saxpy_source, "saxpy.cu", 90); }, begin);
        expect_refusal([] { compile_ptx(saxpy_source, "saxpy.cu", 90); }, begin);
        expect_refusal([] { nvrtc_version(); }, "CUDA source can be written out without it, not compiled");
    }
    EXPECT_EQ(nvrtc_problem(), before);
}

TEST(nvrtc_missing, a_library_that_is_another) {
    const Named named("libm.so.6");
    ASSERT_TRUE(nvrtc_problem());
    EXPECT_EQ(*nvrtc_problem(), "libm.so.6 is no NVRTC of CUDA 11.2 or later: it lacks the function nvrtcVersion");
}

TEST(nvrtc_missing, a_library_that_is_named) {
    HEDDLE_NEEDS_NVRTC();
    const std::string file = nvrtc_file(), version = nvrtc_version();
    const Named named(file.c_str());
    EXPECT_EQ(nvrtc_problem(), std::nullopt);
    EXPECT_EQ(nvrtc_version(), version);
}

}  // namespace
}  // namespace heddle::test
