// tests/libtorch/operator_values_test.cpp -- every operator, with odd options, against libtorch.
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// Those with types that libtorch's CPU operators take throughout.
std::vector<std::string> uses_for_libtorch() {
    std::vector<std::string> uses;
    for (const std::string& use : operator_uses()) {
        bool known = true;
        for (const char* type : {"f16:", "=i8:", "x=i32:"}) known = known && use.find(type) == std::string::npos;
        if (known) uses.push_back(use);
    }
    return uses;
}

struct LibtorchValues : testing::TestWithParam<std::string> {};

TEST_P(LibtorchValues, AreTheSame) {
    const std::string& use = GetParam();
    const tools::Problem problem = tools::make_problem(words_of(use));
    expect_as_libtorch(use, problem, tools::make_inputs(problem, 3));
}

INSTANTIATE_TEST_SUITE_P(Uses, LibtorchValues, testing::ValuesIn(uses_for_libtorch()),
                         [](const auto& info) { return test_name(info.param, info.index); });

#else

TEST(LibtorchValues, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
