// tests/bench/gpu_results_test.cpp -- floors, shares, ratios and means; results as JSON and back.
#include "bench/gpu_results.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/error.h"

namespace heddle::bench {
namespace {

GpuResult result(const std::string& name, Side side, double seconds, bool right = true) {
    return {name, side, "detail", seconds, seconds / 100, 20, 1e-7, right};
}

GpuCaseResult conv() {
    return {"conv",
            "convolution",
            "forward",
            "f32",
            4e9,
            1e8,
            30e-6,
            50e12,
            {result("Heddle nchw", Side::heddle, 200e-6), result("Heddle nhwc", Side::heddle, 160e-6),
             result("cuDNN nhwc", Side::peer, 120e-6), result("fast and wrong", Side::peer, 1e-6, false)},
            {"cuDNN nchw: no algorithm"}};
}

TEST(race_results, the_floor_is_the_larger_of_copy_and_product) {
    GpuCaseResult bound_by_product = conv();
    EXPECT_DOUBLE_EQ(bound_by_product.floor_seconds(), 4e9 / 50e12);
    EXPECT_FALSE(bound_by_product.bound_by_memory());
    bound_by_product.product_rate = 0;
    EXPECT_DOUBLE_EQ(bound_by_product.floor_seconds(), 30e-6);
    EXPECT_TRUE(bound_by_product.bound_by_memory());
}

TEST(race_results, the_best_is_right_and_of_its_side) {
    GpuCaseResult measured = conv();
    EXPECT_EQ(measured.best(false)->name, "Heddle nhwc");
    EXPECT_EQ(measured.best(true)->name, "cuDNN nhwc");
    merge(measured, {{"conv", "forward", "f32", "PyTorch eager nchw", 100e-6, 1e-6, 20},
                     {"conv", "dx", "f32", "PyTorch eager nchw", 10e-6, 1e-6, 20}});
    EXPECT_EQ(measured.results.size(), 5u);
    EXPECT_EQ(measured.best(true)->name, "PyTorch eager nchw");
}

TEST(race_results, means_are_geometric_over_a_group) {
    GpuCaseResult a = conv(), b = conv();
    b.layer = "other";
    b.results = {result("Heddle", Side::heddle, 80e-6), result("cuDNN", Side::peer, 240e-6)};
    GpuCaseResult alone = conv();
    alone.direction = "dw";
    alone.results = {result("Heddle", Side::heddle, 80e-6)};
    const auto means = group_means({a, b, alone});
    ASSERT_EQ(means.size(), 2u);
    EXPECT_EQ(means[0].name, "convolution forward f32");
    EXPECT_EQ(means[0].layers, 2);
    EXPECT_NEAR(means[0].of_floor, std::sqrt(0.5 * 1.0), 1e-12);
    EXPECT_NEAR(*means[0].against_peer, std::sqrt(0.75 * 3.0), 1e-12);
    EXPECT_FALSE(means[1].against_peer.has_value());
}

TEST(race_results, the_table_shows_shares_ratios_and_what_is_wrong) {
    const std::string table = table_of(conv());
    EXPECT_NE(table.find("floor 80 us (arithmetic)"), std::string::npos) << table;
    EXPECT_NE(table.find("50%       0.75x"), std::string::npos) << table;
    EXPECT_NE(table.find("WRONG"), std::string::npos) << table;
    EXPECT_NE(table.find("left out: cuDNN nchw: no algorithm"), std::string::npos) << table;
}

TEST(race_results, read_back_from_json) {
    GpuReport report{"a device", "versions", {{{1e8, 30e-6}}, {{"f32", 50e12}}}, {conv()}};
    report.cases[0].results[0].error = NAN;
    const nlohmann::json json = nlohmann::json::parse(json_of(report).dump());
    const GpuReport read = report_of(json, "r.json");
    EXPECT_EQ(read.device, "a device");
    EXPECT_DOUBLE_EQ(read.ceilings.copy_rate(), 1e8 / 30e-6);
    EXPECT_DOUBLE_EQ(read.ceilings.product_rate("f32"), 50e12);
    EXPECT_EQ(read.ceilings.product_rate("bf16"), 0);
    ASSERT_EQ(read.cases.size(), 1u);
    EXPECT_TRUE(std::isnan(read.cases[0].results[0].error));
    EXPECT_EQ(read.cases[0].results[2].side, Side::peer);
    EXPECT_EQ(json_of(read).dump(), json_of(report).dump());
}

TEST(race_results, refuse_json_without_a_field) {
    nlohmann::json json = nlohmann::json::parse(json_of(GpuReport{"d", "v", {}, {conv()}}).dump());
    json["cases"][0].erase("bytes");
    try {
        report_of(json, "r.json");
        FAIL() << "accepted";
    } catch (const UserError& error) {
        EXPECT_EQ(error.message(), "r.json, conv: \"bytes\" should be a number");
    }
    EXPECT_THROW(report_of(nlohmann::json::array(), "r.json"), UserError);
}

}  // namespace
}  // namespace heddle::bench
