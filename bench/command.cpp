// bench/command.cpp -- what the programs of bench/ share: exit statuses, options of rounds, and errors in words.
#include "bench/command.h"

#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <filesystem>

#include "runtime/error.h"

namespace heddle::bench {

CLI::AsNumberWithUnit seconds_with_unit() {
    return CLI::AsNumberWithUnit(std::map<std::string, double>{{"s", 1}, {"ms", 1e-3}, {"m", 60}});
}

void add_round_options(CLI::App& command, int& rounds, double& turn_seconds) {
    command.add_option("--rounds", rounds, "turns of each contestant")
        ->check(CLI::Range(2, 100000))
        ->capture_default_str();
    command
        .add_option("--turn", turn_seconds, fmt::format("length of a turn; {:.0f}ms when absent", turn_seconds * 1e3))
        ->transform(seconds_with_unit());
}

int run_command(CLI::App& program, int count, char** values, const std::function<int()>& run) {
    const std::string name = std::filesystem::path(values[0]).filename().string();
    try {
        program.parse(count, values);
        return run();
    } catch (const CLI::ParseError& error) {
        return program.exit(error) == 0 ? success : wrong_use;
    } catch (const UserError& error) {
        fmt::print(stderr, "{}: {}\n", name, error.message());
        return wrong_use;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}: {}\n", name, error.what());
        return our_bug;
    }
}

}  // namespace heddle::bench
