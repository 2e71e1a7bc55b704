// codegen/compile.cpp -- choosing the schedule, compiling, and the calls of a kernel.
#include "codegen/compile.h"

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>

#include "codegen/host_code.h"
#include "codegen/make_plan.h"
#include "dsl/evaluate.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "runtime/log.h"
#include "runtime/timer.h"
#include "schedules/record.h"

namespace heddle {
namespace {

using Shape = std::vector<std::int64_t>;

std::string text_of(const Shape& shape) {
    std::string text = "[";
    for (std::size_t d = 0; d < shape.size(); ++d) text += (d ? "," : "") + std::to_string(shape[d]);
    return text + "]";
}

std::int64_t value_of(const Expr& extent, const std::map<Symbol, std::int64_t>& parameters) {
    if (const auto* constant = extent.as<IntImm>()) return constant->value;
    Substitution values;
    for (const auto& [symbol, value] : parameters) values[symbol] = Expr::integer(value);
    const Expr folded = simplify(substitute(extent, values));
    const auto* constant = folded.as<IntImm>();
    require(constant != nullptr, "an extent is known once all sizes are");
    return constant->value;
}

Shape shape_of(const AnyTensor& tensor, const std::map<Symbol, std::int64_t>& parameters) {
    Shape shape;
    for (const Extent& extent : tensor.shape()) shape.push_back(value_of(extent.expr(), parameters));
    return shape;
}

bool overlap(const Buffer& a, const Buffer& b) {
    const auto [a_first, a_last] = a.byte_range();
    const auto [b_first, b_last] = b.byte_range();
    return a_first < b_last && b_first < a_last;
}

// Scratch buffers of one call; kept for the next.
struct Workspace {
    std::vector<Buffer> scratch;
    /// Address of the input that each packing step last packed, null when it must pack again.
    std::vector<const void*> packed_from;
};

}  // namespace

struct Kernel::State {
    Pipeline pipeline;
    Target target;
    Schedule schedule;
    CompileReport report;
    bool use_cache = true;
    LoweredPlan plan;
    std::vector<AnyTensor> parameters;  // inputs, then outputs
    bool dynamic = false;
    std::vector<Shape> shapes;  // of the parameters, when static

    /// Code for one set of strides; empty strides: row-major.
    struct Variant {
        std::vector<Shape> strides;
        LoadedPlan code;
    };
    mutable std::mutex mutex;
    mutable std::vector<std::shared_ptr<const Variant>> variants;
    mutable std::vector<std::unique_ptr<Workspace>> idle;
    std::set<std::string> constants;
    /// For each step: where each parameter comes from: index into `parameters`, or -1 - index into scratch.
    std::vector<std::vector<int>> sources;

    std::shared_ptr<const Variant> variant(const std::vector<Shape>& strides, CompileReport& compile_report) const {
        std::map<const TensorNode*, Shape> by_tensor;
        for (std::size_t i = 0; i < parameters.size(); ++i)
            if (!strides[i].empty()) by_tensor[parameters[i].node().get()] = strides[i];
        auto made = std::make_shared<Variant>();
        made->strides = strides;
        made->code = load_host_code(plan, by_tensor, target, use_cache, compile_report);
        std::lock_guard lock(mutex);
        variants.push_back(made);
        return made;
    }

    std::shared_ptr<const Variant> find_variant(std::span<const Buffer> buffers) const {
        {
            std::lock_guard lock(mutex);
            for (const auto& candidate : variants) {
                bool fits = true;
                for (std::size_t i = 0; fits && i < buffers.size(); ++i)
                    fits = candidate->strides[i].empty() ? buffers[i].contiguous()
                                                         : candidate->strides[i] == buffers[i].strides();
                if (fits) return candidate;
            }
        }
        std::vector<Shape> strides;
        for (const Buffer& buffer : buffers) strides.push_back(buffer.contiguous() ? Shape{} : buffer.strides());
        CompileReport ignored;
        return variant(strides, ignored);
    }

    std::map<Symbol, std::int64_t> check(std::span<const Buffer> buffers) const {
        if (buffers.size() != parameters.size())
            throw UserError("the kernel takes " + std::to_string(parameters.size()) + " buffers (" + names() + "), " +
                            std::to_string(buffers.size()) + " were given");
        std::map<Symbol, std::int64_t> sizes;
        if (dynamic) {
            NamedBuffers named;
            for (std::size_t i = 0; i < buffers.size(); ++i) named[parameters[i].name()] = buffers[i];
            sizes = bind_parameters(pipeline, named);
        }
        for (std::size_t i = 0; i < buffers.size(); ++i) {
            const AnyTensor& tensor = parameters[i];
            if (buffers[i].type() != tensor.type())
                throw UserError(tensor.name() + " is " + std::string(name_of(tensor.type())) +
                                ", the buffer given is " + describe(buffers[i]));
            const Shape expected = dynamic ? shape_of(tensor, sizes) : Shape{};
            const Shape& shape = dynamic ? expected : shapes[i];
            if (buffers[i].shape() != shape)
                throw UserError(tensor.name() + " has shape " + text_of(shape) + ", the buffer given is " +
                                describe(buffers[i]));
            if (!buffers[i].defined()) throw UserError(tensor.name() + ": the buffer given has no memory");
        }
        for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i)
            for (std::size_t j = 0; j < i; ++j)
                if (overlap(buffers[i], buffers[j]))
                    throw UserError("output " + parameters[i].name() + " overlaps " + parameters[j].name() +
                                    " in memory: give it memory of its own");
        return sizes;
    }

