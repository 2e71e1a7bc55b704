// tests/codegen/code_cache_test.cpp -- code from the cache gives the same results; a damaged file is compiled again.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <set>

#include "dsl/parse.h"
#include "runtime/kernel_cache.h"
#include "tests/support/buffers.h"
#include "tests/support/compiled.h"
#include "tests/support/error_text.h"

namespace heddle::test {
namespace {

// A definition that no cache has seen.
const std::string text = "x: f32[3,37]; t: i32[3]\ny[n,c] = x[index(t[n],3),c] * 3.0 + " +
                         std::to_string(std::random_device()() % 1000003) + ".0";

std::set<std::filesystem::path> files_in(const std::filesystem::path& folder) {
    std::set<std::filesystem::path> files;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) files.insert(entry.path());
    return files;
}

// Compiled with the cache; code that is loaded already is not looked up, so no kernel may be alive.
bool from_cache(const NamedBuffers& inputs, Buffer& y) {
    CompileOptions options;
    options.use_database = false;
    const Kernel kernel = compile(parse_pipeline(text), Target::host(), options);
    y = run_kernel(kernel, inputs).at("y");
    NamedBuffers wrong = inputs;
    wrong["t"] = buffer_of(i32, {3}, {0, 3, 0});
    expect_refusal([&] { run_kernel(kernel, wrong); }, "is 3, outside of [0, 3)");
    return kernel.report().from_cache;
}

TEST(CodeCache, HitsGiveTheSameAndDamageIsCompiledAgain) {
    const auto folder = KernelCache::standard().folder();
    if (!folder) GTEST_SKIP() << "no cache";
    const std::set<std::filesystem::path> before = files_in(*folder);
    NamedBuffers inputs = random_inputs(parse_pipeline(text), 1, true);
    inputs["t"] = buffer_of(i32, {3}, {2, 0, 1});
    const Buffer expected = evaluate(parse_pipeline(text), inputs).at("y");
    Buffer y;
    EXPECT_FALSE(from_cache(inputs, y));
    EXPECT_TRUE(from_cache(inputs, y));
    EXPECT_EQ(first_difference("y", y, expected), "");

    int files = 0;
    for (const std::filesystem::path& path : files_in(*folder)) {
        if (before.count(path)) continue;
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(std::filesystem::file_size(path) / 2));
        file.write("damage", 6);
        ++files;
    }
    EXPECT_GE(files, 1);  // other tests may run beside
    EXPECT_FALSE(from_cache(inputs, y));
    EXPECT_EQ(first_difference("y", y, expected), "");
    EXPECT_TRUE(from_cache(inputs, y));
    EXPECT_EQ(first_difference("y", y, expected), "");
}

}  // namespace
}  // namespace heddle::test
