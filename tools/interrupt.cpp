// tools/interrupt.cpp -- a signal handler that does only what signal handlers may.
#include "tools/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <csignal>

namespace heddle::tools {
namespace {

std::atomic<int> deferred{0};
std::atomic<bool> noted{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

void on_interrupt(int) {
    if (deferred.load() > 0 && !noted.exchange(true)) return;
    // A progress line may stand there: begin a new one.
    if (isatty(STDERR_FILENO) == 1) [[maybe_unused]]
        const auto written = write(STDERR_FILENO, "\n", 1);
    _exit(interrupted_status);
}

}  // namespace

void handle_interrupts() {
    struct sigaction action {};
    action.sa_handler = on_interrupt;
    action.sa_flags = SA_RESTART;
    sigaction(SIGINT, &action, nullptr);
}

DeferInterrupt::DeferInterrupt() {
    noted = false;
    ++deferred;
}
DeferInterrupt::~DeferInterrupt() { --deferred; }
bool DeferInterrupt::pressed() const { return noted.load(); }

}  // namespace heddle::tools
