// support/picture.h -- RGB images in memory: points, lines, letters, and PNG files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace heddle::support {

struct Rgb {
    std::uint8_t red, green, blue;
};
/// What pictures are drawn on, and written with.
inline constexpr Rgb paper{24, 26, 30}, ink{214, 218, 224}, faint{70, 74, 82};

/// An RGB image, row by row.
struct Picture {
    int width = 0, height = 0;
    std::vector<std::uint8_t> pixels;
};

/// A picture that is being drawn. What lies outside is left out; x runs to the right, y down.
class Canvas {
public:
    Canvas(int width, int height);
    void set(int x, int y, Rgb colour);
    void fill(int x, int y, int width, int height, Rgb colour);
    void line(double x0, double y0, double x1, double y1, Rgb colour);
    /// Letters of 5 by 7 pixels, `scale` times as large (support/pixel_font.h); (x, y) is their upper left corner.
    void write(int x, int y, const std::string& text, int scale = 1, Rgb colour = ink);
    Picture take() { return std::move(picture_); }

private:
    Picture picture_;
};

/// Through a temporary file and a rename. Throws UserError naming the file.
void write_png(const std::filesystem::path& path, const Picture& picture);

}  // namespace heddle::support
