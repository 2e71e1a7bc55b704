// schedules/nest_writer.h -- writes the directives of one stage, and keeps the names and order of its loops.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "schedules/definition_facts.h"
#include "schedules/schedule.h"

namespace heddle {

using LoopNames = std::vector<std::string>;

class NestWriter {
public:
    /// `schedule` already addresses the stage of this definition.
    NestWriter(Schedule& schedule, const DefinitionFacts& facts);

    /// Names of the outer and the inner loop.
    std::pair<std::string, std::string> split(const std::string& loop, std::int64_t factor);
    /// All loops, outermost first; no directive when they are in this order already.
    void reorder(const LoopNames& loops);
    /// One loop for several adjacent ones; of a single loop its own name.
    std::string fuse(const LoopNames& loops);
    /// One loop for these outermost ones, its iterations shared among the threads; a small domain stays serial, as its
    /// threads would cost more than they save. Returns the loop's name.
    std::string parallel(const LoopNames& loops);
    Schedule& schedule() { return schedule_; }

private:
    Schedule& schedule_;
    LoopNames loops_;
    double points_ = 1;
};

}  // namespace heddle
