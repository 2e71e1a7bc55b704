// schedules/target.cpp -- targets: this machine's CPU, CUDA devices, and their texts.
#include "schedules/target.h"

#include <fmt/core.h>

#include <array>
#include <cstdlib>
#include <optional>

#include "runtime/cuda_driver.h"
#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr const char* known_targets =
    "known are host, host:sse, host:avx2, host:avx512 and cuda:sm_80, cuda:sm_90, ...";

// What a name of a feature level promises, weakest first; each includes the one before.
struct Level {
    std::string_view name;
    CpuFeatures features;
};
const std::array<Level, 3>& levels() {
    static const std::array<Level, 3> all = [] {
        CpuFeatures avx2;
        avx2.avx2 = avx2.fma = avx2.f16c = true;
        CpuFeatures avx512 = avx2;
        avx512.avx512f = avx512.avx512bw = avx512.avx512dq = avx512.avx512vl = true;
        return std::array<Level, 3>{{{"sse", {}}, {"avx2", avx2}, {"avx512", avx512}}};
    }();
    return all;
}

const Level* find_level(std::string_view name) {
    for (const Level& level : levels())
        if (level.name == name) return &level;
    return nullptr;
}

struct FeatureName {
    std::string_view name;
    bool CpuFeatures::*member;
};
// Beyond the levels, as LLVM spells them.
constexpr std::array<FeatureName, 6> extras = {{
    {"avx512vnni", &CpuFeatures::avx512_vnni},
    {"avx512bf16", &CpuFeatures::avx512_bf16},
    {"avx512fp16", &CpuFeatures::avx512_fp16},
    {"amx-tile", &CpuFeatures::amx_tile},
    {"amx-bf16", &CpuFeatures::amx_bf16},
    {"amx-int8", &CpuFeatures::amx_int8},
}};

bool includes(const CpuFeatures& all, const CpuFeatures& part) {
    for (const std::string& name : feature_names(part)) {
        bool found = false;
        for (const std::string& has : feature_names(all)) found = found || has == name;
        if (!found) return false;
    }
    return true;
}

const Level& level_of(const CpuFeatures& features) {
    const Level* best = &levels()[0];
    for (const Level& level : levels())
        if (includes(features, level.features)) best = &level;
    return *best;
}

CpuFeatures without_extras(CpuFeatures features) {
    for (const FeatureName& extra : extras) features.*extra.member = false;
    return features;
}

std::vector<std::string> split_text(const std::string& text, char separator) {
    std::vector<std::string> parts(1);
    for (const char c : text) {
        if (c == separator)
            parts.emplace_back();
        else
            parts.back() += c;
    }
    return parts;
}

[[noreturn]] void unknown(const std::string& text, const std::string& what) {
    throw UserError(fmt::format("target '{}': {}; {}", text, what, known_targets));
}

std::optional<int> number(const std::string& digits) {
    if (digits.empty() || digits.size() > 6) return {};
    int value = 0;
    for (const char c : digits) {
        if (c < '0' || c > '9') return {};
        value = value * 10 + (c - '0');
    }
    return value;
}

CpuFeatures parse_features(const std::string& text, const std::string& names) {
    const std::vector<std::string> parts = split_text(names, '+');
    const Level* level = find_level(parts[0]);
    if (!level) unknown(text, fmt::format("'{}' is not a set of vector features", parts[0]));
    CpuFeatures features = level->features;
    for (std::size_t i = 1; i < parts.size(); ++i) {
        bool found = false;
        for (const FeatureName& extra : extras)
            if (extra.name == parts[i]) features.*extra.member = found = true;
        if (!found) unknown(text, fmt::format("'{}' is not a CPU feature", parts[i]));
    }
    return features;
}

}  // namespace

Target Target::host() {
    Target target;
    target.features = cpu_info().features;
    target.threads = cpu_info().cores;
    const char* limit = std::getenv("HEDDLE_CPU");
    if (!limit || !*limit) return target;
    const Level* level = find_level(limit);
    if (!level)
        throw UserError(fmt::format("HEDDLE_CPU={}: not a set of vector features; known are sse, avx2, avx512", limit));
    if (includes(target.features, level->features)) target.features = level->features;
    return target;
}

Target Target::cuda(int compute_capability) {
    Target target;
    target.kind = TargetKind::cuda;
    target.compute_capability = compute_capability;
    return target;
}

Target Target::best() { return host(); }

Target Target::parse(const std::string& text) {
    const std::vector<std::string> options = split_text(text, ',');
    const std::string& base = options[0];
    Target target;
    if (base == "host") {
        target = host();
    } else if (base.starts_with("host:")) {
        target = host();
        target.features = parse_features(text, base.substr(5));
    } else if (base == "cuda") {
        target = cuda(cuda_problem() ? 90 : current_cuda_device().compute_capability);
    } else if (base.starts_with("cuda:sm_")) {
        const std::optional<int> capability = number(base.substr(8));
        if (!capability || *capability < 50) unknown(text, "not a compute capability of 50 or more");
        target = cuda(*capability);
    } else {
        unknown(text, "unknown");
    }
    for (std::size_t i = 1; i < options.size(); ++i) {
        if (options[i] == "checks") {
            target.checks = true;
        } else if (options[i].starts_with("threads=") && target.kind == TargetKind::host) {
            const std::optional<int> threads = number(options[i].substr(8));
            if (!threads || *threads < 1) unknown(text, "threads= takes a number of at least 1");
            target.threads = *threads;
        } else {
            unknown(text, fmt::format("unknown option '{}' (checks, threads=4)", options[i]));
        }
    }
    return target;
}

Target Target::checked() const {
    Target target = *this;
    target.checks = true;
    return target;
}

int Target::vector_lanes() const {
    if (features.avx512f) return 16;
    return features.avx2 ? 8 : 4;
}

int Target::vector_registers() const { return features.avx512f ? 32 : 16; }

std::string Target::text() const {
    std::string text;
    if (kind == TargetKind::cuda) {
        text = fmt::format("cuda:sm_{}", compute_capability);
    } else {
        text = fmt::format("host:{}", level_of(without_extras(features)).name);
        for (const FeatureName& extra : extras)
            if (features.*extra.member) text += fmt::format("+{}", extra.name);
        if (threads != cpu_info().cores) text += fmt::format(",threads={}", threads);
    }
    return text + (checks ? ",checks" : "");
}

}  // namespace heddle
