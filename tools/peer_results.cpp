// tools/peer_results.cpp -- "layers" of the host's comparison, "cases" of a device's.
#include "tools/peer_results.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "runtime/error.h"
#include "tools/json_fields.h"

namespace heddle::tools {
namespace {

/// A device's results say whose they are; of a host's only oneDNN's are others'.
bool is_peer(const nlohmann::json& result, const std::string& where) {
    if (!result.value("right", false)) return false;
    if (result.contains("side")) return text_field(result, "side", where) != "heddle";
    return text_field(result, "name", where).starts_with("oneDNN");
}

bool close(double a, double b) { return std::abs(a - b) <= 1e-6 * std::abs(b); }

}  // namespace

bool PeerResult::is_of(double problem_operations, double problem_bytes) const {
    return close(operations, problem_operations) && close(bytes, problem_bytes);
}

std::vector<PeerResult> read_peer_results(const std::string& file) {
    const nlohmann::json json = parse_json(text_of_file(file), file);
    const char* field = json.is_object() && json.contains("cases") ? "cases" : "layers";
    if (!json.is_object() || !json.contains(field) || !json[field].is_array())
        throw UserError(
            fmt::format("{}: should be what heddle_bench convolution --json or heddle_bench gpu --json writes", file));
    std::vector<PeerResult> peers;
    for (const nlohmann::json& layer : json[field]) {
        const std::string name = text_field(layer, "layer", file), where = fmt::format("{}, {}", file, name);
        if (!layer.contains("results") || !layer["results"].is_array())
            throw UserError(fmt::format("{}: \"results\" should be a list", where));
        for (const nlohmann::json& result : layer["results"])
            if (is_peer(result, where))
                peers.push_back({name, text_field(result, "name", where), number_field(layer, "operations", where),
                                 number_field(layer, "bytes", where), number_field(result, "seconds", where)});
    }
    return peers;
}

}  // namespace heddle::tools
