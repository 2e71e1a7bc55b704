// tools/roofline_chart.cpp -- axes, ceilings and marks.
#include "tools/roofline_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle::tools {
namespace {

constexpr double width = 960, height = 600, left = 80, right = 230, top = 50, bottom = 60;

/// A logarithmic axis between two powers of ten, over pixels `from` to `to`.
struct Axis {
    double least, most, from, to;  ///< least, most: exponents

    Axis(double smallest, double largest, double first, double last)
        : least(std::floor(std::log10(smallest))), most(std::ceil(std::log10(largest))), from(first), to(last) {
        if (most <= least) most = least + 1;
    }
    double at(double value) const { return from + (std::log10(value) - least) / (most - least) * (to - from); }
};

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
std::string ceilings(const RooflineChart& chart, const Axis& x, const Axis& y) {
    const double memory = chart.memory_rate, end = std::pow(10, x.most);
    double highest = 0;
    std::string text;
    for (const RooflineChart::Ceiling& ceiling : chart.ceilings) {
        highest = std::max(highest, ceiling.rate);
        const double corner = std::clamp(ceiling.rate / memory, std::pow(10, x.least), end);
        const std::string style = fmt::format("stroke=\"{}\" stroke-width=\"1.5\"", ceiling.colour);
        text += line(x.at(corner), y.at(ceiling.rate), x.at(end), y.at(ceiling.rate), style);
        text += text_at(width - right + 6, y.at(ceiling.rate) + 4, ceiling.label);
    }
    const double begin = std::max(std::pow(10, x.least), std::pow(10, y.least) / memory);
    const double corner = std::min(end, (highest > 0 ? highest : std::pow(10, y.most)) / memory);
    text += line(x.at(begin), y.at(begin * memory), x.at(corner), y.at(corner * memory),
                 "stroke=\"#444\" stroke-width=\"1.5\"");
    return text + text_at(x.at(begin) + 8, y.at(begin * memory) - 14, chart.memory_label);
}

std::string mark_text(const RooflineChart::Mark& mark, const Axis& x, const Axis& y) {
    const double cx = x.at(mark.intensity), cy = y.at(mark.rate);
    const std::string title = escaped(mark.title);
    if (mark.filled)
        return fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"{}\"><title>{}</title></circle>\n", cx,
                           cy, mark.colour, title);
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\" fill=\"none\" "
        "stroke=\"{}\"><title>{}</title></rect>\n",
        cx - 3.5, cy - 3.5, mark.colour, title);
}

std::string legend(const RooflineChart& chart) {
    const double x = width - right + 10, y = height - bottom - 40;
    std::string text;
    if (!chart.filled_label.empty())
        text += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"4\" fill=\"#444\"/>\n", x, y) +
                text_at(x + 10, y + 4, chart.filled_label);
    if (!chart.empty_label.empty())
        text +=
            fmt::format("<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"7\" height=\"7\" fill=\"none\" stroke=\"#444\"/>\n",
                        x - 3.5, y + 16.5) +
            text_at(x + 10, y + 24, chart.empty_label);
    return text;
}

}  // namespace

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

std::string roofline_svg(const RooflineChart& chart) {
    require(chart.memory_rate > 0 && !chart.marks.empty(), "a roofline has a slope and a mark");
    double least_x = 1e30, most_x = 0, least_y = 1e30, most_y = 0;
    for (const RooflineChart::Mark& mark : chart.marks) {
        least_x = std::min(least_x, mark.intensity);
        most_x = std::max(most_x, mark.intensity);
        least_y = std::min(least_y, mark.rate);
        most_y = std::max(most_y, mark.rate);
    }
    for (const RooflineChart::Ceiling& ceiling : chart.ceilings) {
        most_y = std::max(most_y, ceiling.rate);
        most_x = std::max(most_x, ceiling.rate / chart.memory_rate);
    }
    const Axis x(least_x, most_x, left, width - right), y(least_y, most_y, height - bottom, top);
    std::string text = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" "
        "font-family=\"sans-serif\" font-size=\"12\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"white\"/>\n",
        width, height);
    text += text_at(left, 22, chart.title);
    text += grid(x, y) + ceilings(chart, x, y);
    for (const RooflineChart::Mark& mark : chart.marks) text += mark_text(mark, x, y);
    return text + legend(chart) + "</svg>\n";
}

}  // namespace heddle::tools
