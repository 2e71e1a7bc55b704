// tests/libtorch/operator_gradients_test.cpp -- the gradients of every operator by every input, against libtorch.
#include <gtest/gtest.h>

#include "tests/libtorch/as_libtorch.h"
#include "tests/ops/operator_uses.h"

namespace heddle::test {
namespace {

#ifdef HEDDLE_HAVE_LIBTORCH

/// Where several values go to one element, libtorch's gradient is that of all of them, not of the one that is kept:
/// each gets an element of its own.
OperatorGradient with_distinct_indices(const std::string& use, std::uint64_t seed) {
    OperatorGradient gradient(use, seed);
    const auto indices = gradient.inputs.find("indices");
    if (indices == gradient.inputs.end()) return gradient;
    const std::vector<std::int64_t> shape = gradient.inputs.at("dy").shape();
    std::int64_t elements = 1, next = 0;
    for (std::size_t d = 2; d < shape.size(); ++d) elements *= shape[d];
    for_each_index(indices->second.shape(), [&](const auto& at) {
        indices->second.set(at, static_cast<double>(next % elements));
        next += 7;
    });
    return gradient;
}

struct LibtorchGradients : testing::TestWithParam<std::string> {};

TEST_P(LibtorchGradients, AreTheSame) {
    const std::string& use = GetParam();
    if (use.find("=f16:") == std::string::npos) expect_as_libtorch(with_distinct_indices(use, 5));
    expect_as_libtorch(with_distinct_indices(in_double(use), 7));
}

INSTANTIATE_TEST_SUITE_P(Uses, LibtorchGradients, testing::ValuesIn(differentiable_uses()),
                         [](const auto& info) { return test_name(info.param, info.index); });

#else

TEST(LibtorchGradients, AreTheSame) {
    GTEST_SKIP() << "skipped: libtorch is not there (tools/setup.sh --test installs it)";
}

#endif

}  // namespace
}  // namespace heddle::test
