// tools/roofline_chart.h -- a roofline as SVG: achieved rates against intensity, under what memory and arithmetic
// allow.
#pragma once

#include <string>
#include <vector>

namespace heddle::tools {

struct RooflineChart {
    /// A level: the most operations a second of one arithmetic.
    struct Ceiling {
        std::string label;
        double rate = 0;
        std::string colour;
    };
    /// One result; `title` is its tooltip. Filled: a disc, else an empty square.
    struct Mark {
        double intensity = 0, rate = 0;  ///< operations a byte (inputs and outputs, each once), operations a second
        std::string title, colour;
        bool filled = true;
    };
    std::string title;
    double memory_rate = 0;    ///< bytes a second: the slope
    std::string memory_label;  ///< "copy 4167 GB/s"
    std::vector<Ceiling> ceilings;
    std::vector<Mark> marks;
    std::string filled_label, empty_label;  ///< the legend; an empty one is left out
};

/// Both axes are logarithmic. Needs a memory rate above 0 and a mark.
/// S. Williams, A. Waterman, D. Patterson, Roofline, Communications of the ACM 52(4), 2009.
std::string roofline_svg(const RooflineChart& chart);

/// A text inside of SVG or HTML: & < > " as entities, control characters left out.
std::string escaped(const std::string& text);

}  // namespace heddle::tools
