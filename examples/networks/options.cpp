// examples/networks/options.cpp -- options by CLI11.
#include "examples/networks/options.h"

#include <CLI/CLI.hpp>

#include "runtime/error.h"

namespace heddle::examples {

std::optional<ProgramOptions> parse_options(ProgramOptions options, int count, char** words) {
    CLI::App program(options.name + ": " + options.summary);
    program.add_option("--batch", options.batch, "images a step")->check(CLI::Range(1, 10000))->capture_default_str();
    if (options.epochs > 0) {
        program.add_option("--epochs", options.epochs, "how often every image is seen")
            ->check(CLI::Range(1, 1000))
            ->capture_default_str();
        program.add_option("--rate", options.rate, "learning rate of the first steps")->capture_default_str();
    }
    program.add_option("--target", options.target, "host, or cuda")->capture_default_str();
    program.add_option("--out", options.folder, "folder for the pictures")->check(CLI::ExistingDirectory);
    program.add_flag("--quick", options.quick, "a few steps: does the loss fall?");
    try {
        program.parse(count, words);
    } catch (const CLI::CallForHelp&) {
        std::fputs(program.help().c_str(), stdout);
        return std::nullopt;
    } catch (const CLI::ParseError& error) {
        throw UserError(options.name + ": " + error.what());
    }
    return options;
}

}  // namespace heddle::examples
