// runtime/cpu_info.cpp -- model, vector features and caches from CPUID and XCR0.
#include "runtime/cpu_info.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "runtime/thread_pool.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace heddle {
namespace {

struct FeatureRow {
    const char* name;
    bool CpuFeatures::*member;
};

constexpr std::array<FeatureRow, 13> feature_rows = {{
    {"avx2", &CpuFeatures::avx2},
    {"fma", &CpuFeatures::fma},
    {"f16c", &CpuFeatures::f16c},
    {"avx512f", &CpuFeatures::avx512f},
    {"avx512bw", &CpuFeatures::avx512bw},
    {"avx512dq", &CpuFeatures::avx512dq},
    {"avx512vl", &CpuFeatures::avx512vl},
    {"avx512vnni", &CpuFeatures::avx512_vnni},
    {"avx512bf16", &CpuFeatures::avx512_bf16},
    {"avx512fp16", &CpuFeatures::avx512_fp16},
    {"amx-tile", &CpuFeatures::amx_tile},
    {"amx-bf16", &CpuFeatures::amx_bf16},
    {"amx-int8", &CpuFeatures::amx_int8},
}};

#if defined(__x86_64__)

struct Registers {
    unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

/// Zeros for a leaf that the CPU does not have.
Registers cpuid(unsigned leaf, unsigned subleaf = 0) {
    Registers r;
    __get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx);
    return r;
}

bool bit(unsigned word, int position) { return (word >> position & 1) != 0; }

/// Which register states the operating system saves; 0 where it saves none by XSAVE.
std::uint64_t saved_states() {
    if (!bit(cpuid(1).ecx, 27)) return 0;  // OSXSAVE
    std::uint32_t low = 0, high = 0;
    asm("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return std::uint64_t{high} << 32 | low;
}

CpuFeatures read_features() {
    constexpr std::uint64_t ymm = 0x6, zmm = 0xe6,
                            tiles = 0x60000;  // bits of XCR0: SSE 1, AVX 2, AVX-512 5-7, AMX 17-18
    const std::uint64_t saved = saved_states();
    const bool has_ymm = (saved & ymm) == ymm, has_zmm = (saved & zmm) == zmm, has_tiles = (saved & tiles) == tiles;
    const Registers one = cpuid(1), seven = cpuid(7), seven_1 = cpuid(7, 1);
    CpuFeatures f;
    f.fma = has_ymm && bit(one.ecx, 12);
    f.f16c = has_ymm && bit(one.ecx, 29);
    f.avx2 = has_ymm && bit(seven.ebx, 5);
    f.avx512f = has_zmm && bit(seven.ebx, 16);
    f.avx512dq = f.avx512f && bit(seven.ebx, 17);
    f.avx512bw = f.avx512f && bit(seven.ebx, 30);
    f.avx512vl = f.avx512f && bit(seven.ebx, 31);
    f.avx512_vnni = f.avx512f && bit(seven.ecx, 11);
    f.avx512_fp16 = f.avx512bw && bit(seven.edx, 23);
    f.avx512_bf16 = f.avx512bw && bit(seven_1.eax, 5);
    f.amx_tile = has_tiles && bit(seven.edx, 24);
    f.amx_bf16 = f.amx_tile && bit(seven.edx, 22);
    f.amx_int8 = f.amx_tile && bit(seven.edx, 25);
    return f;
}

std::string read_model() {
    std::string text;
    for (unsigned leaf = 0x80000002; leaf <= 0x80000004; ++leaf) {
        const Registers r = cpuid(leaf);
        std::array<char, 16> part{};
        std::memcpy(part.data(), &r, sizeof r);
        text.append(part.data(), part.size());
    }
    std::string model;  // up to the terminating zero, with runs of spaces as one
    for (char c : text) {
        if (c == '\0') break;
        if (c != ' ' || (!model.empty() && model.back() != ' ')) model += c;
    }
    while (!model.empty() && model.back() == ' ') model.pop_back();
    return model.empty() ? "unknown x86-64 CPU" : model;
}

/// Sizes from the deterministic cache parameters, which AMD has in a leaf of its own.
void read_caches(CpuInfo& info) {
    const Registers zero = cpuid(0);
    const bool amd = zero.ecx == 0x444d4163 || zero.ecx == 0x656e6975;  // "cAMD", "uine" of Hygon
    for (unsigned index = 0; index < 16; ++index) {
        const Registers r = cpuid(amd ? 0x8000001d : 4, index);
        const unsigned kind = r.eax & 0x1f, level = r.eax >> 5 & 7;
        if (kind == 0) break;
        if (kind == 2) continue;  // instructions
        const std::int64_t ways = (r.ebx >> 22) + 1, partitions = (r.ebx >> 12 & 0x3ff) + 1;
        const std::int64_t line = (r.ebx & 0xfff) + 1, sets = std::int64_t{r.ecx} + 1;
        const std::int64_t bytes = ways * partitions * line * sets;
        if (level == 1) info.l1_bytes = bytes;
        if (level == 2) info.l2_bytes = bytes;
        if (level == 3) info.l3_bytes = bytes;
    }
}

#else

CpuFeatures read_features() { return {}; }
std::string read_model() { return "unknown CPU"; }
void read_caches(CpuInfo&) {}

#endif

}  // namespace

const CpuInfo& cpu_info() {
    static const CpuInfo info = [] {
        CpuInfo read;
        read.model = read_model();
        read.features = read_features();
        read.cores = available_cpus();
        read_caches(read);
        return read;
    }();
    return info;
}

std::vector<std::string> feature_names(const CpuFeatures& features) {
    std::vector<std::string> names;
    for (const FeatureRow& row : feature_rows)
        if (features.*row.member) names.emplace_back(row.name);
    return names;
}

}  // namespace heddle
