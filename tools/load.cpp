// tools/load.cpp -- opening plugins, first in a process that may crash.
#include "tools/load.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <set>

#include "ops/plugin.h"
#include "runtime/error.h"
#include "runtime/shared_library.h"
#include "runtime/version.h"

namespace heddle::tools {
namespace {

/// A child opens the file first: what a library does as it is loaded cannot be caught, and may end the process.
void try_in_child(const std::string& path) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) return;
    if (child == 0) {
        std::freopen("/dev/null", "w", stderr);
        const SharedLibrary library({path});
        _exit(0);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFSIGNALED(status))
        throw UserError(fmt::format("{} crashes as it is loaded: {}", path, strsignal(WTERMSIG(status))));
    if (WEXITSTATUS(status) != 0)
        throw UserError(fmt::format("{} ends the process as it is loaded, with status {}", path, WEXITSTATUS(status)));
}

void check(const PluginDescription& plugin, const std::string& path) {
    const std::string rebuild = "build it again with this one (find_package(heddle))";
    if (std::strcmp(plugin.version, HEDDLE_VERSION_TEXT) != 0)
        throw UserError(fmt::format("{} was built for Heddle {}, this is {}: {}", path, plugin.version,
                                    HEDDLE_VERSION_TEXT, rebuild));
    if (plugin.row_bytes != sizeof(OperatorRow))
        throw UserError(
            fmt::format("{} was built with other headers or another compiler than this Heddle: {}", path, rebuild));
    if (plugin.registry != reinterpret_cast<const void*>(&operator_table))
        throw UserError(fmt::format("{} uses the libheddle in {}, this command the one in {}: {}", path,
                                    file_of_code(plugin.registry),
                                    file_of_code(reinterpret_cast<const void*>(&operator_table)), rebuild));
}

}  // namespace

void load_plugin(const std::string& file) {
    static std::set<std::string> loaded;
    std::error_code error;
    const std::filesystem::path path = std::filesystem::canonical(file, error);
    if (error) throw UserError(fmt::format("the plugin {} cannot be found: {}", file, error.message()));
    if (!loaded.insert(path.string()).second) return;
    try_in_child(path.string());
    const SharedLibrary library({path.string()});
    if (!library.opened()) throw UserError(fmt::format("the plugin {} cannot be loaded: {}", file, library.problem()));
    using Describe = const PluginDescription* (*)();
    const auto describe = reinterpret_cast<Describe>(library.address("heddle_plugin"));
    if (!describe)
        throw UserError(
            fmt::format("{} is no plugin of Heddle: it registers no operator with "
                        "HEDDLE_REGISTER_OPERATOR (heddle/plugin.h)",
                        file));
    const PluginDescription& plugin = *describe();
    check(plugin, file);
    std::vector<OperatorRow> rows;
    const auto add = [](void* to, OperatorRow row) {
        static_cast<std::vector<OperatorRow>*>(to)->push_back(std::move(row));
    };
    if (const char* problem = plugin.operators(add, &rows))
        throw UserError(fmt::format("the plugin {} fails to register its operators: {}", file, problem));
    try {
        for (OperatorRow& row : rows) add_operator(std::move(row));
    } catch (const UserError& refused) {
        throw UserError(fmt::format("the plugin {}: {}", file, refused.message()));
    }
}

void load_plugins(const CommandLine& line) {
    for (const std::string& file : line.texts("--load")) load_plugin(file);
}

OptionRow load_option() { return {"--load", "FILE", "a plugin with more operators: libmyops.so (several times)"}; }

}  // namespace heddle::tools
