// tests/codegen/large_index_test.cpp -- emitted CUDA counts in int where everything is small, else in long long.
#include <gtest/gtest.h>

#include "codegen/cuda_plan.h"
#include "dsl/parse.h"
#include "schedules/schedule.h"

namespace heddle::test {
namespace {

std::string source_of(const std::string& text) {
    const Pipeline pipeline = parse_pipeline(text);
    const Target target = Target::cuda(90);
    const Schedule schedule = default_schedule(pipeline, target);
    return cuda_sources(make_plan(pipeline, schedule, target, {true, false}), schedule)[0].text;
}

bool counts_in_int(const std::string& source) { return source.find("long long") == std::string::npos; }

TEST(LargeIndex, SmallTensorsAreCountedInInt) {
    EXPECT_TRUE(counts_in_int(source_of("x: u8[1073741823]; y: u8[1073741823]\ny[i] = x[i]")));
    EXPECT_TRUE(counts_in_int(source_of("x: u8[32767,32767]; y: u8[32767,32767]\ny[i,j] = x[i,j]")));
}

TEST(LargeIndex, LargeTensorsAreNot) {
    EXPECT_FALSE(counts_in_int(source_of("x: u8[2147483648]; y: u8[2147483648]\ny[i] = x[i]")));
    EXPECT_FALSE(counts_in_int(source_of("x: u8[65536,65536]; y: u8[65536,65536]\ny[i,j] = x[i,j]")));
    EXPECT_FALSE(counts_in_int(source_of("x: u8[65536,65536]; y: i32[1]\ny[i] += x[r,s] | i<1")));
    EXPECT_FALSE(counts_in_int(source_of("N in [1, 4000000000]; x: u8[N]\ny[i] = x[i]")));
}

}  // namespace
}  // namespace heddle::test
