// tools/access_report.cpp -- ranges, strides and reuse of reads.
#include "tools/access_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "dsl/affine.h"
#include "dsl/interval.h"
#include "dsl/print.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle::tools {
namespace {

std::string text_of(const Interval& range) {
    const auto end = [](std::int64_t value) {
        if (value == Interval::minus_infinity) return std::string("-inf");
        if (value == Interval::plus_infinity) return std::string("inf");
        return std::to_string(value);
    };
    return end(range.min) + ".." + end(range.max);
}

// What of a range lies outside of [0, extent).
std::string outside_text(const Interval& range, const Extent& extent, const Boundary& boundary) {
    if (boundary.mode == BoundaryMode::none) return "inside";
    if (!extent.is_static()) return std::string(name_of(boundary.mode));
    const std::int64_t before = std::max<std::int64_t>(0, -range.min);
    const std::int64_t after = std::max<std::int64_t>(0, range.max - (extent.value() - 1));
    if (before == 0 && after == 0) return "inside";
    return fmt::format("{} before, {} after: {}", before, after, name_of(boundary.mode));
}

// The step of the address for each variable of the domain; nothing where an index is not affine.
std::optional<std::vector<std::pair<std::string, std::int64_t>>> strides_of(const Read& read,
                                                                            const Definition& definition) {
    const std::vector<Extent>& shape = AnyTensor(read.tensor).shape();
    std::vector<std::pair<std::string, std::int64_t>> strides;
    for (const DomainVar& variable : definition.domain) {
        std::int64_t stride = 0, step = 1;
        for (std::size_t d = shape.size(); d-- > 0;) {
            const std::optional<Affine> index = affine_of(read.indices[d]);
            if (!index) return {};
            stride += index->coefficient(variable.symbol) * step;
            if (d > 0 && !shape[d].is_static()) return {};
            if (d > 0) step *= shape[d].value();
        }
        if (stride != 0) strides.emplace_back(variable.symbol.name(), stride);
    }
    std::sort(strides.begin(), strides.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    return strides;
}

// Reads over elements that can be read.
std::string reuse_text(const Read& read, const Definition& definition, const Ranges& ranges) {
    double points = 1, elements = 1;
    for (const DomainVar& variable : definition.domain) {
        if (!variable.extent.is_static()) return "depends on run-time sizes";
        points *= static_cast<double>(variable.extent.value());
    }
    std::vector<std::string> constant_along;
    for (const DomainVar& variable : definition.domain) {
        bool used = false;
        for (const Expr& index : read.indices) used |= uses(index, variable.symbol);
        if (!used) constant_along.push_back(variable.symbol.name());
    }
    const std::vector<Extent>& shape = AnyTensor(read.tensor).shape();
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const Interval range = interval_of(read.indices[d], ranges);
        const std::int64_t extent = shape[d].value();
        elements *= static_cast<double>(std::min(range.max, extent - 1) - std::max<std::int64_t>(range.min, 0) + 1);
    }
    std::string text =
        fmt::format("each of {} elements is read {:.4g} times", format_count(elements), points / elements);
    if (!constant_along.empty()) text += fmt::format("; the same one along {}", join(constant_along, ", "));
    return text;
}

std::string report_of(const Read& read, const Definition& definition) {
    const Ranges ranges = ranges_of(definition.domain);
    const std::vector<Extent>& shape = AnyTensor(read.tensor).shape();
    std::string text = fmt::format("    {:4} {:22} {:14} {:>8}  {}\n", "dim", "index", "range", "extent", "outside");
    for (std::size_t d = 0; d < shape.size(); ++d) {
        const Interval range = interval_of(read.indices[d], ranges);
        text += fmt::format("    {:<4} {:22} {:14} {:>8}  {}\n", d, print(read.indices[d]), text_of(range),
                            print(shape[d].expr()), outside_text(range, shape[d], read.boundary));
    }
    if (const auto strides = strides_of(read, definition)) {
        std::vector<std::string> parts;
        for (const auto& [name, stride] : *strides) parts.push_back(fmt::format("{} {}", name, stride));
        text += fmt::format("    strides  {}\n", parts.empty() ? "none" : join(parts, ", "));
    } else {
        text += "    strides  not known before the call\n";
    }
    return text + fmt::format("    reuse    {}\n", reuse_text(read, definition, ranges));
}

}  // namespace

std::string access_report(const Pipeline& pipeline) {
    std::string text;
    for (const PipelineStage& stage : pipeline.stages) {
        text += fmt::format("{}: {}\n", stage.name(), print_with_domain(*stage.definition));
        for (const Expr& value : stage.definition->right)
            for_each_node(value, [&](const Expr& e) {
                const auto* read = e.as<Read>();
                if (read) text += fmt::format("  {}\n{}", print(e), report_of(*read, *stage.definition));
            });
    }
    return text;
}

}  // namespace heddle::tools
