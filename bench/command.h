// bench/command.h -- what the programs of bench/ share: exit statuses, options of rounds, and errors in words.
#pragma once

#include <CLI/CLI.hpp>
#include <functional>

namespace heddle::bench {

constexpr int success = 0, wrong_result = 1, wrong_use = 2, our_bug = 3;

/// `--rounds` and `--turn`.
void add_round_options(CLI::App& command, int& rounds, double& turn_seconds);

/// A time with its unit: 30ms, 20s, 1m.
CLI::AsNumberWithUnit seconds_with_unit();

/// Parses the command line, then runs: the exit status. Errors are printed with the program's name before.
int run_command(CLI::App& program, int count, char** values, const std::function<int()>& run);

}  // namespace heddle::bench
