// support/line_chart.h -- a curve over a horizontal axis as a picture.
#pragma once

#include <string>
#include <vector>

#include "support/picture.h"

namespace heddle::support {

struct Curve {
    std::vector<double> x, y;
    Rgb colour;
    std::string name;
};
/// The curves in one frame that holds all their finite points, y from 0 on; ticks at round numbers.
Picture line_chart(const std::string& title, const std::string& x_name, const std::vector<Curve>& curves,
                   int width = 720, int height = 400);

}  // namespace heddle::support
