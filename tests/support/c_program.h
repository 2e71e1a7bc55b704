// tests/support/c_program.h -- builds and runs C programs on exported operators, as their users would.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "dsl/evaluate.h"
#include "dsl/pipeline.h"

namespace heddle::test {

/// Why there is no C compiler; nothing: `cc` runs.
std::optional<std::string> no_c_compiler();

/// Exit status and all output of a command in a folder.
struct Ran {
    int status = -1;
    std::string output;
};
Ran run_in(const std::filesystem::path& folder, const std::string& command);

/// The text of a C program that reads the inputs from <input>.bin, calls `name` and, on threads of its own making,
/// `name`_parallel, and writes the outputs to <output>.bin. It exits with 1 and the text of an error where one comes,
/// with 2 where the two calls differ.
std::string host_main(const std::string& name, const Pipeline& pipeline, const NamedBuffers& inputs);
/// Writes the inputs to a folder, and reads the outputs, which have the shapes of `like`.
void write_inputs(const std::filesystem::path& folder, const NamedBuffers& inputs);
NamedBuffers read_outputs(const std::filesystem::path& folder, const NamedBuffers& like);

}  // namespace heddle::test
