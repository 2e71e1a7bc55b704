// codegen/tuning/worker_process.cpp -- fork and exec, with a socket, the job's memory and a file for its last words.
#include "codegen/tuning/worker_process.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "codegen/tuning/worker.h"
#include "runtime/error.h"
#include "runtime/text.h"

extern char** environ;  // NOLINT(readability-redundant-declaration): glibc declares it for GNU sources alone

namespace heddle {
namespace {

std::filesystem::path folder_of_library() {
    Dl_info info{};
    if (dladdr(reinterpret_cast<const void*>(&worker_program), &info) == 0 || !info.dli_fname) return {};
    return std::filesystem::path(info.dli_fname).parent_path();
}

/// Our environment; for one device with that alone visible.
std::vector<std::string> environment_of(int device) {
    constexpr std::string_view visible = "CUDA_VISIBLE_DEVICES=";
    std::vector<std::string> texts;
    std::string name = std::to_string(device);
    for (char** variable = environ; *variable; ++variable) {
        const std::string text = *variable;
        if (device >= 0 && text.starts_with(visible)) {
            // An index among the visible ones is a name in that list.
            std::istringstream list(text.substr(visible.size()));
            for (int i = 0; i <= device && std::getline(list, name, ','); ++i) continue;
        } else {
            texts.push_back(text);
        }
    }
    if (device >= 0) texts.push_back(std::string(visible) + name);
    return texts;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

std::array<int, 2> socket_pair() {
    std::array<int, 2> ends{-1, -1};
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw UserError(fmt::format("a process to measure in cannot be started: {}", std::strerror(errno)));
    return ends;
}

}  // namespace

std::filesystem::path worker_program(const std::filesystem::path& given) {
    std::vector<std::filesystem::path> places;
    if (const char* named = std::getenv("HEDDLE_WORKER"); named && *named)
        places = {named};
    else if (!given.empty())
        places = {given};
    else {
        std::error_code ignored;
        const std::filesystem::path library = folder_of_library();
        const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
        places = {library / "../bin/heddle", library / "../../bin/heddle", program / "heddle"};
        std::istringstream path(std::getenv("PATH") ? std::getenv("PATH") : "");
        for (std::string folder; std::getline(path, folder, ':');)
            places.push_back(std::filesystem::path(folder) / "heddle");
    }
    for (const std::filesystem::path& place : places)
        if (access(place.c_str(), X_OK) == 0) return place;
    std::vector<std::string> names;
    for (const std::filesystem::path& place : places) names.push_back(place.lexically_normal().string());
    throw UserError("candidates are measured in processes of the heddle command, which is not there: " +
                    join(names, ", ") + "; HEDDLE_WORKER names it");
}

WorkerProcess::WorkerProcess(const std::filesystem::path& program, const SharedJob& job, int device)
    : WorkerProcess(program, job, device, socket_pair()) {}

WorkerProcess::WorkerProcess(const std::filesystem::path& program, const SharedJob& job, int device,
                             std::array<int, 2> ends)
    : socket_(ends[0]), errors_(memfd_create("heddle worker", MFD_CLOEXEC)), channel_(ends[0]) {
    const FileDescriptor theirs(ends[1]);
    std::vector<std::string> words{program.string(), "worker"}, variables = environment_of(device);
    const std::vector<char*> arguments = pointers_to(words), environment = pointers_to(variables);
    const int memory = job.memory->get(), errors = errors_.get(), socket = theirs.get();
    const pid_t parent = getpid();
    id_ = fork();
    if (id_ < 0) throw UserError(fmt::format("a process to measure in cannot be started: {}", std::strerror(errno)));
    if (id_ == 0) {
        // Only what is safe after a fork of a process with threads.
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGINT, SIG_IGN);  // of a terminal it goes to all processes: the tuner decides
        if (getppid() != parent) _exit(1);
        // First past the numbers that they get, so that none is closed before it is copied.
        const int high_socket = fcntl(socket, F_DUPFD, 10), high_memory = fcntl(memory, F_DUPFD, 10);
        const int nothing = open("/dev/null", O_RDWR);
        dup2(nothing, STDIN_FILENO);
        dup2(nothing, STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        dup2(high_socket, worker_socket);
        dup2(high_memory, worker_memory);
        close(high_socket);
        close(high_memory);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        execve(arguments[0], arguments.data(), environment.data());
        _exit(127);
    }
    channel_.send(job.head);
}

WorkerProcess::~WorkerProcess() {
    if (id_ > 0) end();
}

std::string WorkerProcess::end() {
    kill(id_, SIGKILL);
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
    id_ = -1;
    std::array<char, 4096> text{};
    const off_t size = lseek(errors_.get(), 0, SEEK_END);
    const ssize_t read =
        pread(errors_.get(), text.data(), text.size(), std::max<off_t>(0, size - static_cast<off_t>(text.size())));
    std::string words(text.data(), static_cast<std::size_t>(std::max<ssize_t>(read, 0)));
    while (!words.empty() && std::isspace(static_cast<unsigned char>(words.back()))) words.pop_back();
    words = words.substr(words.rfind('\n') + 1).substr(0, 200);
    std::string cause = WIFSIGNALED(status)
                            ? fmt::format("killed by signal {} ({})", WTERMSIG(status), strsignal(WTERMSIG(status)))
                            : fmt::format("ended with status {}", WEXITSTATUS(status));
    return words.empty() ? cause : cause + ": " + words;
}

}  // namespace heddle
