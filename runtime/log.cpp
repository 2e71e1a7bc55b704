// runtime/log.cpp -- lines to standard error, by the level in HEDDLE_LOG.
#include "runtime/log.h"

#include <cstdio>
#include <cstdlib>
#include <mutex>
#include <string_view>
#include <unordered_set>

namespace heddle {
namespace {

enum class Level { quiet, warning, info };

/// One call, so that lines of several threads don't mix.
void say(const std::string& message) { std::fputs(("heddle: " + message + "\n").c_str(), stderr); }

/// True the first time that a key is seen.
bool first_time(const std::string& key) {
    static std::mutex mutex;
    static std::unordered_set<std::string> said;
    const std::lock_guard lock(mutex);
    return said.insert(key).second;
}

Level level() {
    const char* text = std::getenv("HEDDLE_LOG");
    const std::string_view name = text == nullptr ? "" : text;
    if (name == "quiet") return Level::quiet;
    if (name == "info") return Level::info;
    if (!name.empty() && first_time("HEDDLE_LOG"))
        say("HEDDLE_LOG=" + std::string(name) + " is unknown; it is 'quiet' or 'info', or unset for warnings");
    return Level::warning;
}

}  // namespace

void log_warning(const std::string& message) {
    if (level() != Level::quiet) say(message);
}

void log_once(const std::string& key, const std::string& message) {
    if (level() != Level::quiet && first_time("once " + key)) say(message);
}

void log_info(const std::string& message) {
    if (level() == Level::info) say(message);
}

}  // namespace heddle
