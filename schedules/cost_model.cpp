// schedules/cost_model.cpp -- the analytical model: a schedule's nest, and what each of its stages costs.
#include "schedules/cost_model.h"

#include <cmath>
#include <limits>

#include "schedules/cost_cuda.h"
#include "schedules/cost_host.h"
#include "schedules/estimate.h"
#include "schedules/loop_nest.h"

namespace heddle {
namespace {

double seconds_of(const Pipeline& pipeline, const Schedule& schedule, const Target& target, CostTerms* terms) {
    LoopNest nest;
    if (apply(schedule, pipeline, target, nest)) return std::numeric_limits<double>::infinity();
    return target.kind == TargetKind::host ? host_seconds(nest, terms) : cuda_seconds(nest, terms);
}

class AnalyticalModel : public CostModel {
public:
    explicit AnalyticalModel(const Target& target) : target_(target) {}

    double seconds(const Pipeline& pipeline, const Schedule& schedule) const override {
        return seconds_of(pipeline, schedule, target_, nullptr);
    }

private:
    const Target target_;
};

}  // namespace

std::unique_ptr<CostModel> analytical_model(const Target& target) { return std::make_unique<AnalyticalModel>(target); }

Estimate estimate(const Pipeline& pipeline, const Schedule& schedule, const Target& target) {
    constexpr double operations_a_second = 1e12, bytes_a_second = 1e11;  // any rate does: a scale
    Estimate made;
    made.seconds = seconds_of(pipeline, schedule, target, &made.terms);
    if (!std::isfinite(made.seconds)) return {made.seconds, {}};
    if (pipeline.parameters.empty()) {
        const Cost cost = cost_of(pipeline);
        made.terms.set_ratio("to_operations", made.seconds * operations_a_second, cost.operations);
        made.terms.set_ratio("to_bytes", made.seconds * bytes_a_second, cost.input_bytes + cost.output_bytes);
    }
    return made;
}

}  // namespace heddle
