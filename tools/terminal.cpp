// tools/terminal.cpp -- escape sequences and the progress line.
#include "tools/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
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

int columns() {
    winsize size{};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
    return size.ws_col;
}

// A bar of `cells` cells, drawn in eighths.
std::string bar(double done, int cells) {
    static constexpr std::string_view eighths[] = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█"};
    const int filled = static_cast<int>(std::lround(std::clamp(done, 0.0, 1.0) * cells * 8));
    std::string text;
    for (int cell = 0; cell < cells; ++cell) text += eighths[std::clamp(filled - cell * 8, 0, 8)];
    return text;
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

void Progress::show(double done, const std::string& note) {
    static const bool terminal = isatty(STDERR_FILENO) == 1;
    const double now = since_start_.seconds();
    if (!terminal || now < delay_ || (drawn_ && now - last_drawn_ < 0.1 && done < 1)) return;
    constexpr int cells = 24;
    const int room = columns() - cells - 10 - static_cast<int>(title_.size());
    const std::string tail = note.substr(0, static_cast<std::size_t>(std::max(room, 0)));
    fmt::print(stderr, "\r\033[K  {} |{}| {:3.0f}%  {}", title_, bar(done, cells), std::min(done, 1.0) * 100, tail);
    std::fflush(stderr);
    last_drawn_ = now;
    drawn_ = true;
}

void Progress::clear() {
    if (drawn_) fmt::print(stderr, "\r\033[K");
    std::fflush(stderr);
    drawn_ = false;
}

}  // namespace heddle::tools
