// tests/codegen/run_time_sizes_test.cpp -- one kernel for all sizes of an operator, under its default schedule.
#include <gtest/gtest.h>

#include "tests/support/compiled.h"
#include "tests/support/error_text.h"
#include "tests/support/sized_texts.h"

namespace heddle::test {
namespace {

class RunTimeSizes : public testing::TestWithParam<SizedText> {
protected:
    /// One kernel, run at all sizes that agree with those that are not open.
    static void expect_right(const SizedText& text, const std::string& open, bool gradients, const char* target) {
        const Pipeline pipeline = sized_pipeline(text, open, gradients);
        const Kernel kernel = compile_here(pipeline, {}, Target::parse(target));
        for (const auto& sizes : text.sizes) {
            std::map<std::string, std::int64_t> used = open.empty() ? sizes : text.sizes[0];
            for (const char letter : open) used[std::string(1, letter)] = sizes.at(std::string(1, letter));
            const NamedBuffers inputs = sized_inputs(pipeline, used);
            std::vector<std::pair<std::string, Buffer>> arguments(inputs.begin(), inputs.end());
            const NamedBuffers expected = evaluate(pipeline, inputs);
            NamedBuffers found;
            for (const auto& [name, buffer] : expected) {
                found[name] = Buffer(buffer.type(), buffer.shape());
                found[name].poison();
                arguments.emplace_back(name, found[name]);
            }
            kernel(arguments);
            std::string at;
            for (const auto& [letter, size] : used) at += letter + "=" + std::to_string(size) + " ";
            for (const auto& [name, buffer] : expected)
                EXPECT_EQ(first_difference(name, found[name], buffer, text.exact ? 0 : 1e-4), "")
                    << at << "on " << target << " under " << print(kernel.schedule());
        }
    }
};

TEST_P(RunTimeSizes, AllOpen) {
    for (const char* target : {"host:avx2", "host:avx512,checks"}) expect_right(GetParam(), "", false, target);
}

TEST_P(RunTimeSizes, SomeOpen) {
    const bool image = GetParam().sizes[0].count("W") > 0;
    for (const char* open : {"HW", "C"})
        if (image || std::string(open).find_first_of("HW") == std::string::npos)
            expect_right(GetParam(), open, false, "host");
}

TEST_P(RunTimeSizes, Gradients) { expect_right(GetParam(), "", true, "host"); }

INSTANTIATE_TEST_SUITE_P(All, RunTimeSizes, testing::ValuesIn(sized_texts()),
                         [](const auto& info) { return info.param.name; });

TEST(RunTimeSizes, BuffersThatDisagreeAreRefusedWithNamesAndSizes) {
    const Kernel kernel = compile_here(sized_pipeline(sized_texts()[0]));
    const auto call = [&](std::vector<std::int64_t> x, std::vector<std::int64_t> w, std::vector<std::int64_t> y) {
        kernel({{"x", Buffer(f32, std::move(x))}, {"w", Buffer(f32, std::move(w))}, {"y", Buffer(f32, std::move(y))}});
    };
    expect_refusal(
        [&] {
            call({1, 3, 8, 8}, {21, 4, 3, 3}, {1, 21, 8, 8});
        },
        "w has the size 4 at dimension 1; its shape says C, and elsewhere C = 3");
    expect_refusal(
        [&] {
            call({1, 3, 8, 8}, {21, 3, 3, 3}, {1, 21, 8, 9});
        },
        "y has the size 9 at dimension 3; its shape says W, and elsewhere W = 8");
    expect_refusal([&] { call({1, 3, 8, 5000}, {21, 3, 3, 3}, {1, 21, 8, 5000}); }, "W in [1, 4096]");
    call({1, 3, 8, 8}, {21, 3, 3, 3}, {1, 21, 8, 8});
}

}  // namespace
}  // namespace heddle::test
