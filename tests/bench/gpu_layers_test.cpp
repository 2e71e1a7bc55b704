// tests/bench/gpu_layers_test.cpp -- tables of layers are read with the sizes of outputs; wrong rows are refused by
// name.
#include "bench/gpu_layers.h"

#include <gtest/gtest.h>

#include "runtime/error.h"

namespace heddle::bench {
namespace {

std::string refusal_of(const std::string& text) {
    try {
        parse_gpu_layers(text, "table.json");
    } catch (const UserError& error) {
        return error.message();
    }
    return "accepted";
}

struct RowCase {
    std::string row, refusal;
};

class layer_row : public testing::TestWithParam<RowCase> {};

TEST_P(layer_row, is_accepted_or_refused_with_the_field) {
    const std::string refusal = refusal_of("[" + GetParam().row + "]");
    EXPECT_NE(refusal.find(GetParam().refusal), std::string::npos) << refusal;
}

const std::string max_pool = R"({"name": "p", "kind": "max_pool", "N": 1, "C": 2, "H": 9, "W": 9, "R": 3, "S": 3, )";
const std::string grouped =
    R"({"name": "g", "kind": "convolution", "N": 1, "C": 6, "H": 9, "W": 9, "K": 6, "R": 3, "S": 3, "padding": 1, )";

INSTANTIATE_TEST_SUITE_P(
    rows, layer_row,
    testing::Values(
        RowCase{max_pool + R"("stride": 2, "padding": 1})", "accepted"},
        RowCase{max_pool + R"("stride": 2})", R"(p: "padding" should be a whole number of 0 or more)"},
        RowCase{max_pool + R"("stride": 0, "padding": 1})", R"(p: "stride" should be a whole number of 1 or more)"},
        RowCase{max_pool + R"("stride": 2, "padding": 2})", R"("padding" 2 should be at most half of the window)"},
        RowCase{max_pool + R"("stride": 2, "padding": 1, "K": 3})", R"(a max_pool has no "K")"},
        RowCase{grouped + R"("stride": 1, "dilation": 1, "groups": 3})", "accepted"},
        RowCase{grouped + R"("stride": 1, "dilation": 1, "groups": 4})", R"("groups" 4 should divide "C" 6)"},
        RowCase{grouped + R"("stride": 1, "dilation": 6, "groups": 1})", "the window spans 13, and the input with its"},
        RowCase{grouped + R"("stride": 2, "dilation": 2, "groups": 1})", "above 1, not both"},
        RowCase{R"({"name": "s", "kind": "softmax", "N": 4, "C": 1.5})", R"(s: "C" should be a whole number)"},
        RowCase{R"({"name": "s", "kind": "softmin", "N": 4, "C": 5})", "is no kind of layer; did you mean 'softmax'?"},
        RowCase{R"({"name": "s", "N": 4, "C": 5})", R"(s: "kind" should be a text)"},
        RowCase{R"({"kind": "softmax"})", R"(layer 1: should be an object with a "name")"}));

TEST(layer_tables, refuse_texts_that_are_no_table) {
    EXPECT_NE(refusal_of("layers").find("table.json is not JSON"), std::string::npos);
    EXPECT_EQ(refusal_of("[]"), "table.json: should be a list of layers");
    const std::string row = R"({"name": "s", "kind": "softmax", "N": 4, "C": 5})";
    EXPECT_EQ(refusal_of("[" + row + "," + row + "]"), "table.json: there are two layers 's'");
}

TEST(layer_tables, of_the_project_have_the_outputs_of_their_networks) {
    const auto tables = read_gpu_tables("");
    const auto outputs = [&](const std::string& name) {
        const GpuLayer layer = select_gpu_layers(tables, {name}).at(0);
        return std::pair(layer.P, layer.Q);
    };
    EXPECT_EQ(outputs("alexnet.conv1"), std::pair(std::int64_t{55}, std::int64_t{55}));
    EXPECT_EQ(outputs("resnet50.stem"), std::pair(std::int64_t{112}, std::int64_t{112}));
    EXPECT_EQ(outputs("deeplab.3x3d2_512"), std::pair(std::int64_t{65}, std::int64_t{65}));
    EXPECT_EQ(outputs("transposed.64_56k3s2"), std::pair(std::int64_t{112}, std::int64_t{112}));
    EXPECT_EQ(outputs("max.55"), std::pair(std::int64_t{27}, std::int64_t{27}));
    EXPECT_EQ(outputs("global_average.7"), std::pair(std::int64_t{1}, std::int64_t{1}));
}

TEST(layer_tables, are_selected_by_name_and_by_table) {
    const auto tables = read_gpu_tables("");
    EXPECT_EQ(select_gpu_layers(tables, {"pooling", "max.112"}).size(), 5u);
    EXPECT_EQ(select_gpu_layers(tables, {"max.55", "max.112"}).front().name, "max.55");
    EXPECT_GT(select_gpu_layers(tables, {}).size(), 40u);
    try {
        select_gpu_layers(tables, {"poling"});
        FAIL() << "accepted";
    } catch (const UserError& error) {
        EXPECT_NE(error.message().find("no layer or table 'poling'; did you mean 'pooling'?"), std::string::npos);
    }
}

}  // namespace
}  // namespace heddle::bench
