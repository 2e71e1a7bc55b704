// bench/model.cpp -- samples the tuning spaces of layers, measures, and compares with what the model says.
#include "bench/model.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <ctime>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "bench/model_layers.h"
#include "bench/results_file.h"
#include "codegen/provenance.h"
#include "codegen/tuning/trial.h"
#include "dsl/pipeline.h"
#include "dsl/print.h"
#include "runtime/cuda_driver.h"
#include "runtime/text.h"
#include "runtime/timer.h"
#include "schedules/estimate.h"
#include "schedules/key_distance.h"
#include "schedules/learned_model.h"
#include "schedules/rank_correlation.h"
#include "schedules/record_json.h"
#include "schedules/tuning_space.h"
#include "tools/json_fields.h"

namespace heddle::bench {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double least_coefficient = 0.6, most_failures = 0.05;
constexpr double least_learned = 0.75;  ///< in the mean of layers held back

/// One candidate: what the model expects, and what was measured; 0 where it failed.
struct Sample {
    std::string schedule, reason;
    Estimate expected;
    double seconds = 0;
    double again = 0;  ///< a second measurement, after all others: what noise leaves of the order
    /// The shorter of both.
    double best_seconds() const { return again > 0 ? std::min(seconds, again) : seconds; }
};
struct Measured {
    const ModelLayer* layer = nullptr;
    std::vector<Sample> samples;
};

class Runner {
public:
    Runner(const ModelOptions& options, const Target& target) : options_(options), target_(target) {}

    Measured measure(const ModelLayer& layer) const {
        const tools::Problem problem = problem_of(layer);
        const TuningJob job =
            make_tuning_job(problem.pipeline, target_, tools::make_inputs(problem, options_.seed), options_.seed);
        const TuningSpace space = tuning_space(problem.pipeline, target_);
        Measured measured{&layer, {}};
        std::vector<Schedule> schedules;
        std::uint64_t state = options_.seed;
        std::set<std::string> seen;  // candidates may make the same schedule
        for (int draw = 0; draw < 20 * options_.samples && std::ssize(seen) < options_.samples; ++draw) {
            const Candidate candidate = draw == 0 ? space.preferred : space.sample(state);
            Schedule schedule = space.schedule(candidate);
            std::string text = print(schedule);
            if (!seen.insert(text).second) continue;
            measured.samples.push_back({std::move(text), "", estimate(problem.pipeline, schedule, target_), 0, 0});
            schedules.push_back(std::move(schedule));
        }
        TrialRunner runner(job);
        compile_all(problem.pipeline, schedules, measured.samples, runner);
        for (double Sample::*round : {&Sample::seconds, &Sample::again})
            for (Sample& sample : measured.samples) time(runner, sample, sample.*round);
        return measured;
    }

    Measured replay(const ModelLayer& layer, const nlohmann::json& rows) const {
        const tools::Problem problem = problem_of(layer);
        Measured measured{&layer, {}};
        for (const nlohmann::json& row : rows) {
            Sample sample{tools::text_field(row, "schedule", layer.name),
                          row.value("reason", ""),
                          {},
                          tools::number_field(row, "seconds", layer.name),
                          row.value("again", 0.0)};
            sample.expected = estimate(problem.pipeline, parse_schedule(sample.schedule), target_);
            measured.samples.push_back(std::move(sample));
        }
        return measured;
    }

    /// One schedule, whatever layer it is from.
    Sample measure(const ModelLayer& layer, const std::string& schedule) const {
        const tools::Problem problem = problem_of(layer);
        const TuningJob job =
            make_tuning_job(problem.pipeline, target_, tools::make_inputs(problem, options_.seed), options_.seed);
        std::vector<Sample> samples = {{schedule, "", {}, 0, 0}};
        TrialRunner runner(job);
        compile_all(problem.pipeline, {parse_schedule(schedule)}, samples, runner);
        time(runner, samples[0], samples[0].seconds);
        return samples[0];
    }
    TuningKey key_of(const ModelLayer& layer) const { return TuningKey::of(problem_of(layer).pipeline, target_); }

private:
    // On all cores; what does not compile says why.
    void compile_all(const Pipeline& pipeline, const std::vector<Schedule>& schedules, std::vector<Sample>& samples,
                     TrialRunner& runner) const {
        std::vector<std::optional<Kernel>> kernels(schedules.size());
        std::atomic<std::size_t> next = 0;
        const auto work = [&] {
            for (std::size_t i = next++; i < schedules.size(); i = next++) try {
                    CompileOptions options;
                    options.schedule = schedules[i];
                    options.use_database = options.use_cache = false;
                    kernels[i] = compile(pipeline, target_, options);
                } catch (const std::exception& error) {
                    samples[i].reason = error.what();
                }
        };
        std::vector<std::thread> threads;
        for (unsigned i = 1; i < std::max(1U, std::thread::hardware_concurrency()); ++i) threads.emplace_back(work);
        work();
        for (std::thread& thread : threads) thread.join();
        for (std::size_t i = 0; i < kernels.size(); ++i)
            if (kernels[i]) runner.keep(samples[i].schedule, std::move(*kernels[i]));
    }

