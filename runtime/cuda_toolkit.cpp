// runtime/cuda_toolkit.cpp -- finding and running the programs of a CUDA toolkit.
#include "runtime/cuda_toolkit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "runtime/error.h"
#include "runtime/temporary_folder.h"
#include "runtime/text.h"

extern char** environ;

namespace heddle {
namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value != nullptr ? value : "";
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

std::vector<std::string> cuda_toolkit_folders() {
    std::vector<std::string> folders;
    for (const std::string& folder :
         {environment("CUDA_HOME"), environment("CUDA_PATH"), std::string("/usr/local/cuda")})
        if (!folder.empty() && std::find(folders.begin(), folders.end(), folder) == folders.end())
            folders.push_back(folder);
    return folders;
}

std::optional<std::string> find_cuda_program(const std::vector<std::string>& names) {
    std::vector<std::string> folders;
    std::istringstream path(environment("PATH"));
    for (std::string folder; std::getline(path, folder, ':');) folders.push_back(folder.empty() ? "." : folder);
    for (const std::string& folder : cuda_toolkit_folders()) folders.push_back(folder + "/bin");
    for (const std::string& name : names)
        for (const std::string& folder : folders) {
            const std::string file = fmt::format("{}/{}", folder, name);
            std::error_code ignored;
            if (std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0) return file;
        }
    return std::nullopt;
}

ProgramResult run_program(const std::string& path, const std::vector<std::string>& arguments) {
    const TemporaryFolder scratch;
    const std::string output = (scratch.path() / "output").string(), errors = (scratch.path() / "errors").string();
    std::vector<std::string> words = {path};
    words.insert(words.end(), arguments.begin(), arguments.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT, 0600);
    pid_t process = 0;
    const int failed = ::posix_spawn(&process, path.c_str(), &actions, nullptr, pointers.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return {-1, "", std::generic_category().message(failed)};
    int status = 0;
    while (::waitpid(process, &status, 0) < 0)
        if (errno != EINTR) return {-1, "", std::generic_category().message(errno)};
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, content_of(output), content_of(errors)};
}

std::string disassemble_cubin(const std::vector<std::byte>& cubin) {
    const auto program = find_cuda_program({"nvdisasm", "cuobjdump"});
    if (!program)
        throw UserError(
            fmt::format("SASS needs nvdisasm or cuobjdump, programs of the CUDA toolkit, which are neither "
                        "on the PATH nor in {}; PTX needs neither",
                        join(cuda_toolkit_folders(), "/bin, ") + "/bin"));
    const TemporaryFolder scratch;
    const std::string file = (scratch.path() / "kernel.cubin").string();
    std::ofstream(file, std::ios::binary)
        .write(reinterpret_cast<const char*>(cubin.data()), static_cast<std::streamsize>(cubin.size()));
    const bool plain = program->ends_with("nvdisasm");
    const ProgramResult result =
        run_program(*program, plain ? std::vector<std::string>{"-c", file} : std::vector<std::string>{"-sass", file});
    if (result.status != 0)
        throw UserError(fmt::format("{} fails on the machine code: {}", *program,
                                    result.errors.empty() ? result.output : result.errors));
    return result.output;
}

}  // namespace heddle
