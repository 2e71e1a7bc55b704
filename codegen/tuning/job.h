// codegen/tuning/job.h -- what is tuned: a pipeline, its data, and what must come out; handed to other processes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "codegen/tuning/channel.h"
#include "dsl/evaluate.h"
#include "dsl/pipeline.h"
#include "runtime/atomic_file.h"
#include "schedules/compare.h"
#include "schedules/target.h"

namespace heddle {

struct TuningJob {
    Pipeline pipeline;
    Target target;
    NamedBuffers inputs;
    struct Expected {
        AnyTensor output;
        std::vector<Point> points;
        std::vector<double> values;  ///< by the oracle, computed once for all candidates
    };
    std::vector<Expected> expected;
    std::shared_ptr<void> memory = {};  ///< what `inputs` lie in, where another process wrote them
};
/// Corners, sides of the default schedule's tiles and random elements of each output by the oracle; fewer where each is
/// a long sum.
TuningJob make_tuning_job(const Pipeline& pipeline, const Target& target, const NamedBuffers& inputs,
                          std::uint64_t seed);

/// A job in memory that other processes map, each a copy on write; `head` says what lies where.
struct SharedJob {
    std::shared_ptr<FileDescriptor> memory;
    Message head;
};
/// Throws UserError where there is not memory enough.
SharedJob share(const TuningJob& job);
/// Of the process that was handed both. Throws InternalError for what share() did not write.
TuningJob open_shared_job(int memory, const Message& head);

}  // namespace heddle
