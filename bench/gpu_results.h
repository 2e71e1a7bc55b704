// bench/gpu_results.h -- what races on a device come to: floors, shares and ratios, as plain data.
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace heddle::bench {

enum class Side : std::uint8_t {
    heddle,
    peer,     ///< in the same process, in turns
    outside,  ///< a peer timed by a process of its own
};

struct GpuResult {
    std::string name;
    Side side = Side::heddle;
    std::string detail;  ///< schedule, or the peer's algorithm
    double seconds = 0, spread = 0;
    int repetitions = 0;
    double error = 0;  ///< largest relative L2 error; of an outside peer 0
    bool right = true;
};

struct GpuCaseResult {
    std::string layer, kind, direction, arithmetic;
    double operations = 0, bytes = 0;
    double copy_seconds = 0;  ///< of a copy that reads and writes as many bytes together, in the same rounds
    double product_rate = 0;  ///< operations a second of the largest product; 0: the case is none of products
    std::vector<GpuResult> results;
    std::vector<std::string> left_out;  ///< "cuDNN nhwc: why"

    /// The larger of the copy's time and of operations / product_rate.
    double floor_seconds() const;
    bool bound_by_memory() const;
    /// The fastest right result of a side, both kinds of peers taken together; null where there is none.
    const GpuResult* best(bool of_peers) const;
};

/// What the device does at best, measured in the same run.
struct Ceilings {
    std::vector<std::pair<double, double>> copies;         ///< bytes read and written together, seconds
    std::vector<std::pair<std::string, double>> products;  ///< arithmetic, operations a second
    double copy_rate() const;                              ///< bytes a second of the largest copy; 0: none was measured
    double product_rate(const std::string& arithmetic) const;  ///< 0: not measured
};

struct GpuReport {
    std::string device, versions;
    Ceilings ceilings;
    std::vector<GpuCaseResult> cases;
};

/// Times of another process, as bench/pytorch_peers.py writes them.
struct OutsidePeer {
    std::string layer, direction, arithmetic, name;
    double seconds = 0, spread = 0;
    int repetitions = 0;
};
/// Throws UserError naming file and field.
std::vector<OutsidePeer> read_outside_peers(const std::filesystem::path& file);
/// Adds those of the case's layer, direction and arithmetic.
void merge(GpuCaseResult& result, const std::vector<OutsidePeer>& peers);

/// Geometric means over the layers of one kind, direction and arithmetic.
struct GroupMeans {
    std::string name;  ///< "max_pool forward f32"
    int layers = 0;
    double of_floor = 0;                 ///< floor / Heddle's best
    std::optional<double> against_peer;  ///< best peer / Heddle's best, over the layers that have both
};
std::vector<GroupMeans> group_means(const std::vector<GpuCaseResult>& cases);

/// Lines of a table: the case with its floors, then each result.
std::string table_of(const GpuCaseResult& result);
std::string table_of(const std::vector<GroupMeans>& groups);

/// Seconds, bytes and operations; reads back.
nlohmann::ordered_json json_of(const GpuReport& report);
/// Throws UserError naming `origin` and the field that is missing.
GpuReport report_of(const nlohmann::json& json, const std::string& origin);

}  // namespace heddle::bench
