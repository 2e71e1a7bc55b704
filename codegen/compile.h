// codegen/compile.h -- from definitions to a kernel that runs: the function that user programs call.
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "dsl/pipeline.h"
#include "dsl/tensor.h"
#include "runtime/buffer.h"
#include "schedules/schedule.h"
#include "schedules/target.h"

namespace heddle {

struct CompileOptions {
    /// The schedule to use, of the definitions as they are given. None: scatters become gathers
    /// (dsl/gather_pipeline.h), and the best record of the tuning database is taken, else the default.
    std::optional<Schedule> schedule;
    /// Look into the tuning database (`HEDDLE_DB`) when no schedule is given.
    bool use_database = true;
    /// Search for a schedule for so many seconds when the database has none that was measured for this pipeline on this
    /// machine, and record it (codegen/tune.h); 0: never. Takes a process of the heddle command; where it cannot, a
    /// warning says why, and the schedule is what it would be without.
    double tune_seconds = 0;
    /// Keep compiled code on disk and take it from there (`HEDDLE_CACHE`).
    bool use_cache = true;
    /// Run the verifier after every pass.
    bool verify = false;
};

/// Where the time of a compilation went, in seconds, and whether code came from the cache.
struct CompileReport {
    double schedule = 0, lower = 0, emit = 0, llvm = 0, load = 0;
    bool from_cache = false;
    /// "given", "database (exact)", "database (stale: ...)", "database (nearest shape, distance 1.00)", "default".
    std::string schedule_source;
};

/// Compiled code for a pipeline. Copies share it. Calls are safe from several threads at once.
class Kernel {
public:
    struct State;
    explicit Kernel(std::shared_ptr<State> state) : state_(std::move(state)) {}

    /// Runs on buffers by name: every input and every output exactly once. Buffers may be strided views; code for other
    /// strides than row-major is compiled on the first such call. Outputs are overwritten.
    /// Throws UserError naming tensor and sizes for a missing, unknown, misshapen or mistyped buffer, an output that
    /// overlaps an input or another output, and a failed check (an index from data outside its extent).
    void operator()(std::initializer_list<std::pair<std::string, Buffer>> arguments) const;
    void operator()(const std::vector<std::pair<std::string, Buffer>>& arguments) const;
    /// The same, by position: inputs in the order of Pipeline::inputs, then outputs.
    /// For a CUDA target the buffers lie on the device (to_device), and the work is put on `stream` (a CUstream; null:
    /// the default one) without waiting for it, except that a kernel that checks indices from data waits for its
    /// checks.
    void run(std::span<const Buffer> buffers, void* stream = nullptr) const;
    /// The same with scratch in the caller's memory, which the call needs until its work is done, and keeps nothing in:
    /// inputs declared constant are packed anew. Throws UserError where it is smaller than workspace_bytes() or does
    /// not start at a multiple of 256 bytes.
    void run(std::span<const Buffer> buffers, void* stream, void* workspace, std::int64_t bytes) const;
    /// Scratch memory that a call takes; 0: none. Where sizes are run-time sizes, for these buffers.
    std::int64_t workspace_bytes(std::span<const Buffer> buffers = {}) const;

    /// Declares that an input's contents will not change between calls as long as the same memory is passed, so that
    /// packed copies of it are made once. `invalidate` makes the next call pack again.
    void declare_constant(const std::string& input);
    void invalidate(const std::string& input);

    const Pipeline& pipeline() const;
    const Schedule& schedule() const;
    const Target& target() const;
    const CompileReport& report() const;
    const State& state() const { return *state_; }

private:
    std::shared_ptr<State> state_;
};

/// Compiles an output (or several) with everything it needs. Throws UserError for an illegal schedule, with the reason.
///     Kernel blur = compile(y);
///     blur({{"x", x_buffer}, {"y", y_buffer}});
Kernel compile(const AnyTensor& output, const Target& target = Target::best(), const CompileOptions& options = {});
Kernel compile(const std::vector<AnyTensor>& outputs, const Target& target = Target::best(),
               const CompileOptions& options = {});
Kernel compile(const Pipeline& pipeline, const Target& target = Target::best(), const CompileOptions& options = {});

}  // namespace heddle
