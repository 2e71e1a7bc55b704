// tools/terminal.h -- colour and width, each only where a person looks at a terminal.
#pragma once

#include <string>
#include <string_view>

namespace heddle::tools {

enum class Colour { bold, grey, green, yellow, red, blue };

/// The text in a colour when standard output is a terminal (and NO_COLOR is unset), else as it is.
std::string coloured(Colour colour, std::string_view text);
bool stdout_is_terminal();

/// The words of a schedule or an expression in lines of at most `width` columns, each behind `indent` spaces; what
/// stands in brackets is not broken.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width);

}  // namespace heddle::tools
