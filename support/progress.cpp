// support/progress.cpp -- the line that is drawn over and over.
#include "support/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace heddle::support {
namespace {

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

}  // namespace heddle::support
