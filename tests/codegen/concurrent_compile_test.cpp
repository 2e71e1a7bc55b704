// tests/codegen/concurrent_compile_test.cpp -- many threads that compile and call at once.
#include <gtest/gtest.h>

#include <thread>

#include "tests/support/compiled.h"

namespace heddle::test {
namespace {

TEST(ConcurrentCompile, SameAndDifferentKernels) {
    constexpr int threads = 16;
    std::vector<Compiled> compiled;
    for (int i = 0; i < 4; ++i)
        compiled.emplace_back("x: f32[3,9," + std::to_string(16 + i) + "]; w: f32[3,3]; y: f32[3,9," +
                              std::to_string(16 + i) + "]\ny[n,p,q] += zero(x)[n,p+r-1,q+s-1] * w[r,s]");
    std::vector<std::string> problems(threads);
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t)
        workers.emplace_back([&, t] {
            for (int i = 0; i < 3 && problems[t].empty(); ++i) problems[t] = compiled[(t + i) % 4].difference();
        });
    for (std::thread& worker : workers) worker.join();
    for (const std::string& problem : problems) EXPECT_EQ(problem, "");
}

TEST(ConcurrentCompile, OneKernelCalledByAll) {
    const Compiled compiled(
        "x: f32[2,40,37]\nh[c,i,j] = zero(x)[c,i,j-1] + x[c,i,j]\n"
        "y[c,i,j] = zero(h)[c,i-1,j] + h[c,i,j]");
    const Kernel kernel = compile_here(compiled.pipeline());
    std::vector<std::string> problems(16);
    std::vector<std::thread> workers;
    for (std::string& problem : problems)
        workers.emplace_back([&] {
            for (int i = 0; i < 20 && problem.empty(); ++i)
                problem =
                    first_difference("y", run_kernel(kernel, compiled.inputs()).at("y"), compiled.expected().at("y"));
        });
    for (std::thread& worker : workers) worker.join();
    for (const std::string& problem : problems) EXPECT_EQ(problem, "");
}

}  // namespace
}  // namespace heddle::test
