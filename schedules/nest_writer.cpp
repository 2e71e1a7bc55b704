// schedules/nest_writer.cpp -- directives of one stage with the loops they leave.
#include "schedules/nest_writer.h"

#include <algorithm>

#include "runtime/text.h"

namespace heddle {
namespace {

constexpr double points_worth_threads = 8192;

}  // namespace

NestWriter::NestWriter(Schedule& schedule, const DefinitionFacts& facts) : schedule_(schedule) {
    for (const VariableFacts& v : facts.variables) {
        loops_.push_back(v.name);
        points_ *= static_cast<double>(v.extent);
    }
}

std::pair<std::string, std::string> NestWriter::split(const std::string& loop, std::int64_t factor) {
    schedule_.split(loop, static_cast<int>(factor));
    const auto place = std::find(loops_.begin(), loops_.end(), loop);
    require(place != loops_.end(), "a split names a loop of the nest");
    const std::string outer = loop + ".o", inner = loop + ".i";
    *place = outer;
    loops_.insert(place + 1, inner);
    return {outer, inner};
}

void NestWriter::reorder(const LoopNames& loops) {
    require(loops.size() == loops_.size(), "an order names every loop of the nest");
    if (loops == loops_) return;
    schedule_.reorder(std::vector<LoopName>(loops.begin(), loops.end()));
    loops_ = loops;
}

std::string NestWriter::fuse(const LoopNames& loops) {
    if (loops.size() == 1) return loops[0];
    std::string fused = join(loops, "_");
    std::replace(fused.begin(), fused.end(), '.', '_');
    while (std::find(loops_.begin(), loops_.end(), fused) != loops_.end()) fused += "_";
    schedule_.fuse(std::vector<LoopName>(loops.begin(), loops.end()), fused);
    const auto first = std::find(loops_.begin(), loops_.end(), loops[0]);
    require(first != loops_.end(), "a fuse names loops of the nest");
    *first = fused;
    loops_.erase(first + 1, first + static_cast<std::ptrdiff_t>(loops.size()));
    return fused;
}

std::string NestWriter::parallel(const LoopNames& loops) {
    const std::string loop = fuse(loops);
    if (points_ >= points_worth_threads) schedule_.parallel(loop);
    return loop;
}

}  // namespace heddle
