// codegen/tuning/worker_process.h -- starting a worker, talking with it, and what it died of.
#pragma once

#include <sys/types.h>

#include <array>
#include <filesystem>
#include <string>

#include "codegen/tuning/channel.h"
#include "codegen/tuning/job.h"

namespace heddle {

/// The program that is run as `PROGRAM worker`: the heddle command. `HEDDLE_WORKER`, else `given`, else the one beside
/// this library or this program, else the one on PATH. Throws UserError that says where it was looked for.
std::filesystem::path worker_program(const std::filesystem::path& given);

/// A running worker; destroying it kills it. It is gone when the thread that started it ends.
class WorkerProcess {
public:
    /// `device` is an index among the CUDA devices that this process may see; less than 0: all of them. Throws
    /// UserError where the system starts no process.
    WorkerProcess(const std::filesystem::path& program, const SharedJob& job, int device);
    WorkerProcess(const WorkerProcess&) = delete;
    WorkerProcess& operator=(const WorkerProcess&) = delete;
    ~WorkerProcess();

    /// To poll for input.
    int socket() const { return socket_.get(); }
    Channel& channel() { return channel_; }
    /// Kills it; what it died of: "killed by signal 11 (Segmentation fault)", "ended with status 1: <its last words>".
    std::string end();

private:
    WorkerProcess(const std::filesystem::path& program, const SharedJob& job, int device, std::array<int, 2> ends);
    pid_t id_ = -1;
    FileDescriptor socket_, errors_;
    Channel channel_;
};

}  // namespace heddle