    std::string names() const {
        std::string text;
        for (const AnyTensor& tensor : parameters) text += (text.empty() ? "" : ", ") + tensor.name();
        return text;
    }

    std::unique_ptr<Workspace> take_workspace(const std::map<Symbol, std::int64_t>& sizes) const {
        {
            std::lock_guard lock(mutex);
            if (!idle.empty() && !dynamic) {
                auto workspace = std::move(idle.back());
                idle.pop_back();
                return workspace;
            }
        }
        auto workspace = std::make_unique<Workspace>();
        for (const AnyTensor& tensor : plan.plan.scratch)
            workspace->scratch.emplace_back(tensor.type(), shape_of(tensor, sizes));
        workspace->packed_from.assign(plan.plan.steps.size(), nullptr);
        return workspace;
    }
    void give_back(std::unique_ptr<Workspace> workspace) const {
        if (dynamic) return;
        std::lock_guard lock(mutex);
        idle.push_back(std::move(workspace));
    }

    // An output element that still holds the poison was never written.
    void poison(std::span<const Buffer> buffers, Workspace& workspace) const {
        for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i) buffers[i].poison();
        for (const Buffer& scratch : workspace.scratch) scratch.poison();
        std::fill(workspace.packed_from.begin(), workspace.packed_from.end(), nullptr);
    }
    void check_written(std::span<const Buffer> buffers) const {
        for (std::size_t i = pipeline.inputs.size(); i < buffers.size(); ++i) {
            const Buffer& buffer = buffers[i];
            if (!is_float(buffer.type())) continue;
            Buffer marker(buffer.type(), {1});
            marker.poison();
            const auto* mark = static_cast<const std::byte*>(marker.data());
            const std::size_t size = static_cast<std::size_t>(bytes_of(buffer.type()));
            for_each_index(buffer.shape(), [&](const Shape& index) {
                const auto* element = static_cast<const std::byte*>(buffer.data()) +
                                      buffer.offset(index) * static_cast<std::int64_t>(size);
                if (std::equal(mark, mark + size, element))
                    throw UserError(parameters[i].name() + text_of(index) + " was not written by any definition");
            });
        }
    }

    void call(std::span<const Buffer> buffers) const {
        const std::map<Symbol, std::int64_t> sizes = check(buffers);
        const auto code = find_variant(buffers);
        auto workspace = take_workspace(sizes);
        if (target.checks) poison(buffers, *workspace);
        std::vector<std::int64_t> size_values;
        for (const Symbol& symbol : pipeline.parameters) size_values.push_back(sizes.at(symbol));
        KernelReports reports;
        void* addresses[64];
        for (std::size_t step = 0; step < plan.plan.steps.size(); ++step) {
            const PlanStep& planned = plan.plan.steps[step];
            const std::vector<int>& places = sources[step];
            require(places.size() <= std::size(addresses), "a step has at most 64 buffers");
            for (std::size_t i = 0; i < places.size(); ++i)
                addresses[i] = places[i] >= 0 ? buffers[places[i]].data() : workspace->scratch[-1 - places[i]].data();
            if (planned.packs.defined() && skip_packing(planned, step, buffers, *workspace)) continue;
            const KernelArguments arguments{addresses, size_values.data(), &thread_pool(), &reports};
            code->code.functions[step](&arguments);
            if (reports.failed_check >= 0) {
                give_back(std::move(workspace));
                throw UserError(message(code->code.messages, reports));
            }
        }
        give_back(std::move(workspace));
        if (target.checks) check_written(buffers);
    }

    bool skip_packing(const PlanStep& planned, std::size_t step, std::span<const Buffer> buffers,
                      Workspace& workspace) const {
        const std::string& name = planned.packs.name();
        bool constant = false;
        {
            std::lock_guard lock(mutex);
            constant = constants.count(name) > 0;
        }
        const void* address = nullptr;
        for (std::size_t i = 0; i < pipeline.inputs.size(); ++i)
            if (pipeline.inputs[i] == planned.packs) address = buffers[i].data();
        if (constant && workspace.packed_from[step] == address && address) return true;
        workspace.packed_from[step] = constant ? address : nullptr;
        return false;
    }

    static std::string message(const std::vector<CheckMessage>& messages, const KernelReports& reports) {
        std::string text = messages.at(static_cast<std::size_t>(reports.failed_check)).text;
        for (const std::int64_t value : reports.values) {
            const auto place = text.find("{}");
            if (place == std::string::npos) break;
            text.replace(place, 2, std::to_string(value));
        }
        return text;
    }
};

