// bench/gpu_results_json.cpp -- reports and the times of other processes as JSON, there and back.
#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "bench/gpu_results.h"
#include "runtime/error.h"
#include "tools/json_fields.h"

namespace heddle::bench {

using tools::number_field;
using tools::parse_json;
using tools::size_field;
using tools::text_field;
using tools::text_of_file;
namespace {

constexpr std::array<const char*, 3> sides{"heddle", "peer", "outside"};

nlohmann::ordered_json json_of(const GpuResult& r) {
    return {{"name", r.name},     {"side", sides[static_cast<std::size_t>(r.side)]},
            {"detail", r.detail}, {"seconds", r.seconds},
            {"spread", r.spread}, {"repetitions", r.repetitions},
            {"error", r.error},   {"right", r.right}};
}

nlohmann::ordered_json json_of(const GpuCaseResult& c) {
    nlohmann::ordered_json results = nlohmann::ordered_json::array();
    for (const GpuResult& result : c.results) {
        results.push_back(json_of(result));
        results.back()["of_floor"] = c.floor_seconds() / result.seconds;
        if (const GpuResult* peer = c.best(true)) results.back()["against_peer"] = peer->seconds / result.seconds;
    }
    return {{"layer", c.layer},
            {"kind", c.kind},
            {"direction", c.direction},
            {"type", c.arithmetic},
            {"operations", c.operations},
            {"bytes", c.bytes},
            {"copy_seconds", c.copy_seconds},
            {"product_rate", c.product_rate},
            {"floor_seconds", c.floor_seconds()},
            {"results", results},
            {"left_out", c.left_out}};
}

/// The list under `field`. Throws UserError where it is none.
const nlohmann::json& list_field(const nlohmann::json& json, const char* field, const std::string& where) {
    const auto found = json.find(field);
    if (!json.is_object() || found == json.end() || !found->is_array())
        throw UserError(fmt::format("{}: \"{}\" should be a list", where, field));
    return *found;
}

GpuResult result_of(const nlohmann::json& json, const std::string& where) {
    GpuResult result;
    result.name = text_field(json, "name", where);
    const std::string side = text_field(json, "side", where);
    for (std::size_t i = 0; i < sides.size(); ++i)
        if (side == sides[i]) result.side = static_cast<Side>(i);
    result.detail = text_field(json, "detail", where);
    result.seconds = number_field(json, "seconds", where);
    result.spread = number_field(json, "spread", where);
    result.repetitions = static_cast<int>(size_field(json, "repetitions", 0, where));
    // JSON has no NaN: the error of a result with holes is written as null.
    result.error = json.contains("error") && json["error"].is_number() ? json["error"].get<double>() : NAN;
    result.right = json.value("right", false);
    return result;
}

}  // namespace

nlohmann::ordered_json json_of(const GpuReport& report) {
    nlohmann::ordered_json copies = nlohmann::ordered_json::array(), products = nlohmann::ordered_json::array(),
                           cases = nlohmann::ordered_json::array();
    for (const auto& [bytes, seconds] : report.ceilings.copies)
        copies.push_back({{"bytes", bytes}, {"seconds", seconds}});
    for (const auto& [type, rate] : report.ceilings.products)
        products.push_back({{"type", type}, {"operations_per_second", rate}});
    for (const GpuCaseResult& result : report.cases) cases.push_back(json_of(result));
    return {{"device", report.device},
            {"versions", report.versions},
            {"copies", copies},
            {"products", products},
            {"cases", cases}};
}

GpuReport report_of(const nlohmann::json& json, const std::string& origin) {
    GpuReport report;
    if (!json.is_object()) throw UserError(fmt::format("{}: should be what heddle_bench gpu --json writes", origin));
    report.device = text_field(json, "device", origin);
    report.versions = text_field(json, "versions", origin);
    for (const nlohmann::json& copy : list_field(json, "copies", origin))
        report.ceilings.copies.emplace_back(number_field(copy, "bytes", origin), number_field(copy, "seconds", origin));
    for (const nlohmann::json& product : list_field(json, "products", origin))
        report.ceilings.products.emplace_back(text_field(product, "type", origin),
                                              number_field(product, "operations_per_second", origin));
    for (const nlohmann::json& row : list_field(json, "cases", origin)) {
        GpuCaseResult result;
        result.layer = text_field(row, "layer", origin);
        const std::string where = fmt::format("{}, {}", origin, result.layer);
        result.kind = text_field(row, "kind", where);
        result.direction = text_field(row, "direction", where);
        result.arithmetic = text_field(row, "type", where);
        result.operations = number_field(row, "operations", where);
        result.bytes = number_field(row, "bytes", where);
        result.copy_seconds = number_field(row, "copy_seconds", where);
        result.product_rate = number_field(row, "product_rate", where);
        for (const nlohmann::json& one : list_field(row, "results", where))
            result.results.push_back(result_of(one, where));
        for (const nlohmann::json& reason : list_field(row, "left_out", where))
            result.left_out.push_back(reason.is_string() ? reason.get<std::string>() : reason.dump());
        report.cases.push_back(std::move(result));
    }
    return report;
}

std::vector<OutsidePeer> read_outside_peers(const std::filesystem::path& file) {
    const std::string origin = file.string();
    const nlohmann::json json = parse_json(text_of_file(file), origin);
    std::vector<OutsidePeer> peers;
    for (const nlohmann::json& row : list_field(json, "results", origin))
        peers.push_back({text_field(row, "layer", origin), text_field(row, "direction", origin),
                         text_field(row, "type", origin), text_field(row, "name", origin),
                         number_field(row, "seconds", origin), number_field(row, "spread", origin),
                         static_cast<int>(size_field(row, "repetitions", 0, origin))});
    return peers;
}

}  // namespace heddle::bench