    // As the tuner times it, with cold caches; the shortest call, because other work on the machine only adds.
    void time(TrialRunner& runner, Sample& sample, double& seconds) const {
        if (!sample.reason.empty()) return;
        TrialOutcome outcome = runner.time(sample.schedule, options_.seconds, infinity, infinity);
        if (outcome.status == TrialStatus::measured)
            seconds = *std::min_element(outcome.seconds.begin(), outcome.seconds.end());
        else
            sample.reason = std::move(outcome.reason);
    }

    const ModelOptions& options_;
    const Target target_;
};

nlohmann::ordered_json json_of(const std::vector<Measured>& all, const Target& target) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const Measured& measured : all) {
        nlohmann::ordered_json samples = nlohmann::ordered_json::array();
        for (const Sample& sample : measured.samples) {
            nlohmann::ordered_json row = {
                {"schedule", sample.schedule}, {"seconds", sample.seconds}, {"again", sample.again}};
            if (std::isfinite(sample.expected.seconds)) row["expected"] = sample.expected.seconds;
            if (!sample.reason.empty()) row["reason"] = sample.reason;
            samples.push_back(std::move(row));
        }
        rows.push_back({{"name", measured.layer->name},
                        {"target", target.text()},
                        {"versions", provenance(target)},
                        {"samples", std::move(samples)}});
    }
    return rows;
}

double median_of(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

/// Returns whether it is as good as it should be; adds its points to those of all layers.
bool report(const Measured& measured, std::vector<double>& expected_of_all, std::vector<double>& seconds_of_all) {
    std::vector<double> expected, seconds, again;
    std::map<std::string, int> reasons;
    for (const Sample& sample : measured.samples) {
        if (sample.seconds <= 0) {
            ++reasons[sample.reason];
            continue;
        }
        expected.push_back(sample.expected.seconds);
        seconds.push_back(sample.best_seconds());
        again.push_back(sample.again > 0 ? sample.again : sample.seconds);
    }
    const auto failed = static_cast<double>(measured.samples.size() - seconds.size());
    const double coefficient = rank_correlation(expected, seconds);
    std::vector<double> first_round;
    for (const Sample& sample : measured.samples)
        if (sample.seconds > 0) first_round.push_back(sample.seconds);
    const double repeated = rank_correlation(first_round, again);
    std::vector<std::size_t> order(seconds.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return expected[a] < expected[b]; });
    double first = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < std::max<std::size_t>(1, order.size() / 5) && i < order.size(); ++i)
        first = std::min(first, seconds[order[i]]);
    const double best = seconds.empty() ? 0 : *std::min_element(seconds.begin(), seconds.end());
    fmt::print(
        "{:<16} {:3} candidates {:2.0f} failed  rank correlation {:5.2f}  best {:>9}  best of the first fifth {:.2f}x  "
        "default {:.2f}x  median {:.2f}x  two measurements {:.2f}\n",
        measured.layer->name, measured.samples.size(), failed, coefficient, format_seconds(best), first / best,
        measured.samples.empty() ? 0 : measured.samples[0].seconds / best,
        seconds.empty() ? 0 : median_of(seconds) / best, repeated);
    for (const auto& [reason, count] : reasons) fmt::print("    {} x {}\n", count, reason);
    expected_of_all.insert(expected_of_all.end(), expected.begin(), expected.end());
    seconds_of_all.insert(seconds_of_all.end(), seconds.begin(), seconds.end());
    const bool ordered = coefficient >= least_coefficient || repeated < least_coefficient;
    return ordered && failed <= most_failures * static_cast<double>(measured.samples.size());
}

const Sample* best_of(const Measured& measured) {
    const Sample* best = nullptr;
    for (const Sample& sample : measured.samples)
        if (sample.seconds > 0 && (!best || sample.seconds < best->seconds)) best = &sample;
    return best;
}

