// tools/measure.cpp -- warm-up, repetitions and medians; compile, check and time.
#include "tools/measure.h"
#include "tools/bound_kernel.h"

#include <fmt/format.h>
#include <functional>

#include <algorithm>
#include <deque>
#include <memory>

#include "runtime/timer.h"

namespace heddle::tools {

Timing timing_of(std::vector<double> seconds) {
    if (seconds.empty()) return {};
    std::sort(seconds.begin(), seconds.end());
    const std::size_t count = seconds.size();
    return {seconds[count / 2], seconds[count * 3 / 4] - seconds[count / 4], static_cast<int>(count)};
}

Timing time_calls(const std::function<void()>& call, const TimingOptions& options) {
    Timer first;
    call();
    const double warm_up = first.seconds();
    if (options.give_up_after > 0 && warm_up > options.give_up_after) return {warm_up, 0, 1};
    std::vector<double> seconds;
    const Timer total;
    do {
        Timer one;
        call();
        seconds.push_back(one.seconds());
    } while (total.seconds() < options.seconds && static_cast<int>(seconds.size()) < options.most);
    return timing_of(std::move(seconds));
}

std::vector<std::pair<std::string, Buffer>> bind(const NamedBuffers& inputs, const NamedBuffers& outputs) {
    std::vector<std::pair<std::string, Buffer>> arguments(inputs.begin(), inputs.end());
    arguments.insert(arguments.end(), outputs.begin(), outputs.end());
    return arguments;
}

MeasuringJob make_measuring_job(const Problem& problem, const Target& target, std::uint64_t seed, int points) {
    MeasuringJob job{problem, target, make_inputs(problem, seed), {}};
    const NamedBuffers outputs = make_outputs(problem, job.inputs);
    for (const AnyTensor& output : problem.pipeline.outputs) {
        MeasuringJob::Expected expected{output, oracle_points(outputs.at(output.name()).shape(), {}, points, seed), {}};
        expected.values = evaluate_at(problem.pipeline, job.inputs, output, expected.points);
        job.expected.push_back(std::move(expected));
    }
    return job;
}

namespace {

Measurement failure(TrialStatus status, std::string reason) { return {status, std::move(reason), 0, 0, 0}; }

/// Kernels by the text of their schedules: the finals of a search come back to what it saw.
class RecentKernels {
public:
    Kernel get(const MeasuringJob& job, const Schedule& schedule) {
        const std::string text = print(schedule);
        for (const auto& [known, kernel] : kernels_)
            if (known == text) return kernel;
        CompileOptions options;
        options.schedule = schedule;
        options.use_database = options.use_cache = false;
        if (kernels_.size() == most) kernels_.pop_front();
        return kernels_.emplace_back(text, compile(job.problem.pipeline, job.target, options)).second;
    }

private:
    static constexpr std::size_t most = 16;
    std::deque<std::pair<std::string, Kernel>> kernels_;
};

Measurement measure_one(const MeasuringJob& job, const Kernel& kernel, const NamedBuffers& outputs,
                        double give_up_after) {
    for (const auto& [name, buffer] : outputs) buffer.poison();
    const BoundKernel bound(kernel, job.inputs, outputs);
    bound();
    bound.fetch();
    for (const MeasuringJob::Expected& expected : job.expected) {
        const Comparison found = compare(outputs.at(expected.output.name()), expected.points, expected.values);
        const double tolerance =
            tolerance_of(kernel.pipeline(), kernel.schedule(), kernel.target(), expected.output.type());
        if (found.relative_l2 <= tolerance) continue;
        return failure(TrialStatus::wrong, fmt::format("{}: relative L2 error {:.2g}, at most {:.0e} is right",
                                                       expected.output.name(), found.relative_l2, tolerance));
    }
    TimingOptions timing;
    timing.seconds = 0.1;
    timing.most = 50;
    timing.give_up_after = give_up_after;
    const Timing time = time_calls([&] { bound(); }, timing);
    return {TrialStatus::measured, "", time.median, time.spread, time.repetitions};
}

}  // namespace

Measure measure_in_process(const MeasuringJob& job) {
    const auto kernels = std::make_shared<RecentKernels>();
    const NamedBuffers outputs = make_outputs(job.problem, job.inputs);
    return [job, kernels, outputs](const Schedule& schedule, double give_up_after) {
        try {
            return measure_one(job, kernels->get(job, schedule), outputs, give_up_after);
        } catch (const UserError& error) {
            return failure(TrialStatus::illegal, error.message());
        } catch (const std::exception& error) {
            return failure(TrialStatus::failed, error.what());
        }
    };
}

}  // namespace heddle::tools
