// tools/doctor.cpp -- heddle doctor: what this machine has, and where Heddle keeps things.
#include <fmt/format.h>

#include <cstdlib>
#include <vector>

#include "codegen/emit_llvm.h"
#include "runtime/cpu_info.h"
#include "runtime/kernel_cache.h"
#include "runtime/shipped_folder.h"
#include "runtime/text.h"
#include "runtime/thread_pool.h"
#include "schedules/chosen_model.h"
#include "schedules/record.h"
#include "schedules/shipped_records.h"
#include "schedules/target.h"
#include "schedules/xgboost.h"
#include "tools/json_text.h"
#include "tools/libraries.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

struct Line {
    std::string name, text;
    Json value;  ///< for --json
};
struct Section {
    std::string title;
    std::vector<Line> lines;
    void add(std::string name, const std::string& text) { lines.push_back({std::move(name), text, text}); }
    void add(std::string name, std::string text, Json value) {
        lines.push_back({std::move(name), std::move(text), std::move(value)});
    }
};

Section cpu_section(bool measure) {
    const CpuInfo& cpu = cpu_info();
    const int threads = builtin_thread_pool().threads(builtin_thread_pool().self);
    Section section{"CPU", {}};
    section.add("model", cpu.model);
    section.add("cores", fmt::format("{} usable, {} threads", cpu.cores, threads), cpu.cores);
    section.add("features", join(feature_names(cpu.features), " "), feature_names(cpu.features));
    section.add("target", Target::host().text());
    section.add(
        "caches",
        fmt::format("L1 {}, L2 {}, L3 {}", format_bytes(static_cast<double>(cpu.l1_bytes)),
                    format_bytes(static_cast<double>(cpu.l2_bytes)), format_bytes(static_cast<double>(cpu.l3_bytes))),
        std::vector<Json>{cpu.l1_bytes, cpu.l2_bytes, cpu.l3_bytes});
    if (!measure) return section;
    const double fma = measure_fma_peak(threads), copy = measure_copy_bandwidth(threads);
    section.add("f32 FMA peak", fmt::format("{:.0f} GFLOP/s, measured on {} threads", fma * 1e-9, threads), fma);
    section.add("copy", fmt::format("{}/s read and written, measured on {} threads", format_bytes(copy), threads),
                copy);
    return section;
}

Section gpu_section() {
    const CudaReport cuda = cuda_report();
    Section section{"GPU", {}};
    for (const GpuReport& gpu : cuda.gpus)
        section.add("device", fmt::format("{}, sm_{}, {}", gpu.name, gpu.capability, format_bytes(gpu.memory_bytes)));
    if (cuda.gpus.empty()) section.add("device", "none: kernels run on the CPU");
    for (const LibraryReport& library : cuda.libraries)
        section.add(library.name,
                    library.version.empty() ? library.note : fmt::format("{}  {}", library.version, library.note));
    return section;
}

// Opens the database where there is one; a damaged one is a finding, not an error.
std::string database_text() {
    const std::filesystem::path path = Database::standard_path();
    if (std::error_code ignored; !std::filesystem::exists(path, ignored))
        return fmt::format("{}  (none yet; 'heddle tune' makes it)", path.string());
    try {
        return fmt::format("{}  ({} records)", path.string(), Database(path).size());
    } catch (const UserError& error) {
        return fmt::format("{}  UNUSABLE: {}", path.string(), error.message());
    }
}

std::string shipped_text() {
    const auto folder = shipped_folder();
    if (!folder) return "none: no tuned schedules and no models came with this Heddle";
    try {
        return fmt::format("{}  (tuned schedules: {} for hosts, {} for CUDA devices)", folder->string(),
                           ShippedRecords::standard(TargetKind::host).size(),
                           ShippedRecords::standard(TargetKind::cuda).size());
    } catch (const UserError& error) {
        return fmt::format("{}  UNUSABLE: {}", folder->string(), error.message());
    }
}

Section place_section() {
    Section section{"places", {}};
    const auto& folder = KernelCache::standard().folder();
    section.add("kernel cache", folder ? folder->string() : "none (HEDDLE_CACHE is empty)");
    section.add("database", database_text());
    section.add("shipped", shipped_text());
    return section;
}

/// What orders candidates before they are measured, and what could train it.
Section model_section() {
    Section section{"cost models", {}};
    section.add("host", choose_model(Target::host()).text);
    section.add("cuda", choose_model(Target::parse("cuda:sm_90")).text);
    section.add("training", xgboost_problem() ? *xgboost_problem() : "XGBoost " + xgboost_version());
    return section;
}

Section version_section() {
    Section section{"versions", {}};
    section.add("heddle", HEDDLE_VERSION);
    section.add("code", host_code_versions());
    section.add("compiler", __VERSION__);
    return section;
}

Section environment_section() {
    Section section{"environment", {}};
    for (const char* name : {"HEDDLE_CACHE", "HEDDLE_DB", "HEDDLE_SHARE", "HEDDLE_CPU", "HEDDLE_THREADS", "HEDDLE_DUMP",
                             "HEDDLE_VERIFY", "HEDDLE_LOG", "HEDDLE_DEBUG_JIT", "HEDDLE_PERF", "HEDDLE_NVRTC"})
        if (const char* value = std::getenv(name)) section.add(name, value);
    if (section.lines.empty()) section.add("HEDDLE_*", "nothing set");
    return section;
}

int run(const CommandLine& line) {
    const std::vector<Section> sections{cpu_section(!line.has("--quick")),
                                        gpu_section(),
                                        place_section(),
                                        model_section(),
                                        version_section(),
                                        environment_section()};
    if (line.has("--json")) {
        JsonObject all;
        for (const Section& section : sections) {
            JsonObject object;
            for (const Line& entry : section.lines) object.add(entry.name, entry.value);
            all.add(section.title, object);
        }
        fmt::print("{}\n", all.text());
        return 0;
    }
    for (const Section& section : sections) {
        fmt::print("{}\n", coloured(Colour::bold, section.title));
        for (const Line& entry : section.lines) fmt::print("  {:14} {}\n", entry.name, entry.text);
    }
    return 0;
}

}  // namespace

Subcommand doctor_subcommand() {
    return {"doctor",
            "what this machine has, where Heddle keeps things, versions",
            "doctor [--quick] [--json]",
            {{"--quick", "", "without measuring the FMA peak and the copy bandwidth"},
             {"--json", "", "one JSON object, for other programs"}},
            {"heddle doctor"},
            run};
}

}  // namespace heddle::tools
