// tests/codegen/cast_test.cpp -- conversions between all element types, at their corners.
#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "tests/support/compiled.h"
#include "tests/support/print_values.h"
#include "tests/support/special_values.h"

namespace heddle::test {
namespace {

class CastFrom : public testing::TestWithParam<ScalarType> {};

// One pipeline with an output of every type.
Compiled casts_of(ScalarType from) {
    const Buffer x = special_buffer(from);
    const std::string size = std::to_string(x.shape()[0]);
    std::string text = "x: " + std::string(name_of(from)) + "[" + size + "]\n", outputs;
    for (const ScalarType to : all_types) {
        const std::string name = "to_" + std::string(name_of(to));
        text += name + ": " + std::string(name_of(to)) + "[" + size + "]\n" + name +
                "[n] = " + std::string(name_of(to)) + "(x[n])\n";
        outputs += (outputs.empty() ? "output " : ", ") + name;
    }
    return Compiled(parse_pipeline(text + outputs), {{"x", x}});
}

TEST_P(CastFrom, ElementByElement) { EXPECT_EQ(casts_of(GetParam()).difference(Schedule()), ""); }

TEST_P(CastFrom, InLanes) {
    Schedule lanes;
    for (const ScalarType to : all_types)
        lanes.stage("to_" + std::string(name_of(to)) + ".0").split("n", 8).vectorize("n.i");
    const Compiled compiled = casts_of(GetParam());
    EXPECT_EQ(compiled.difference(lanes), "");
    EXPECT_EQ(compiled.difference(lanes, Target::parse("host:avx2")), "");
}

INSTANTIATE_TEST_SUITE_P(AllTypes, CastFrom, testing::ValuesIn(all_types),
                         [](const auto& info) { return std::string(name_of(info.param)); });

}  // namespace
}  // namespace heddle::test
