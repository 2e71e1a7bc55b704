// examples/networks/fashion_options.cpp -- the command line of a training program.
#include <CLI/CLI.hpp>

#include "examples/networks/fashion.h"

namespace heddle::examples {

std::optional<TrainingOptions> parse_options(TrainingOptions options, int count, char** words) {
    CLI::App program(options.name + ": trains a network on Fashion-MNIST by Heddle's kernels");
    program.add_option("--epochs", options.epochs, "how often every image is seen")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    program.add_option("--batch", options.batch, "images a step")->check(CLI::Range(1, 10000))->capture_default_str();
    program.add_option("--rate", options.rate, "learning rate of the first steps")->capture_default_str();
    program.add_option("--target", options.target, "host, or cuda")->capture_default_str();
    program.add_option("--out", options.folder, "folder for the pictures")->check(CLI::ExistingDirectory);
    program.add_flag("--quick", options.quick, "a few dozen steps: does the loss fall?");
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
