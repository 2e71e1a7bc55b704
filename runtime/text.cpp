// runtime/text.cpp -- numbers with units, and the edit distance behind "did you mean".
#include "runtime/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <span>

namespace heddle {
namespace {

struct Unit {
    double scale;
    const char* name;
};

/// `value` in the largest unit that leaves at least 1 before the point (the smallest unit when none does), the units
/// given from small to large. A value that rounds to 1000 goes to the next unit.
std::string in_units(double value, std::span<const Unit> units) {
    std::size_t u = 0;
    while (u + 1 < units.size() && std::abs(value) >= units[u + 1].scale * (1 - 0.5e-3)) ++u;
    const double scaled = value / units[u].scale;
    const std::string digits =
        std::abs(scaled) >= 999.5 ? fmt::format("{:.0f}", scaled) : fmt::format("{:.3g}", scaled);
    return *units[u].name == '\0' ? digits : fmt::format("{} {}", digits, units[u].name);
}

std::string lower_case(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return result;
}

/// Optimal string alignment distance: Levenshtein's, with a swap of neighbours as one edit.
std::size_t edit_distance(const std::string& a, const std::string& b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> before_last(width), last(width), row(width);
    for (std::size_t j = 0; j < width; ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before_last.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j < width; ++j) {
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
    }
    return row[b.size()];
}

}  // namespace

std::string format_seconds(double seconds) {
    static constexpr Unit units[] = {{1e-9, "ns"}, {1e-6, "us"}, {1e-3, "ms"}, {1, "s"}};
    return seconds == 0 ? "0 s" : in_units(seconds, units);
}

std::string format_bytes(double bytes) {
    static constexpr Unit units[] = {{1, "B"}, {1e3, "KB"}, {1e6, "MB"}, {1e9, "GB"}, {1e12, "TB"}};
    return in_units(bytes, units);
}

std::string format_count(double count) {
    static constexpr Unit units[] = {{1, ""}, {1e3, "K"}, {1e6, "M"}, {1e9, "G"}, {1e12, "T"}, {1e15, "P"}};
    return in_units(count, units);
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::vector<std::string> nearest_names(std::string_view word, const std::vector<std::string>& candidates) {
    const std::string wanted = lower_case(word);
    const std::size_t limit = std::max<std::size_t>(1, (wanted.size() + 2) / 3);
    std::vector<std::pair<std::size_t, std::string>> near;
    for (const std::string& candidate : candidates) {
        const std::size_t distance = edit_distance(wanted, lower_case(candidate));
        if (distance <= limit && distance < wanted.size()) near.emplace_back(distance, candidate);
    }
    std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    if (near.size() > 3) near.resize(3);
    std::vector<std::string> names;
    for (auto& [distance, name] : near) names.push_back(std::move(name));
    return names;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates) {
    const std::vector<std::string> near = nearest_names(word, candidates);
    return near.empty() ? "" : "; did you mean '" + join(near, "' or '") + "'?";
}

}  // namespace heddle
