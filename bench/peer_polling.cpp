// bench/peer_polling.cpp -- the program started again with a limit in its environment.
#include "bench/peer_polling.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "runtime/error.h"

namespace heddle::bench {

void limit_peer_polling(char** arguments) {
    constexpr const char *name = "GOMP_SPINCOUNT", *polls = "20000";  // about 1 ms
    if (std::getenv(name) != nullptr) return;
    setenv(name, polls, 1);
    execv("/proc/self/exe", arguments);
    throw UserError(fmt::format("the program cannot be started again with {}={}: {}", name, polls, strerror(errno)));
}

}  // namespace heddle::bench
