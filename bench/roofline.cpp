// bench/roofline.cpp -- axes, ceilings and marks.
#include "bench/roofline.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle::bench {
namespace {

constexpr double width = 960, height = 600, left = 80, right = 230, top = 50, bottom = 60;

std::string escaped(const std::string& text) {
    std::string result;
    for (const char c : text) {
        if (c == '&')
            result += "&amp;";
        else if (c == '<')
            result += "&lt;";
        else if (c == '>')
            result += "&gt;";
        else if (c == '"')
            result += "&quot;";
        else if (static_cast<unsigned char>(c) >= ' ')
            result += c;
    }
    return result;
}

/// A logarithmic axis between two powers of ten, over pixels `from` to `to`.
struct Axis {
    double least, most, from, to;  ///< least, most: exponents

    Axis(double smallest, double largest, double first, double last)
        : least(std::floor(std::log10(smallest))), most(std::ceil(std::log10(largest))), from(first), to(last) {
        if (most <= least) most = least + 1;
    }
    double at(double value) const { return from + (std::log10(value) - least) / (most - least) * (to - from); }
};

struct Mark {
    const GpuCaseResult* measured;
    const GpuResult* result;
    double intensity() const { return measured->operations / measured->bytes; }
    double rate() const { return measured->operations / result->seconds; }
};

std::vector<Mark> marks_of(const GpuReport& report) {
    std::vector<Mark> marks;
    for (const GpuCaseResult& measured : report.cases)
        for (const bool of_peers : {true, false})
            if (const GpuResult* best = measured.best(of_peers);
                best != nullptr && measured.operations > 0 && measured.bytes > 0)
                marks.push_back({&measured, best});
    return marks;
}

/// One colour an arithmetic.
const char* colour_of(const std::string& arithmetic) {
    if (arithmetic == "f32") return "#1f77b4";
    if (arithmetic == "tf32") return "#2ca02c";
    return arithmetic == "f16" ? "#d62728" : "#9467bd";
}

std::string text_at(double x, double y, const std::string& text, const char* more = "") {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\"{}>{}</text>\n", x, y, more, escaped(text));
}

std::string line(double x1, double y1, double x2, double y2, const std::string& style) {
    return fmt::format("<line x1=\"{:.1f}\" y1=\"{:.1f}\" x2=\"{:.1f}\" y2=\"{:.1f}\" {}/>\n", x1, y1, x2, y2, style);
}

std::string grid(const Axis& x, const Axis& y) {
    const std::string style = "stroke=\"#ddd\"";
    std::string text;
    for (double e = x.least; e <= x.most; ++e) {
        const double at = x.at(std::pow(10, e));
        text += line(at, top, at, height - bottom, style);
        text += text_at(at, height - bottom + 18, format_count(std::pow(10, e)), " text-anchor=\"middle\"");
    }
    for (double e = y.least; e <= y.most; ++e) {
        const double at = y.at(std::pow(10, e));
        text += line(left, at, width - right, at, style);
        text += text_at(left - 6, at + 4, format_count(std::pow(10, e)), " text-anchor=\"end\"");
    }
    text += text_at((left + width - right) / 2, height - 18, "operations a byte", " text-anchor=\"middle\"");
    return text + text_at(left, top - 10, "operations a second");
}

/// A level begins where the slope of memory reaches it.
std::string ceilings(const GpuReport& report, const Axis& x, const Axis& y) {
    const double memory = report.ceilings.copy_rate(), end = std::pow(10, x.most);
    double highest = 0;
    std::string text;
    for (const auto& [arithmetic, rate] : report.ceilings.products) {
        highest = std::max(highest, rate);
        const double corner = std::clamp(rate / memory, std::pow(10, x.least), end);
        const std::string style = fmt::format("stroke=\"{}\" stroke-width=\"1.5\"", colour_of(arithmetic));
        text += line(x.at(corner), y.at(rate), x.at(end), y.at(rate), style);
        text += text_at(width - right + 6, y.at(rate) + 4,
                        fmt::format("{} product {:.0f} TFLOP/s", arithmetic, rate * 1e-12));
    }
    const double begin = std::max(std::pow(10, x.least), std::pow(10, y.least) / memory);
    const double corner = std::min(end, (highest > 0 ? highest : std::pow(10, y.most)) / memory);
    text += line(x.at(begin), y.at(begin * memory), x.at(corner), y.at(corner * memory),
                 "stroke=\"#444\" stroke-width=\"1.5\"");
    return text + text_at(x.at(begin) + 8, y.at(begin * memory) - 14, fmt::format("copy {:.0f} GB/s", memory * 1e-9));
}

std::string mark_text(const Mark& mark, const Axis& x, const Axis& y) {
    const bool own = mark.result->side == Side::heddle;
    const double cx = x.at(mark.intensity()), cy = y.at(mark.rate());
    const char* colour = colour_of(mark.measured->arithmetic);
    const std::string title = escaped(fmt::format(
        "{} {} {}, {}: {}, {}operations/s", mark.measured->layer, mark.measured->direction, mark.measured->arithmetic,
        mark.result->name, format_seconds(mark.result->seconds), format_count(mark.rate())));
    if (own)
        return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"><title>{}</title></circle>\n", cx,
                           cy, colour, title);
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\" fill=\"none\" "
        "stroke=\"{}\"><title>{}</title></rect>\n",
        cx - 3.5, cy - 3.5, colour, title);
}

std::string legend() {
    const double x = width - right + 10, y = height - bottom - 40;
    return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#444\"/>\n", x, y) +
           text_at(x + 10, y + 4, "Heddle's best") +
           fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\" fill=\"none\" stroke=\"#444\"/>\n",
                       x - 3.5, y + 16.5) +
           text_at(x + 10, y + 24, "best peer");
}

}  // namespace

std::string roofline_svg(const GpuReport& report) {
    const std::vector<Mark> marks = marks_of(report);
    const double memory = report.ceilings.copy_rate();
    if (memory <= 0) throw UserError("the results have no measured copy: a roofline needs it");
    if (marks.empty()) throw UserError("the results have no right result with operations: there is nothing to draw");
    double least_x = 1e30, most_x = 0, least_y = 1e30, most_y = 0;
    for (const Mark& mark : marks) {
        least_x = std::min(least_x, mark.intensity());
        most_x = std::max(most_x, mark.intensity());
        least_y = std::min(least_y, mark.rate());
        most_y = std::max(most_y, mark.rate());
    }
    for (const auto& [arithmetic, rate] : report.ceilings.products) {
        most_y = std::max(most_y, rate);
        most_x = std::max(most_x, rate / memory);
    }
    const Axis x(least_x, most_x, left, width - right), y(least_y, most_y, height - bottom, top);
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
        width, height);
    text += text_at(left, 22, report.device + "; " + report.versions);
    text += grid(x, y) + ceilings(report, x, y);
    for (const Mark& mark : marks) text += mark_text(mark, x, y);
    return text + legend() + "</svg>\n";
}

}  // namespace heddle::bench
