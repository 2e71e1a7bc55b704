// codegen/tuning/worker.cpp -- the loop of a worker process.
#include "codegen/tuning/worker.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <cstdlib>
#include <exception>

#include "codegen/provenance.h"
#include "runtime/thread_pool.h"

namespace heddle {
namespace {

Message reply_of(const TrialOutcome& outcome) {
    Message reply{std::string(name_of(outcome.status)), outcome.reason};
    for (const double seconds : outcome.seconds) reply.push_back(fmt::format("{}", seconds));
    return reply;
}

}  // namespace

int serve_worker(const MakeRunner& make) {
    const rlimit no_core{0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    Channel tuner(worker_socket);
    std::unique_ptr<TrialRunner> runner;
    try {
        while (const std::optional<Message> message = tuner.receive()) {
            const std::string& what = message->at(0);
            if (what == "job") {
                TuningJob job = open_shared_job(worker_memory, *message);
                const Target target = job.target;
                if (target.kind == TargetKind::host) set_thread_count(target.threads);
                runner = make ? make(std::move(job)) : std::make_unique<TrialRunner>(std::move(job));
                tuner.send({"ready", provenance(target)});
            } else if (what == "compile") {
                tuner.send(reply_of(runner->compile(message->at(1))));
            } else if (what == "time") {
                const auto number = [&](std::size_t i) { return std::strtod(message->at(i).c_str(), nullptr); };
                tuner.send(reply_of(runner->time(message->at(1), number(2), number(3), number(4))));
            } else if (what == "drop") {
                runner->drop(message->at(1));
            }
        }
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}

}  // namespace heddle
