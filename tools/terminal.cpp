// tools/terminal.cpp -- escape sequences.
#include "tools/terminal.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

namespace heddle::tools {
namespace {

std::string_view code_of(Colour colour) {
    switch (colour) {
        case Colour::bold:
            return "\033[1m";
        case Colour::grey:
            return "\033[90m";
        case Colour::green:
            return "\033[32m";
        case Colour::yellow:
            return "\033[33m";
        case Colour::red:
            return "\033[31m";
        case Colour::blue:
            return "\033[36m";
    }
    return "";
}

}  // namespace

bool stdout_is_terminal() {
    static const bool terminal = isatty(STDOUT_FILENO) == 1;
    return terminal;
}

std::string coloured(Colour colour, std::string_view text) {
    static const bool use = stdout_is_terminal() && !std::getenv("NO_COLOR");
    if (!use) return std::string(text);
    return fmt::format("{}{}\033[0m", code_of(colour), text);
}

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
    std::string result, line, word;
    const auto finish_word = [&] {
        if (!line.empty() && indent + line.size() + 1 + word.size() > width) {
            result += std::string(indent, ' ') + line + "\n";
            line.clear();
        }
        line += (line.empty() ? "" : " ") + word;
        word.clear();
    };
    int depth = 0;
    for (const char c : text) {
        if (c == '(' || c == '{' || c == '[') ++depth;
        if (c == ')' || c == '}' || c == ']') --depth;
        if (c == ' ' && depth == 0)
            finish_word();
        else
            word += c;
    }
    finish_word();
    return result + std::string(indent, ' ') + line + "\n";
}

}  // namespace heddle::tools
