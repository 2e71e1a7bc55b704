// runtime/cuda_toolkit.h -- where a CUDA toolkit may be, and its programs.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace heddle {

/// Folders that a toolkit may be in: $CUDA_HOME, $CUDA_PATH, /usr/local/cuda.
std::vector<std::string> cuda_toolkit_folders();
/// The first of the programs that can be run, as a path: each on the PATH, then in the toolkits' bin.
std::optional<std::string> find_cuda_program(const std::vector<std::string>& names);

struct ProgramResult {
    int status = -1;  ///< of the exit; -1: it did not run, or was ended by a signal
    std::string output, errors;
};
/// Runs a program, without a shell, and keeps what it prints.
ProgramResult run_program(const std::string& path, const std::vector<std::string>& arguments);

/// A cubin as SASS, the machine's own assembly, by nvdisasm or cuobjdump. Throws UserError, saying what is missing,
/// where there is neither.
std::string disassemble_cubin(const std::vector<std::byte>& cubin);

}  // namespace heddle
