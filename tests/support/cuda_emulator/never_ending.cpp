// tests/support/cuda_emulator/never_ending.cpp -- a timer's signal, acted upon only inside compiled kernels.
#include "tests/support/cuda_emulator/never_ending.h"

#include <sys/time.h>
#include <ucontext.h>
#include <functional>

#include <csignal>

namespace heddle::test {
namespace {

std::uintptr_t code_begin = 0, code_bytes = 0;
std::function<void(const void*)>* stop_function = nullptr;
struct sigaction action_before;

std::uintptr_t interrupted_code(const ucontext_t* context) {
#if defined(__x86_64__)
    return static_cast<std::uintptr_t>(context->uc_mcontext.gregs[REG_RIP]);
#elif defined(__aarch64__)
    return static_cast<std::uintptr_t>(context->uc_mcontext.pc);
#else
    return 0 * reinterpret_cast<std::uintptr_t>(context);
#endif
}

void on_timer(int, siginfo_t*, void* context) {
    const std::uintptr_t code = interrupted_code(static_cast<const ucontext_t*>(context));
    if (stop_function && code - code_begin < code_bytes) (*stop_function)(reinterpret_cast<const void*>(code));
}

void set_timer(double first, double next) {
    const auto time = [](double seconds) {
        const auto whole = static_cast<time_t>(seconds);
        return timeval{whole, static_cast<suseconds_t>((seconds - static_cast<double>(whole)) * 1e6)};
    };
    const itimerval timer{time(next), time(first)};
    setitimer(ITIMER_VIRTUAL, &timer, nullptr);
}

}  // namespace

NeverEnding::NeverEnding(double seconds, std::uintptr_t code, std::uintptr_t bytes,
                         std::function<void(const void*)> stop) {
    code_begin = code;
    code_bytes = bytes;
    stop_function = new std::function<void(const void*)>(std::move(stop));
    struct sigaction action {};
    action.sa_sigaction = on_timer;
    // The handler does not return: the signal must be able to come again.
    action.sa_flags = SA_SIGINFO | SA_NODEFER;
    sigaction(SIGVTALRM, &action, &action_before);
    set_timer(seconds, 0.01);
}

NeverEnding::~NeverEnding() {
    set_timer(0, 0);
    sigaction(SIGVTALRM, &action_before, nullptr);
    delete stop_function;
    stop_function = nullptr;
}

}  // namespace heddle::test
