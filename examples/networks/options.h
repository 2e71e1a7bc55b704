// examples/networks/options.h -- the command line of a program that trains.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace heddle::examples {

struct ProgramOptions {
    std::string name;  ///< begins the names of the files that are written
    std::string summary = "";
    int batch = 100;  ///< images a step
    int epochs = 0;   ///< how often each image is seen; 0: not an option of this program
    double rate = 0;  ///< of the first steps; falls to 0 along a half cosine
    double weight_decay = 5e-4;
    std::string target = "host";
    std::filesystem::path folder = ".";
    bool quick = false;  ///< a few steps, which pass when the loss falls
};
/// The options as the words of a command line change them; nothing where help was asked for.
/// Throws UserError for words that are none.
std::optional<ProgramOptions> parse_options(ProgramOptions options, int count, char** words);

}  // namespace heddle::examples
