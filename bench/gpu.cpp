// bench/gpu.cpp -- races one after the other, and what they come to.
#include "bench/gpu.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "bench/results_file.h"
#include "runtime/cuda_driver.h"

namespace heddle::bench {

bool run_gpu(const GpuOptions& options) {
    const ResultsFile file(options.json);
    const std::vector<OutsidePeer> outside =
        options.peers_json.empty() ? std::vector<OutsidePeer>() : read_outside_peers(options.peers_json);
    if (options.cases.empty())
        throw UserError(
            "no layer has any of the directions and types asked for; cross entropy has forward+dx alone, "
            "and tf32 is for layers with products");
    if (const auto problem = cuda_problem()) throw UserError(*problem);
    GpuStage stage;
    GpuReport report;
    report.device = stage.device;
    report.versions = stage.versions;
    fmt::print("{}; {}\n", stage.device, stage.versions);
    for (const std::string& line : stage.missing) fmt::print("{}\n", line);
    std::vector<Arithmetic> arithmetics;
    for (const GpuCase& given : options.cases)
        if (given.has_products() &&
            std::find(arithmetics.begin(), arithmetics.end(), given.arithmetic) == arithmetics.end())
            arithmetics.push_back(given.arithmetic);
    report.ceilings = measure_ceilings(stage, arithmetics);
    fmt::print("{}\n", table_of(report.ceilings));
    bool right = true;
    for (const GpuCase& given : options.cases) {
        const double rate = report.ceilings.product_rate(std::string(name_of(given.arithmetic)));
        report.cases.push_back(run_race(stage, given, options.race, rate));
        merge(report.cases.back(), outside);
        for (const GpuResult& result : report.cases.back().results) right = right && result.right;
        fmt::print("{}\n", table_of(report.cases.back()));
        std::fflush(stdout);
        file.write(json_of(report));  // after each, so that an end before the last loses nothing
    }
    fmt::print("{}", table_of(group_means(report.cases)));
    return right;
}

}  // namespace heddle::bench
