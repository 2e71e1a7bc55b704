// support/pixel_font.h -- letters of 5 by 7 pixels, for titles inside a picture.
#pragma once

#include <functional>
#include <string>

namespace heddle::support {

/// Calls `set` with column and row of every inked pixel; letters are 6 columns apart. Lower case is written as upper
/// case; what the font lacks is left blank.
void for_each_text_pixel(const std::string& text, const std::function<void(int column, int row)>& set);

}  // namespace heddle::support
