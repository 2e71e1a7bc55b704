// codegen/tuning/trial.cpp -- compile, check against the oracle, time with cold caches.
#include "codegen/tuning/trial.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "codegen/tuning/sample_inputs.h"
#include "runtime/cpu_info.h"
#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "runtime/error.h"
#include "runtime/thread_pool.h"
#include "runtime/timer.h"
#include "runtime/undisturbed_timer.h"

namespace heddle {
namespace {

constexpr std::size_t fewest_calls = 3, most_calls = 100;
constexpr std::int64_t most_flushed = 64 << 20;  ///< bytes, of a host

bool on_device(const TuningJob& job) { return job.target.kind == TargetKind::cuda; }

}  // namespace

/// Times calls by the clock of the target, and empties its caches. On a host what threads waited for a processor that
/// others had is taken off.
struct TrialRunner::Clock {
    explicit Clock(bool device) {
        if (device) {
            cuda_context();
            timer = std::make_unique<CudaTimer>();
            const std::int64_t bytes = std::max<std::int64_t>(256 << 20, 4 * current_cuda_device().l2_bytes);
            scratch = device_buffer(i32, {bytes / 4});
        } else {
            const CpuInfo& cpu = cpu_info();
            const std::int64_t bytes = std::min(cpu.l3_bytes + cpu.cores * cpu.l2_bytes, most_flushed);
            scratch = Buffer(i32, {bytes / 4});
        }
    }
    void flush() {
        ++turn;
        if (timer) {
            fill_device_words(scratch.data(), turn, static_cast<std::size_t>(scratch.elements()));
            return;
        }
        const ThreadPool& pool = thread_pool();
        pool.parallel_for(
            pool.self, scratch.elements(),
            [](void* self, std::int64_t begin, std::int64_t end) {
                auto* words = static_cast<Clock*>(self)->scratch.as<std::uint32_t>();
                std::fill(words + begin, words + end, static_cast<Clock*>(self)->turn);
            },
            this);
    }
    double seconds_of(const Kernel& kernel, const std::vector<Buffer>& arguments) {
        if (!timer) return undisturbed_seconds([&] { kernel.run(arguments); });
        timer->start();
        kernel.run(arguments);
        timer->stop();
        return timer->seconds();
    }

    std::unique_ptr<CudaTimer> timer;  ///< of CUDA alone
    Buffer scratch;
    std::uint32_t turn = 0;
};

TrialRunner::TrialRunner(TuningJob job) : job_(std::move(job)) {}
TrialRunner::~TrialRunner() = default;

void TrialRunner::prepare_buffers() {
    if (clock_) return;
    clock_ = std::make_unique<Clock>(on_device(job_));
    outputs_ = make_outputs(job_.pipeline, job_.inputs);
    const auto add = [&](const Buffer& buffer) { arguments_.push_back(on_device(job_) ? to_device(buffer) : buffer); };
    for (const AnyTensor& input : job_.pipeline.inputs) add(job_.inputs.at(input.name()));
    for (const AnyTensor& output : job_.pipeline.outputs) add(outputs_.at(output.name()));
}

namespace {

/// `refused` is what a user's error comes to.
template <class Attempt>
TrialOutcome guarded(TrialStatus refused, Attempt attempt) {
    try {
        return attempt();
    } catch (const UserError& error) {
        return {refused, error.message()};
    } catch (const std::exception& error) {
        return {TrialStatus::failed, error.what()};
    }
}

}  // namespace

TrialOutcome TrialRunner::compile(const std::string& schedule) {
    return guarded(TrialStatus::illegal, [&]() -> TrialOutcome {
        CompileOptions options;
        options.schedule = parse_schedule(schedule);
        options.use_database = options.use_cache = false;
        keep(schedule, heddle::compile(job_.pipeline, job_.target, options));
        return {};
    });
}

void TrialRunner::keep(const std::string& schedule, Kernel kernel) {
    kernels_.insert_or_assign(schedule, Compiled{std::move(kernel)});
}

TrialOutcome TrialRunner::check(Compiled& compiled, double& seconds) {
    prepare_buffers();
    const std::size_t inputs = job_.pipeline.inputs.size();
    for (std::size_t i = 0; i < job_.pipeline.outputs.size(); ++i) {
        const Buffer& output = outputs_.at(job_.pipeline.outputs[i].name());
        output.poison();
        if (on_device(job_))
            copy_to_device(arguments_[inputs + i].data(), output.data(),
                           static_cast<std::size_t>(output.elements() * bytes_of(output.type())));
    }
    seconds = clock_->seconds_of(compiled.kernel, arguments_);
    for (std::size_t i = 0; i < job_.expected.size(); ++i) {
        const TuningJob::Expected& expected = job_.expected[i];
        const Comparison found = compare(to_host(arguments_[inputs + i]), expected.points, expected.values);
        const double tolerance =
            tolerance_of(job_.pipeline, compiled.kernel.schedule(), compiled.kernel.target(), expected.output.type());
        if (!(found.relative_l2 <= tolerance))
            return {TrialStatus::wrong, fmt::format("{}: relative L2 error {:.2g}, at most {:.0e} is right",
                                                    expected.output.name(), found.relative_l2, tolerance)};
    }
    compiled.checked = true;
    return {};
}

TrialOutcome TrialRunner::time(const std::string& schedule, double seconds, double give_up_after, double slow) {
    return guarded(TrialStatus::failed, [&]() -> TrialOutcome {
        Compiled& compiled = kernels_.at(schedule);
        if (!compiled.checked) {
            double first = 0;
            TrialOutcome outcome = check(compiled, first);
            if (outcome.status != TrialStatus::measured) return outcome;
            if (first > give_up_after) return {TrialStatus::measured, "", {first}};
        }
        TrialOutcome outcome;
        const Timer total;
        do {
            clock_->flush();
            outcome.seconds.push_back(clock_->seconds_of(compiled.kernel, arguments_));
            if (outcome.seconds.back() > std::min(seconds, slow)) break;
        } while (outcome.seconds.size() < fewest_calls ||
                 (total.seconds() < seconds && outcome.seconds.size() < most_calls));
        return outcome;
    });
}

}  // namespace heddle
