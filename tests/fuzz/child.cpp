// tests/fuzz/child.cpp -- forked work.
#include "tests/fuzz/child.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>

#include <chrono>
#include <stdexcept>

namespace heddle::fuzz {
namespace {

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

Child::Child(const std::function<void(int)>& work, double seconds) : deadline_(now() + seconds), seconds_(seconds) {
    int ends[2];
    if (pipe(ends) != 0) throw std::runtime_error("no pipe");
    process_ = fork();
    if (process_ < 0) throw std::runtime_error("no process");
    if (process_ == 0) {
        setpgid(0, 0);  // so that what it starts ends with it
        close(ends[0]);
        work(ends[1]);
        _exit(0);
    }
    close(ends[1]);
    descriptor_ = ends[0];
}

Child::~Child() {
    if (process_ > 0) reap(true);
    if (descriptor_ >= 0) close(descriptor_);
}

bool Child::poll(int milliseconds) {
    if (process_ < 0) return true;
    pollfd one{descriptor_, POLLIN, 0};
    if (::poll(&one, 1, milliseconds) > 0) {
        char bytes[4096];
        const ssize_t count = read(descriptor_, bytes, sizeof bytes);
        if (count > 0) {
            output_.append(bytes, static_cast<std::size_t>(count));
        } else {
            reap(false);
            return true;
        }
    }
    if (now() > deadline_) reap(true);
    return process_ < 0;
}

void Child::reap(bool late) {
    if (late) {
        kill(-process_, SIGKILL);
        kill(process_, SIGKILL);
    }
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    if (late)
        problem_ = fmt::format("no end in {} s", seconds_);
    else if (WIFSIGNALED(status))
        problem_ = fmt::format("killed by signal {}", WTERMSIG(status));
    else if (WEXITSTATUS(status) != 0)
        problem_ = fmt::format("exit status {}", WEXITSTATUS(status));
}

}  // namespace heddle::fuzz
