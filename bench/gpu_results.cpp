// bench/gpu_results.cpp -- arithmetic on results, and their tables.
#include "bench/gpu_results.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle::bench {
namespace {

std::string rate_text(const GpuCaseResult& result, double seconds) {
    if (result.product_rate > 0) return fmt::format("{:.1f} TFLOP/s", result.operations / seconds * 1e-12);
    return fmt::format("{:.0f} GB/s", result.bytes / seconds * 1e-9);
}

std::string verdict(const GpuResult& result) {
    if (result.side == Side::outside) return "   (another process)";
    if (!result.right) return fmt::format("  WRONG: relative error {:.1e}", result.error);
    return fmt::format("  error {:.0e}", result.error);
}

class GeometricMean {
public:
    void add(double value) {
        logarithms_ += std::log(value);
        ++count_;
    }
    int count() const { return count_; }
    double value() const { return count_ > 0 ? std::exp(logarithms_ / count_) : 0; }

private:
    double logarithms_ = 0;
    int count_ = 0;
};

}  // namespace

double GpuCaseResult::floor_seconds() const {
    return std::max(copy_seconds, product_rate > 0 ? operations / product_rate : 0.0);
}

bool GpuCaseResult::bound_by_memory() const { return product_rate <= 0 || operations / product_rate <= copy_seconds; }

const GpuResult* GpuCaseResult::best(bool of_peers) const {
    const GpuResult* found = nullptr;
    for (const GpuResult& result : results)
        if ((result.side != Side::heddle) == of_peers && result.right && result.seconds > 0 &&
            (found == nullptr || result.seconds < found->seconds))
            found = &result;
    return found;
}

double Ceilings::copy_rate() const {
    double rate = 0;
    for (const auto& [bytes, seconds] : copies)
        if (seconds > 0) rate = std::max(rate, bytes / seconds);
    return rate;
}

double Ceilings::product_rate(const std::string& arithmetic) const {
    for (const auto& [name, rate] : products)
        if (name == arithmetic) return rate;
    return 0;
}

void merge(GpuCaseResult& result, const std::vector<OutsidePeer>& peers) {
    for (const OutsidePeer& peer : peers)
        if (peer.layer == result.layer && peer.direction == result.direction && peer.arithmetic == result.arithmetic)
            result.results.push_back(
                {peer.name, Side::outside, "", peer.seconds, peer.spread, peer.repetitions, 0, true});
}

std::vector<GroupMeans> group_means(const std::vector<GpuCaseResult>& cases) {
    struct Sums {
        std::string name;
        GeometricMean of_floor, against_peer;
    };
    std::vector<Sums> groups;
    for (const GpuCaseResult& result : cases) {
        const GpuResult* own = result.best(false);
        if (own == nullptr) continue;
        const std::string name = fmt::format("{} {} {}", result.kind, result.direction, result.arithmetic);
        auto group = std::find_if(groups.begin(), groups.end(), [&](const Sums& g) { return g.name == name; });
        if (group == groups.end()) group = groups.insert(groups.end(), Sums{name, {}, {}});
        group->of_floor.add(result.floor_seconds() / own->seconds);
        if (const GpuResult* peer = result.best(true)) group->against_peer.add(peer->seconds / own->seconds);
    }
    std::vector<GroupMeans> means;
    for (const Sums& group : groups) {
        means.push_back({group.name, group.of_floor.count(), group.of_floor.value(), {}});
        if (group.against_peer.count() > 0) means.back().against_peer = group.against_peer.value();
    }
    return means;
}

std::string table_of(const GpuCaseResult& result) {
    std::string text =
        fmt::format("{} {} {}   {} operations, {}, floor {} ({})\n", result.layer, result.direction, result.arithmetic,
                    format_count(result.operations), format_bytes(result.bytes), format_seconds(result.floor_seconds()),
                    result.bound_by_memory() ? "a copy of as many bytes" : "arithmetic");
    const GpuResult* peer = result.best(true);
    text += fmt::format("  {:24} {:>10} {:>10} {:>14} {:>7} {:>11}\n", "", "median", "spread", "rate", "floor",
                        "best peer");
    for (const GpuResult& r : result.results)
        text += fmt::format(
            "  {:24} {:>10} {:>10} {:>14} {:>6.0f}% {:>11}{}\n", r.name, format_seconds(r.seconds),
            format_seconds(r.spread), rate_text(result, r.seconds), 100 * result.floor_seconds() / r.seconds,
            peer != nullptr && r.right ? fmt::format("{:.2f}x", peer->seconds / r.seconds) : "", verdict(r));
    for (const std::string& reason : result.left_out) text += fmt::format("  left out: {}\n", reason);
    return text;
}

std::string table_of(const std::vector<GroupMeans>& groups) {
    if (groups.empty()) return "";
    std::string text = fmt::format("geometric means of Heddle's best\n  {:40} {:>7} {:>8} {:>11}\n", "", "layers",
                                   "floor", "best peer");
    for (const GroupMeans& group : groups)
        text += fmt::format("  {:40} {:>7} {:>7.0f}% {:>11}\n", group.name, group.layers, 100 * group.of_floor,
                            group.against_peer ? fmt::format("{:.2f}x", *group.against_peer) : "");
    return text;
}

}  // namespace heddle::bench
