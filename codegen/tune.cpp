// codegen/tune.cpp -- the job, the space, the model and the workers of one search.
#include "codegen/tune.h"

#include "codegen/provenance.h"
#include "runtime/cuda_driver.h"
#include "runtime/error.h"
#include "runtime/log.h"
#include "schedules/chosen_model.h"
#include "schedules/lookup.h"

namespace heddle {
namespace {

/// A damaged file of them costs no search.
ShippedRecords shipped_records(TargetKind kind) {
    try {
        return ShippedRecords::standard(kind);
    } catch (const UserError& error) {
        log_once(error.what(), std::string("tuned schedules that came with Heddle are not used: ") + error.what());
        return {};
    }
}

}  // namespace

TuningOptions complete_options(const Pipeline& pipeline, const Target& target, const TuningOptions& options,
                               const WorkerOptions& workers, const Database* database) {
    TuningOptions complete = options;
    if (complete.versions.empty()) complete.versions = provenance(target);
    complete.batch = batch_of(workers, target);
    if (!complete.predict) {
        ChosenModel chosen = choose_model(target);
        if (!chosen.problem.empty()) log_once(chosen.problem, "a learned cost model is not used: " + chosen.problem);
        complete.predict = [&pipeline, model = std::shared_ptr(std::move(chosen.model))](const Schedule& schedule) {
            return model->seconds(pipeline, schedule);
        };
    }
    const FoundSchedule found =
        find_schedule(database, shipped_records(target.kind), pipeline, target, complete.versions);
    // What the database has of this key is measured again anyway.
    if (found.lookup.how == MatchKind::nearest || found.lookup.shipped) complete.start.push_back(print(found.schedule));
    return complete;
}

TuningResult tune(const Pipeline& pipeline, const Target& target, const NamedBuffers& inputs,
                  const TuningOptions& options, const WorkerOptions& workers, Database* database) {
    if (target.kind == TargetKind::cuda)
        if (const auto problem = cuda_problem()) throw UserError("nothing can be measured: " + *problem);
    const TuningOptions complete = complete_options(pipeline, target, options, workers, database);
    const TuningSpace space = tuning_space(pipeline, target);
    const TuningJob job = make_tuning_job(pipeline, target, inputs, options.seed);
    return tune(pipeline, target, space, measure_in_workers(job, workers), complete, database);
}

}  // namespace heddle
