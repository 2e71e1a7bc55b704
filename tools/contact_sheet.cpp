// tools/contact_sheet.cpp -- the grid, the palettes and the PNG file.
#include "tools/contact_sheet.h"

#include <fmt/format.h>
#include <png.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/error.h"
#include "tools/pixel_font.h"

namespace heddle::tools {
namespace {

struct Rgb {
    std::uint8_t red, green, blue;
};
constexpr Rgb paper{24, 26, 30}, ink{214, 218, 224};

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

class Canvas {
public:
    Canvas(int width, int height)
        : picture_{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3)} {
        for (int y = 0; y < height; ++y)
            for (int x = 0; x < width; ++x) set(x, y, paper);
    }
    void set(int x, int y, Rgb colour) {
        if (x < 0 || y < 0 || x >= picture_.width || y >= picture_.height) return;
        std::uint8_t* pixel = &picture_.pixels[(static_cast<std::size_t>(y) * picture_.width + x) * 3];
        pixel[0] = colour.red;
        pixel[1] = colour.green;
        pixel[2] = colour.blue;
    }
    void write(int x, int y, const std::string& text, int scale) {
        for_each_text_pixel(text, [&](int column, int row) {
            for (int dy = 0; dy < scale; ++dy)
                for (int dx = 0; dx < scale; ++dx) set(x + column * scale + dx, y + row * scale + dy, ink);
        });
    }
    void draw(int x, int y, int cell, const Buffer& image, double largest, Palette palette) {
        const auto height = static_cast<int>(image.shape()[0]), width = static_cast<int>(image.shape()[1]);
        const int scale = std::max(1, cell / std::max(height, width));
        for (int row = 0; row < height * scale; ++row)
            for (int column = 0; column < width * scale; ++column)
                set(x + column, y + row, colour_of(image.get({row / scale, column / scale}), largest, palette));
    }
    Picture take() { return std::move(picture_); }

private:
    Picture picture_;
};

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
        for (std::size_t row = 0; row < columns[c].images.size(); ++row)
            canvas.draw(x, head + pitch * static_cast<int>(row), cell, columns[c].images[row], largest,
                        columns[c].palette);
    }
    for (std::size_t row = 0; row < row_names.size(); ++row)
        canvas.write(margin, head + pitch * static_cast<int>(row) + cell / 2 - 4, row_names[row], 1);
    return canvas.take();
}

void write_png(const std::filesystem::path& path, const Picture& picture) {
    png_image image;
    std::memset(&image, 0, sizeof image);
    image.version = PNG_IMAGE_VERSION;
    image.width = static_cast<png_uint_32>(picture.width);
    image.height = static_cast<png_uint_32>(picture.height);
    image.format = PNG_FORMAT_RGB;
    const std::filesystem::path temporary = fmt::format("{}.{}.part", path.string(), getpid());
    const bool written = png_image_write_to_file(&image, temporary.c_str(), 0, picture.pixels.data(), 0, nullptr) != 0;
    std::error_code failed;
    if (written) std::filesystem::rename(temporary, path, failed);
    if (written && !failed) return;
    const std::string reason = written ? failed.message() : std::string(image.message);
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw UserError(fmt::format("{} cannot be written: {}", path.string(), reason));
}

}  // namespace heddle::tools
