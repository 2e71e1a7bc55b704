// support/contact_sheet.cpp -- the grid and the palettes.
#include "support/contact_sheet.h"

#include <algorithm>
#include <cmath>

namespace heddle::support {
namespace {

std::uint8_t level(double value) { return static_cast<std::uint8_t>(std::lround(std::clamp(value, 0.0, 1.0) * 255)); }

// Black, then the colour, then white.
Rgb heat(double value, double red, double green, double blue) {
    const double body = std::min(value * 1.5, 1.0), glow = std::max(value * 1.5 - 1, 0.0) * 1.6;
    return {level(red * body + glow), level(green * body + glow), level(blue * body + glow)};
}

Rgb colour_of(double value, double largest, Palette palette) {
    if (palette == Palette::grey) return {level(value), level(value), level(value)};
    const double share = largest > 0 ? value / largest : 0;
    if (share < 0) return heat(-share, 0.15, 0.45, 1.0);
    return heat(share, 1.0, 0.55, 0.12);
}

void draw(Canvas& canvas, int x, int y, int cell, const Buffer& image, double largest, Palette palette) {
    const auto height = static_cast<int>(image.shape()[0]), width = static_cast<int>(image.shape()[1]);
    const int scale = std::max(1, cell / std::max(height, width));
    for (int row = 0; row < height; ++row)
        for (int column = 0; column < width; ++column)
            canvas.fill(x + column * scale, y + row * scale, scale, scale,
                        colour_of(image.get({row, column}), largest, palette));
}

// The magnitude that all but one in two hundred stay below, so that a few peaks do not darken the rest.
double full_scale(const SheetColumn& column) {
    std::vector<double> magnitudes;
    for (const Buffer& image : column.images)
        for_each_index(image.shape(), [&](const std::vector<std::int64_t>& index) {
            if (const double value = std::abs(image.get(index)); std::isfinite(value)) magnitudes.push_back(value);
        });
    if (magnitudes.empty()) return 0;
    const auto place = magnitudes.begin() + static_cast<std::ptrdiff_t>(magnitudes.size() * 199 / 200);
    std::nth_element(magnitudes.begin(), place, magnitudes.end());
    return *place;
}

}  // namespace

Picture contact_sheet(const std::vector<SheetColumn>& columns, const std::vector<std::string>& row_names, int cell) {
    constexpr int margin = 6, head = 22, side = 62, line_height = 9;
    const int pitch = cell + margin;
    Canvas canvas(side + pitch * static_cast<int>(columns.size()) + margin,
                  head + pitch * static_cast<int>(row_names.size()) + margin);
    for (std::size_t c = 0; c < columns.size(); ++c) {
        const int x = side + pitch * static_cast<int>(c);
        const std::string& title = columns[c].title;
        const std::size_t split = title.find('\n');
        canvas.write(x, split == std::string::npos ? 3 + line_height : 3, title.substr(0, split), 1);
        if (split != std::string::npos) canvas.write(x, 3 + line_height, title.substr(split + 1), 1);
        const double largest = full_scale(columns[c]);
        for (std::size_t row = 0; row < columns[c].images.size(); ++row) {
            const int y = head + pitch * static_cast<int>(row);
            draw(canvas, x, y, cell, columns[c].images[row], largest, columns[c].palette);
            if (row >= columns[c].captions.size() || columns[c].captions[row].empty()) continue;
            canvas.fill(x, y + cell - line_height - 1, cell, line_height + 1, paper);
            canvas.write(x + 1, y + cell - line_height + 1, columns[c].captions[row]);
        }
    }
    for (std::size_t row = 0; row < row_names.size(); ++row)
        canvas.write(margin, head + pitch * static_cast<int>(row) + cell / 2 - 4, row_names[row], 1);
    return canvas.take();
}

}  // namespace heddle::support
