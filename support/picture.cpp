// support/picture.cpp -- drawing, and PNG files.
#include "support/picture.h"

#include <fmt/format.h>
#include <png.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "runtime/error.h"
#include "support/pixel_font.h"

namespace heddle::support {

Canvas::Canvas(int width, int height)
    : picture_{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height * 3)} {
    fill(0, 0, width, height, paper);
}

void Canvas::set(int x, int y, Rgb colour) {
    if (x < 0 || y < 0 || x >= picture_.width || y >= picture_.height) return;
    std::uint8_t* pixel = &picture_.pixels[(static_cast<std::size_t>(y) * picture_.width + x) * 3];
    pixel[0] = colour.red;
    pixel[1] = colour.green;
    pixel[2] = colour.blue;
}

void Canvas::fill(int x, int y, int width, int height, Rgb colour) {
    for (int row = 0; row < height; ++row)
        for (int column = 0; column < width; ++column) set(x + column, y + row, colour);
}

void Canvas::line(double x0, double y0, double x1, double y1, Rgb colour) {
    const int steps = std::max(1, static_cast<int>(std::ceil(std::max(std::abs(x1 - x0), std::abs(y1 - y0)))));
    for (int step = 0; step <= steps; ++step) {
        const double share = static_cast<double>(step) / steps;
        set(static_cast<int>(std::lround(x0 + share * (x1 - x0))),
            static_cast<int>(std::lround(y0 + share * (y1 - y0))), colour);
    }
}

void Canvas::write(int x, int y, const std::string& text, int scale, Rgb colour) {
    for_each_text_pixel(text,
                        [&](int column, int row) { fill(x + column * scale, y + row * scale, scale, scale, colour); });
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

}  // namespace heddle::support
