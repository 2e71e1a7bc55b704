// support/line_chart.cpp -- the frame, its ticks and the curves in it.
#include "support/line_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace heddle::support {
namespace {

/// 1, 2 or 5 times a power of ten, so that about `count` of them make up the range.
double round_step(double range, int count) {
    const double rough = range / count, power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (rough <= factor * power) return factor * power;
    return 10 * power;
}

}  // namespace

Picture line_chart(const std::string& title, const std::string& x_name, const std::vector<Curve>& curves, int width,
                   int height) {
    constexpr int left = 56, right = 16, top = 36, bottom = 36;
    double x_end = 0, y_end = 0;
    for (const Curve& curve : curves)
        for (std::size_t i = 0; i < curve.x.size(); ++i)
            if (std::isfinite(curve.x[i]) && std::isfinite(curve.y[i])) {
                x_end = std::max(x_end, curve.x[i]);
                y_end = std::max(y_end, curve.y[i]);
            }
    if (x_end <= 0) x_end = 1;
    if (y_end <= 0) y_end = 1;
    const auto at_x = [&](double x) { return left + x / x_end * (width - left - right); };
    const auto at_y = [&](double y) { return height - bottom - y / y_end * (height - top - bottom); };

    Canvas canvas(width, height);
    canvas.write(left, 10, title, 2);
    const double y_step = round_step(y_end, 5), x_step = round_step(x_end, 8);
    for (double y = 0; y <= y_end * 1.0001; y += y_step) {
        canvas.line(left, at_y(y), width - right, at_y(y), faint);
        canvas.write(6, static_cast<int>(at_y(y)) - 3, fmt::format("{:.4g}", y));
    }
    for (double x = 0; x <= x_end * 1.0001; x += x_step) {
        canvas.line(at_x(x), height - bottom, at_x(x), height - bottom + 4, faint);
        canvas.write(static_cast<int>(at_x(x)) - 3, height - bottom + 8, fmt::format("{:.4g}", x));
    }
    canvas.write(width - right - 6 * static_cast<int>(x_name.size()), height - 12, x_name);
    int name_at = width - right;
    for (const Curve& curve : curves) {
        name_at -= 6 * static_cast<int>(curve.name.size()) + 18;
        canvas.write(name_at + 12, 16, curve.name, 1, curve.colour);
        std::size_t last = curve.x.size();
        for (std::size_t i = 0; i < curve.x.size(); ++i) {
            if (!std::isfinite(curve.x[i]) || !std::isfinite(curve.y[i])) continue;
            if (last < i)
                canvas.line(at_x(curve.x[last]), at_y(curve.y[last]), at_x(curve.x[i]), at_y(curve.y[i]), curve.colour);
            last = i;
        }
    }
    return canvas.take();
}

}  // namespace heddle::support
