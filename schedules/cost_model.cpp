// schedules/cost_model.cpp -- the analytical model: a schedule's nest, and what each of its stages costs.
#include "schedules/cost_model.h"

#include <limits>

#include "schedules/cost_cuda.h"
#include "schedules/cost_host.h"
#include "schedules/loop_nest.h"

namespace heddle {
namespace {

class AnalyticalModel : public CostModel {
public:
    explicit AnalyticalModel(const Target& target) : target_(target) {}

    double seconds(const Pipeline& pipeline, const Schedule& schedule) const override {
        LoopNest nest;
        if (apply(schedule, pipeline, target_, nest)) return std::numeric_limits<double>::infinity();
        return target_.kind == TargetKind::host ? host_seconds(nest) : cuda_seconds(nest);
    }

private:
    const Target target_;
};

}  // namespace

std::unique_ptr<CostModel> analytical_model(const Target& target) { return std::make_unique<AnalyticalModel>(target); }

}  // namespace heddle
