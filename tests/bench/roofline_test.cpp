// tests/bench/roofline_test.cpp -- a roofline is well-formed SVG with its marks inside of the picture.
#include "bench/roofline.h"

#include <gtest/gtest.h>

#include <regex>

#include "runtime/error.h"

namespace heddle::bench {
namespace {

GpuReport report() {
    GpuReport r{
        "a <device> & more", "versions", {{{1e8, 30e-6}, {1e9, 240e-6}}, {{"f32", 50e12}, {"bf16", 780e12}}}, {}};
    const auto add = [&](const std::string& layer, const std::string& type, double operations, double seconds) {
        r.cases.push_back({layer,
                           "convolution",
                           "forward",
                           type,
                           operations,
                           1e8,
                           30e-6,
                           50e12,
                           {{"Heddle \"nhwc\"", Side::heddle, "", 2 * seconds, 0, 20, 0, true},
                            {"cuDNN", Side::peer, "", seconds, 0, 20, 0, true}},
                           {}});
    };
    add("conv<1>", "f32", 4e9, 120e-6);
    add("pool", "f32", 1e8, 40e-6);
    add("conv", "bf16", 4e10, 90e-6);
    return r;
}

/// The names of elements that are still open at the end; "<mismatch>" where one closes another.
std::string open_elements(const std::string& svg) {
    const std::regex element("<(/?)([a-z]+)((?: [-a-zA-Z0-9:]+=\"[^\"<>]*\")*) ?(/?)>");
    std::vector<std::string> open;
    std::size_t end = 0;
    for (std::sregex_iterator at(svg.begin(), svg.end(), element), none; at != none; ++at) {
        const auto& match = *at;
        const std::string between = svg.substr(end, static_cast<std::size_t>(match.position()) - end);
        if (between.find_first_of("<>") != std::string::npos) return "<text>";
        end = static_cast<std::size_t>(match.position() + match.length());
        if (match[1].length() > 0) {
            if (open.empty() || open.back() != match[2]) return "<mismatch>";
            open.pop_back();
        } else if (match[4].length() == 0) {
            open.push_back(match[2]);
        }
    }
    std::string names;
    for (const std::string& name : open) names += name + " ";
    return names;
}

TEST(roofline, is_well_formed_with_names_escaped) {
    const std::string svg = roofline_svg(report());
    EXPECT_EQ(open_elements(svg), "");
    EXPECT_NE(svg.find("a &lt;device&gt; &amp; more"), std::string::npos);
    EXPECT_NE(svg.find("conv&lt;1&gt; forward f32, Heddle &quot;nhwc&quot;"), std::string::npos);
    EXPECT_NE(svg.find("bf16 product 780 TFLOP/s"), std::string::npos);
    EXPECT_NE(svg.find("copy 4167 GB/s"), std::string::npos);
}

TEST(roofline, has_a_mark_for_each_side_of_each_case_inside_of_the_picture) {
    const std::string svg = roofline_svg(report());
    const std::regex circle("<circle cx=\"([0-9.-]+)\" cy=\"([0-9.-]+)\"[^>]*><title>");
    std::vector<double> rows;
    for (std::sregex_iterator at(svg.begin(), svg.end(), circle), none; at != none; ++at) {
        const double x = std::stod((*at)[1]), y = std::stod((*at)[2]);
        EXPECT_TRUE(x >= 80 && x <= 730 && y >= 50 && y <= 540) << x << " " << y;
        rows.push_back(y);
    }
    ASSERT_EQ(rows.size(), 3u);
    EXPECT_LT(rows[2], rows[0]);  // the faster, the higher
    EXPECT_LT(rows[0], rows[1]);
}

TEST(roofline, is_refused_without_a_ceiling_or_a_result) {
    GpuReport no_copy = report(), no_case = report();
    no_copy.ceilings.copies.clear();
    no_case.cases.clear();
    EXPECT_THROW(roofline_svg(no_copy), UserError);
    EXPECT_THROW(roofline_svg(no_case), UserError);
}

}  // namespace
}  // namespace heddle::bench
