// tests/dsl/concurrent_parse_test.cpp -- many threads that read, print, evaluate and differentiate at once.
#include <gtest/gtest.h>

#include <thread>

#include "dsl/evaluate.h"
#include "dsl/gather_pipeline.h"
#include "dsl/gradient.h"
#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/buffers.h"

namespace heddle::test {
namespace {

struct Results {
    std::string printed, gradients;
    std::vector<double> values;
    bool operator==(const Results&) const = default;
};

Results results_of(int size) {
    const std::string extent = std::to_string(size);
    const Pipeline pipeline =
        parse_pipeline("x: f32[" + extent + "]; w: f32[3]; y: f32[" + extent + "]\ny[p] += reflect(x)[p+r-1] * w[r]");
    Results results;
    results.printed = print(pipeline);
    results.gradients = print(gather_pipeline(Pipeline::of(gradient(pipeline.outputs[0], pipeline.inputs))));
    results.values = elements_of(evaluate(pipeline, random_inputs(pipeline, 1, true)).at("y"));
    return results;
}

TEST(ConcurrentParse, EachThreadGetsWhatItWouldGetAlone) {
    constexpr int threads = 16, sizes = 4;
    std::vector<Results> alone, found(threads);
    for (int i = 0; i < sizes; ++i) alone.push_back(results_of(5 + i));
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t)
        workers.emplace_back([&found, t] {
            for (int i = 0; i < 3; ++i) found[static_cast<std::size_t>(t)] = results_of(5 + t % sizes);
        });
    for (std::thread& worker : workers) worker.join();
    for (std::size_t t = 0; t < threads; ++t) {
        EXPECT_EQ(found[t].printed, alone[t % sizes].printed);
        EXPECT_EQ(found[t].gradients, alone[t % sizes].gradients);
        EXPECT_EQ(found[t].values, alone[t % sizes].values);
    }
}

}  // namespace
}  // namespace heddle::test
