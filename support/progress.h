// support/progress.h -- how far a long task has come, where a person looks at a terminal.
#pragma once

#include <string>

#include "runtime/timer.h"

namespace heddle::support {

/// One line on standard error that is drawn over and over; nothing at all when that is no terminal. It appears after
/// one second, and goes away with the object.
class Progress {
public:
    explicit Progress(std::string title) : title_(std::move(title)) {}
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress() { clear(); }

    /// Done is in [0, 1]; `note` stands behind the bar. Draws at most ten times a second, and when done.
    void show(double done, const std::string& note);
    /// Shows from the first moment: for what surely takes longer than a second.
    void show_at_once() { delay_ = 0; }
    /// Removes the line.
    void clear();

private:
    std::string title_;
    Timer since_start_;
    double last_drawn_ = -1, delay_ = 1;
    bool drawn_ = false;
};

}  // namespace heddle::support
