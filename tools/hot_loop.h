// tools/hot_loop.h -- the innermost loop of an assembly text that does most of the arithmetic.
#pragma once

#include <string>

namespace heddle::tools {

struct HotLoop {
    std::string text;  ///< its instructions, comments and directives left out
    int instructions = 0, multiply_adds = 0, loads = 0, stores = 0;
};
/// The block that jumps back to its own label with the most vector multiply-adds (else the most arithmetic, else the
/// most instructions); empty when there is no loop.
HotLoop hot_loop(const std::string& assembly);

}  // namespace heddle::tools
