// bench/roofline.cpp -- results and ceilings of a run as the marks and levels of a roofline.
#include "bench/roofline.h"

#include <fmt/format.h>

#include "runtime/error.h"
#include "runtime/text.h"
#include "tools/roofline_chart.h"

namespace heddle::bench {
namespace {

/// One colour an arithmetic.
const char* colour_of(const std::string& arithmetic) {
    if (arithmetic == "f32") return "#1f77b4";
    if (arithmetic == "tf32") return "#2ca02c";
    return arithmetic == "f16" ? "#d62728" : "#9467bd";
}

tools::RooflineChart::Mark mark_of(const GpuCaseResult& measured, const GpuResult& result) {
    const double rate = measured.operations / result.seconds;
    return {measured.operations / measured.bytes, rate,
            fmt::format("{} {} {}, {}: {}, {}operations/s", measured.layer, measured.direction, measured.arithmetic,
                        result.name, format_seconds(result.seconds), format_count(rate)),
            colour_of(measured.arithmetic), result.side == Side::heddle};
}

}  // namespace

std::string roofline_svg(const GpuReport& report) {
    tools::RooflineChart chart;
    chart.title = report.device + "; " + report.versions;
    chart.memory_rate = report.ceilings.copy_rate();
    chart.memory_label = fmt::format("copy {:.0f} GB/s", chart.memory_rate * 1e-9);
    chart.filled_label = "Heddle's best";
    chart.empty_label = "best peer";
    for (const auto& [arithmetic, rate] : report.ceilings.products)
        chart.ceilings.push_back(
            {fmt::format("{} product {:.0f} TFLOP/s", arithmetic, rate * 1e-12), rate, colour_of(arithmetic)});
    for (const GpuCaseResult& measured : report.cases)
        for (const bool of_peers : {true, false})
            if (const GpuResult* best = measured.best(of_peers);
                best != nullptr && measured.operations > 0 && measured.bytes > 0)
                chart.marks.push_back(mark_of(measured, *best));
    if (chart.memory_rate <= 0) throw UserError("the results have no measured copy: a roofline needs it");
    if (chart.marks.empty())
        throw UserError("the results have no right result with operations: there is nothing to draw");
    return tools::roofline_svg(chart);
}

}  // namespace heddle::bench
