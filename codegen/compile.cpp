// codegen/compile.cpp -- choosing the schedule, compiling, and what a kernel offers.
#include "codegen/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "codegen/kernel_state.h"
#include "codegen/provenance.h"
#include "codegen/tune.h"
#include "codegen/tuning/sample_inputs.h"
#include "dsl/gather_pipeline.h"
#include "runtime/log.h"
#include "runtime/timer.h"
#include "schedules/lookup.h"

namespace heddle {
namespace {

// False where it cannot be done; a warning says why.
bool tune_now(const Pipeline& pipeline, const Target& target, const CompileOptions& options, Database& database) {
    try {
        TuningOptions tuning;
        tuning.seconds = options.tune_seconds;
        tuning.resume = true;
        return tune(pipeline, target, sample_inputs(pipeline, tuning.seed), tuning, {}, &database).best.has_value();
    } catch (const UserError& error) {
        const std::string name = pipeline.outputs.front().name();
        log_once(name + error.what(), name + " is not tuned: " + error.what());
        return false;
    }
}

// Given, else what the database has, else the default; says which in the report.
Schedule choose_schedule(const Pipeline& pipeline, const Target& target, const CompileOptions& options,
                         CompileReport& report) {
    if (options.schedule) {
        report.schedule_source = "given";
        return *options.schedule;
    }
    report.schedule_source = "default";
    if (!options.use_database) return default_schedule(pipeline, target);
    const std::filesystem::path path = Database::standard_path();
    try {
        FoundSchedule found = find_schedule(pipeline, target, provenance(target));
        if (options.tune_seconds > 0 && found.lookup.how != MatchKind::exact) {
            Database database(path);
            if (tune_now(pipeline, target, options, database))
                found = find_schedule(database, pipeline, target, provenance(target));
        }
        if (!found.refused.empty())
            log_once(found.refused, "a record of the tuning database is no longer legal: " + found.refused);
        report.schedule_source = found.lookup.text();
        return found.schedule;
    } catch (const UserError& error) {
        log_once(path.string(), std::string("the tuning database is not used: ") + error.what());
    }
    return default_schedule(pipeline, target);
}

// Lowers and compiles with the state's schedule.
void build(Kernel::State& state, const CompileOptions& options) {
    Timer timer;
    LowerOptions lower_options;
    lower_options.verify = options.verify;
    state.plan = make_plan(state.pipeline, state.schedule, state.target, lower_options);
    state.report.lower = timer.seconds();
    state.prepare();
    state.add_variant(std::vector<Kernel::State::Shape>(state.parameters.size()), true, state.report);
}

std::shared_ptr<Kernel::State> state_for(const Pipeline& pipeline, const Target& target,
                                         const CompileOptions& options) {
    auto state = std::make_shared<Kernel::State>();
    state->pipeline = pipeline;
    state->target = target;
    state->use_cache = options.use_cache;
    Timer timer;
    state->schedule = choose_schedule(pipeline, target, options, state->report);
    state->report.schedule = timer.seconds();
    return state;
}

}  // namespace

Kernel compile(const Pipeline& written, const Target& target, const CompileOptions& options) {
    const Pipeline pipeline = options.schedule ? written : gather_pipeline(written);
    auto state = state_for(pipeline, target, options);
    const std::string source = state->report.schedule_source;
    try {
        build(*state, options);
    } catch (const UserError& error) {
        // What a record asks for may be more than this device has: the default is what everybody can have.
        if (!source.starts_with("database")) throw;
        log_once(source + error.what(),
                 fmt::format("the schedule of the {} does not compile: {}", source, error.what()));
        CompileOptions without = options;
        without.use_database = false;
        state = state_for(pipeline, target, without);
        build(*state, without);
    }
    return Kernel(state);
}

Kernel compile(const std::vector<AnyTensor>& outputs, const Target& target, const CompileOptions& options) {
    return compile(Pipeline::of(outputs), target, options);
}
Kernel compile(const AnyTensor& output, const Target& target, const CompileOptions& options) {
    return compile(std::vector<AnyTensor>{output}, target, options);
}

void Kernel::operator()(std::initializer_list<std::pair<std::string, Buffer>> arguments) const {
    (*this)(std::vector<std::pair<std::string, Buffer>>(arguments));
}

void Kernel::operator()(const std::vector<std::pair<std::string, Buffer>>& arguments) const {
    const std::vector<AnyTensor>& parameters = state_->parameters;
    std::vector<Buffer> buffers(parameters.size());
    std::vector<bool> given(parameters.size(), false);
    for (const auto& [name, buffer] : arguments) {
        std::size_t i = 0;
        while (i < parameters.size() && parameters[i].name() != name) ++i;
        if (i == parameters.size())
            throw UserError("the kernel has no buffer " + name + ": it takes " + state_->names());
        if (given[i]) throw UserError("buffer " + name + " is given twice");
        given[i] = true;
        buffers[i] = buffer;
    }
    for (std::size_t i = 0; i < parameters.size(); ++i)
        if (!given[i])
            throw UserError("buffer " + parameters[i].name() + " is missing: the kernel takes " + state_->names());
    state_->call(buffers, nullptr);
}

void Kernel::run(std::span<const Buffer> buffers, void* stream) const {
    state_->call(buffers, static_cast<CudaStream>(stream));
}

void Kernel::run(std::span<const Buffer> buffers, void* stream, void* workspace, std::int64_t bytes) const {
    state_->call(buffers, static_cast<CudaStream>(stream), CallersMemory{workspace, bytes});
}

std::int64_t Kernel::workspace_bytes(std::span<const Buffer> buffers) const {
    if (!buffers.empty())
        if (const auto other = state_->for_buffers(buffers, false)) return other->scratch.bytes;
    if (!state_->dynamic()) return state_->scratch.bytes;
    return scratch_layout(state_->plan.plan.scratch, state_->check(buffers)).bytes;
}

void Kernel::declare_constant(const std::string& input) {
    if (!std::any_of(state_->pipeline.inputs.begin(), state_->pipeline.inputs.end(),
                     [&](const AnyTensor& tensor) { return tensor.name() == input; }))
        throw UserError("declare_constant: the kernel has no input " + input + ": it takes " + state_->names());
    std::lock_guard lock(state_->mutex);
    state_->constants.emplace(input, 1);
}

void Kernel::invalidate(const std::string& input) {
    std::lock_guard lock(state_->mutex);
    if (const auto constant = state_->constants.find(input); constant != state_->constants.end()) ++constant->second;
}

const Pipeline& Kernel::pipeline() const { return state_->pipeline; }
const Schedule& Kernel::schedule() const { return state_->schedule; }
const Target& Kernel::target() const { return state_->target; }
const CompileReport& Kernel::report() const { return state_->report; }

}  // namespace heddle