namespace {

// Given, else the best record, else the default; says which in the report.
Schedule choose_schedule(const Pipeline& pipeline, const Target& target, const CompileOptions& options,
                         CompileReport& report) {
    if (options.schedule) {
        report.schedule_source = "given";
        return *options.schedule;
    }
    const std::filesystem::path path = Database::standard_path();
    std::error_code ignored;
    if (options.use_database && std::filesystem::exists(path, ignored)) {
        try {
            const std::string versions = host_code_versions();
            if (const auto record = Database(path).best(TuningKey::of(pipeline, target), versions)) {
                Schedule schedule = parse_schedule(record->schedule);
                LoopNest nest;
                if (const auto refusal = apply(schedule, pipeline, target, nest)) {
                    log_once(record->schedule,
                             "a record of the tuning database is no longer legal: " + refusal->reason);
                } else {
                    const bool fresh = record->versions == versions;
                    report.schedule_source = fresh ? "database (exact)" : "database (stale: " + record->versions + ")";
                    return schedule;
                }
            }
        } catch (const UserError& error) {
            log_once(path.string(), std::string("the tuning database is not used: ") + error.what());
        }
    }
    report.schedule_source = "default";
    return default_schedule(pipeline, target);
}

}  // namespace

Kernel compile(const Pipeline& pipeline, const Target& target, const CompileOptions& options) {
    if (target.kind != TargetKind::host)
        throw UserError("this build compiles for the host only, not for " + target.text());
    auto state = std::make_shared<Kernel::State>();
    state->pipeline = pipeline;
    state->target = target;
    state->use_cache = options.use_cache;
    Timer schedule_timer;
    state->schedule = choose_schedule(pipeline, target, options, state->report);
    state->report.schedule = schedule_timer.seconds();
    Timer lower_timer;
    LowerOptions lower_options;
    lower_options.verify = options.verify;
    state->plan = make_plan(pipeline, state->schedule, target, lower_options);
    state->report.lower = lower_timer.seconds();
    state->parameters = pipeline.inputs;
    state->parameters.insert(state->parameters.end(), pipeline.outputs.begin(), pipeline.outputs.end());
    state->dynamic = !pipeline.parameters.empty();
    if (!state->dynamic)
        for (const AnyTensor& tensor : state->parameters) state->shapes.push_back(shape_of(tensor, {}));
    for (const PlanStep& step : state->plan.plan.steps) {
        std::vector<int> places;
        for (const AnyTensor& parameter : step.function.parameters) {
            int place = 0;
            for (std::size_t i = 0; i < state->parameters.size(); ++i)
                if (state->parameters[i] == parameter) place = static_cast<int>(i);
            for (std::size_t i = 0; i < state->plan.plan.scratch.size(); ++i)
                if (state->plan.plan.scratch[i] == parameter) place = -1 - static_cast<int>(i);
            places.push_back(place);
        }
        state->sources.push_back(std::move(places));
    }
    state->variant(std::vector<Shape>(state->parameters.size()), state->report);
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
    state_->call(buffers);
}

void Kernel::run(std::span<const Buffer> buffers) const { state_->call(buffers); }

void Kernel::declare_constant(const std::string& input) {
    if (!std::any_of(state_->pipeline.inputs.begin(), state_->pipeline.inputs.end(),
                     [&](const AnyTensor& tensor) { return tensor.name() == input; }))
        throw UserError("declare_constant: the kernel has no input " + input + ": it takes " + state_->names());
    std::lock_guard lock(state_->mutex);
    state_->constants.insert(input);
}

void Kernel::invalidate(const std::string& input) {
    std::lock_guard lock(state_->mutex);
    for (const auto& workspace : state_->idle)
        for (std::size_t step = 0; step < state_->plan.plan.steps.size(); ++step)
            if (const AnyTensor& packed = state_->plan.plan.steps[step].packs;
                packed.defined() && packed.name() == input)
                workspace->packed_from[step] = nullptr;
}

const Pipeline& Kernel::pipeline() const { return state_->pipeline; }
const Schedule& Kernel::schedule() const { return state_->schedule; }
const Target& Kernel::target() const { return state_->target; }
const CompileReport& Kernel::report() const { return state_->report; }

}  // namespace heddle
