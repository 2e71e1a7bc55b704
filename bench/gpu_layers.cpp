// bench/gpu_layers.cpp -- rows of the tables, checked field by field.
#include "bench/gpu_layers.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "bench/layer_tables.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "tools/json_fields.h"

namespace heddle::bench {

using tools::rows_of;
using tools::size_field;
using tools::text_field;
using tools::text_of_file;
namespace {

struct KindRow {
    LayerKind kind;
    std::string_view name;
    std::vector<std::string> fields;
};

const std::vector<KindRow>& kinds() {
    static const std::vector<KindRow> rows = {
        {LayerKind::convolution,
         "convolution",
         {"N", "C", "H", "W", "K", "R", "S", "stride", "padding", "dilation", "groups"}},
        {LayerKind::transposed_convolution,
         "transposed_convolution",
         {"N", "C", "H", "W", "K", "R", "S", "stride", "padding", "output_padding"}},
        {LayerKind::max_pool, "max_pool", {"N", "C", "H", "W", "R", "S", "stride", "padding"}},
        {LayerKind::average_pool, "average_pool", {"N", "C", "H", "W", "R", "S", "stride", "padding"}},
        {LayerKind::softmax, "softmax", {"N", "C"}},
        {LayerKind::cross_entropy, "cross_entropy", {"N", "C"}},
        {LayerKind::linear, "linear", {"N", "C", "K"}},
    };
    return rows;
}

const KindRow& kind_named(const std::string& name, const std::string& where) {
    std::vector<std::string> names;
    for (const KindRow& row : kinds()) {
        if (row.name == name) return row;
        names.emplace_back(row.name);
    }
    throw UserError(fmt::format("{}: '{}' is no kind of layer{}; there are {}", where, name, did_you_mean(name, names),
                                join(names, ", ")));
}

std::int64_t& field_of(GpuLayer& layer, const std::string& field) {
    static const std::vector<std::pair<std::string, std::int64_t GpuLayer::*>> members = {
        {"N", &GpuLayer::N},
        {"C", &GpuLayer::C},
        {"H", &GpuLayer::H},
        {"W", &GpuLayer::W},
        {"K", &GpuLayer::K},
        {"R", &GpuLayer::R},
        {"S", &GpuLayer::S},
        {"stride", &GpuLayer::stride},
        {"padding", &GpuLayer::padding},
        {"output_padding", &GpuLayer::output_padding},
        {"dilation", &GpuLayer::dilation},
        {"groups", &GpuLayer::groups}};
    for (const auto& [name, member] : members)
        if (name == field) return layer.*member;
    throw InternalError("a field of a layer without a member: " + field);
}

std::int64_t output_size(const GpuLayer& layer, std::int64_t size, std::int64_t taps, const std::string& where) {
    if (layer.kind == LayerKind::transposed_convolution)
        return (size - 1) * layer.stride - 2 * layer.padding + taps + layer.output_padding;
    const std::int64_t span = layer.dilation * (taps - 1) + 1, padded = size + 2 * layer.padding;
    if (span > padded)
        throw UserError(
            fmt::format("{}: the window spans {}, and the input with its padding has {}", where, span, padded));
    return (padded - span) / layer.stride + 1;
}

void check(const GpuLayer& layer, const std::string& where) {
    if (layer.C % layer.groups != 0 || layer.K % layer.groups != 0)
        throw UserError(fmt::format("{}: \"groups\" {} should divide \"C\" {} and \"K\" {}", where, layer.groups,
                                    layer.C, layer.K));
    if (layer.P < 1 || layer.Q < 1) throw UserError(fmt::format("{}: the output would be empty", where));
    if (layer.output_padding >= layer.stride && layer.output_padding > 0)
        throw UserError(fmt::format("{}: \"output_padding\" {} should be less than \"stride\" {}", where,
                                    layer.output_padding, layer.stride));
    if (layer.stride > 1 && layer.dilation > 1)
        throw UserError(fmt::format("{}: a layer has a \"stride\" or a \"dilation\" above 1, not both", where));
    const bool pool = layer.kind == LayerKind::max_pool || layer.kind == LayerKind::average_pool;
    if (pool && layer.padding > std::min(layer.R, layer.S) / 2)
        throw UserError(fmt::format("{}: \"padding\" {} should be at most half of the window, {} by {}", where,
                                    layer.padding, layer.R, layer.S));
    if (pool && layer.R * layer.S > 255)
        throw UserError(fmt::format("{}: the window has {} places, and may have 255", where, layer.R * layer.S));
}

GpuLayer layer_of(const nlohmann::json& row, const std::string& origin) {
    GpuLayer layer;
    layer.name = row["name"];
    const std::string where = fmt::format("{}, {}", origin, layer.name);
    const KindRow& kind = kind_named(text_field(row, "kind", where), where);
    layer.kind = kind.kind;
    for (const auto& [field, value] : row.items())
        if (field != "name" && field != "kind" &&
            std::find(kind.fields.begin(), kind.fields.end(), field) == kind.fields.end())
            throw UserError(fmt::format("{}: a {} has no \"{}\"{}; it has {}", where, kind.name, field,
                                        did_you_mean(field, kind.fields), join(kind.fields, ", ")));
    for (const std::string& field : kind.fields)
        field_of(layer, field) =
            size_field(row, field.c_str(), field == "padding" || field == "output_padding" ? 0 : 1, where);
    layer.P = output_size(layer, layer.H, layer.R, where);
    layer.Q = output_size(layer, layer.W, layer.S, where);
    check(layer, where);
    return layer;
}

}  // namespace

std::string_view name_of(LayerKind kind) {
    for (const KindRow& row : kinds())
        if (row.kind == kind) return row.name;
    throw InternalError("a kind of layer without a name");
}

std::vector<GpuLayer> parse_gpu_layers(std::string_view text, const std::string& origin) {
    std::vector<GpuLayer> layers;
    for (const nlohmann::json& row : rows_of(text, origin)) layers.push_back(layer_of(row, origin));
    return layers;
}

std::vector<GpuTable> read_gpu_tables(const std::filesystem::path& file) {
    if (!file.empty()) return {{file.stem().string(), parse_gpu_layers(text_of_file(file), file.string())}};
    std::vector<GpuTable> tables;
    // Those of other commands: convolutions of the host, and suites, which state words instead of sizes.
    const std::set<std::string_view> others = {"host", "tuning", "near_shapes"};
    for (const LayerTable& table : layer_tables())
        if (others.count(table.name) == 0)
            tables.push_back({table.name, parse_gpu_layers(table.text, "bench/layers/" + table.name + ".json")});
    return tables;
}

std::vector<GpuLayer> select_gpu_layers(const std::vector<GpuTable>& tables, const std::vector<std::string>& names) {
    std::vector<GpuLayer> chosen;
    const auto add = [&](const GpuLayer& layer) {
        const auto same = [&](const GpuLayer& other) { return other.name == layer.name; };
        if (std::none_of(chosen.begin(), chosen.end(), same)) chosen.push_back(layer);
    };
    std::vector<std::string> known;
    for (const GpuTable& table : tables) {
        known.push_back(table.name);
        for (const GpuLayer& layer : table.layers) {
            known.push_back(layer.name);
            if (names.empty()) add(layer);
        }
    }
    for (const std::string& name : names) {
        if (std::find(known.begin(), known.end(), name) == known.end())
            throw UserError(fmt::format("there is no layer or table '{}'{}; there are {}", name,
                                        did_you_mean(name, known), join(known, ", ")));
        for (const GpuTable& table : tables)
            for (const GpuLayer& layer : table.layers)
                if (table.name == name || layer.name == name) add(layer);
    }
    return chosen;
}

}  // namespace heddle::bench