/// What the best schedule of the nearest other layer does here, as it is.
void report_transfer(const Runner& runner, const std::vector<Measured>& all) {
    std::vector<double> regrets;
    for (const Measured& here : all) {
        const Measured* nearest = nullptr;
        double least = std::numeric_limits<double>::infinity();
        for (const Measured& other : all) {
            const double distance =
                &other == &here ? least : key_distance(runner.key_of(*here.layer), runner.key_of(*other.layer));
            if (distance >= least) continue;
            least = distance;
            nearest = &other;
        }
        const Sample* best = best_of(here);
        if (!nearest || !best || !best_of(*nearest)) continue;
        const Sample moved = runner.measure(*here.layer, best_of(*nearest)->schedule);
        if (moved.seconds > 0) regrets.push_back(moved.seconds / best->seconds - 1);
        fmt::print(
            "{:<16} best schedule of {} (distance {:.2f}): {}\n", here.layer->name, nearest->layer->name, least,
            moved.seconds > 0 ? fmt::format("{:.2f}x the best here", moved.seconds / best->seconds) : moved.reason);
    }
    std::sort(regrets.begin(), regrets.end());
    if (!regrets.empty())
        fmt::print("schedules of the nearest layer, as they are: median regret {:.0f}%\n",
                   100 * regrets[regrets.size() / 2]);
}

/// What was measured of all layers, to learn from.
std::vector<CostSample> samples_of(const std::vector<Measured>& all) {
    std::vector<CostSample> samples;
    for (const Measured& measured : all)
        for (const Sample& sample : measured.samples)
            if (sample.seconds > 0) samples.push_back({measured.layer->name, sample.best_seconds(), sample.expected});
    return samples;
}

/// As the tuner would have recorded them.
std::string records_text(const std::vector<Measured>& all, const Target& target, const std::string& versions) {
    std::string text;
    for (const Measured& measured : all) {
        const Pipeline pipeline = problem_of(*measured.layer).pipeline;
        const TuningKey key = TuningKey::of(pipeline, target);
        for (const Sample& sample : measured.samples)
            if (sample.seconds > 0)
                text += record_line({key, sample.schedule, TrialStatus::measured, "", sample.best_seconds(), 0, 1,
                                     versions, std::time(nullptr), print(pipeline)}) +
                        "\n";
    }
    return text;
}

/// Returns whether the learned model orders the layers that it has not seen as well as it should.
bool report_learned(const std::vector<CostSample>& samples, const Target& target) {
    double analytical = 0, learned = 0;
    const std::vector<HeldBack> layers = hold_back_each(samples, {target.kind, provenance(target)});
    fmt::print("learned from the other layers, rank correlation:\n");
    for (const HeldBack& layer : layers) {
        fmt::print("{:<18} {:5.2f}  (analytical {:5.2f})\n", layer.group, layer.learned, layer.analytical);
        analytical += layer.analytical / static_cast<double>(layers.size());
        learned += layer.learned / static_cast<double>(layers.size());
    }
    fmt::print("in the mean        {:5.2f}  (analytical {:5.2f})\n", learned, analytical);
    return learned >= least_learned;
}

}  // namespace

bool run_model(const ModelOptions& options) {
    const ResultsFile file(options.json);
    nlohmann::json before;
    if (!options.replay.empty())
        before = tools::parse_json(tools::text_of_file(options.replay), options.replay.string());
    const Target target = Target::parse(
        before.empty() ? options.target : tools::text_field(before.at(0), "target", options.replay.string()));
    if (before.empty() && target.kind == TargetKind::cuda)
        if (const auto problem = cuda_problem()) throw UserError(*problem);
    const Runner runner(options, target);
    std::vector<Measured> all;
    std::vector<double> expected, seconds;
    bool good = true;
    const Timer total;
    for (const ModelLayer& layer : model_layers()) {
        if (layer.target != target.kind) continue;
        if (!options.layers.empty() &&
            std::find(options.layers.begin(), options.layers.end(), layer.name) == options.layers.end())
            continue;
        if (options.limit > 0 && total.seconds() > options.limit) break;
        if (before.empty()) {
            all.push_back(runner.measure(layer));
        } else {
            const auto row = std::find_if(before.begin(), before.end(), [&](const nlohmann::json& each) {
                return each.value("name", "") == layer.name;
            });
            if (row == before.end()) continue;
            all.push_back(runner.replay(layer, row->at("samples")));
        }
        good = report(all.back(), expected, seconds) && good;
        std::fflush(stdout);
        file.write(json_of(all, target));
    }
    if (all.empty()) {
        std::vector<std::string> names;
        for (const ModelLayer& layer : model_layers())
            if (layer.target == target.kind) names.push_back(layer.name);
        throw UserError("there is no layer of these names; there are " + join(names, ", "));
    }
    if (before.empty()) report_transfer(runner, all);
    fmt::print("all layers together: rank correlation {:.2f}\n", rank_correlation(expected, seconds));
    const std::vector<CostSample> samples = samples_of(all);
    if (!options.records.empty()) {
        const std::string here = provenance(target);
        const std::string versions = before.empty() ? here : before.at(0).value("versions", here);
        ResultsFile(options.records).write_text(records_text(all, target, versions));
    }
    if (!options.terms.empty()) ResultsFile(options.terms).write_text(table_of(samples));
    if (options.learned) good = report_learned(samples, target) && good;
    return good;
}

}  // namespace heddle::bench
