// schedules/atom.cpp -- the table of atoms.
#include "schedules/atom.h"

#include <fmt/core.h>

#include <algorithm>

namespace heddle {
namespace {

constexpr std::int64_t exact_f16 = 2048, exact_bf16 = 256, exact_tf32 = 2048;
constexpr std::int64_t exact_f32 = std::int64_t{1} << 24, exact_f64 = std::int64_t{1} << 53;

constexpr std::string_view ieee = "ieee";
constexpr std::string_view exact_sums = "integers only; sums wrap in 32 bits";
constexpr std::string_view flush = "subnormal operands count as zero; otherwise ieee";

const std::vector<ScalarType> any_type = {f16, bf16, f32, f64, i8, u8, i16, u16, i32, i64, boolean};

Atom copy_atom(std::string name, TargetKind target, int capability, std::string_view issuer, std::string_view summary) {
    Atom atom;
    atom.name = std::move(name);
    atom.kind = AtomKind::copy;
    atom.target = target;
    atom.min_capability = capability;
    atom.operands = any_type;
    atom.issuer = issuer;
    atom.non_finite = ieee;
    atom.summary = summary;
    return atom;
}

Atom multiply_atom(std::string name, TargetKind target, int capability, std::vector<ScalarType> operands,
                   ScalarType accumulator, AccuracyClass accuracy, int m, int n, int k, std::string_view issuer,
                   std::int64_t exact, std::string_view non_finite, std::string_view summary) {
    return {std::move(name),
            AtomKind::multiply,
            target,
            capability,
            std::move(operands),
            accumulator,
            accuracy,
            m,
            n,
            k,
            issuer,
            exact,
            non_finite,
            summary};
}

void add_copies(std::vector<Atom>& table) {
    const TargetKind host = TargetKind::host, cuda = TargetKind::cuda;
    table.push_back(copy_atom("ld_st", host, 0, "lane", "vector loads and stores"));
    table.push_back(copy_atom("ld_st", cuda, 0, "thread", "loads and stores through registers"));
    table.push_back(
        copy_atom("cp_async", cuda, 80, "thread", "4, 8 or 16 bytes to shared memory, zero-filled outside"));
    table.push_back(
        copy_atom("bulk", cuda, 90, "thread", "a contiguous span to shared memory, counted by an mbarrier"));
    table.push_back(copy_atom("tma_tile", cuda, 90, "thread", "a box of up to five dimensions, zero-filled outside"));
    table.push_back(copy_atom("tma_im2col", cuda, 90, "thread", "pixels of a channels-last image at one filter tap"));
    table.push_back(copy_atom("tma_store", cuda, 90, "thread", "a box from shared memory, clipped to the tensor"));
}

void add_fma(std::vector<Atom>& table) {
    for (const TargetKind target : {TargetKind::host, TargetKind::cuda}) {
        const std::string_view issuer = target == TargetKind::host ? "lane" : "thread";
        table.push_back(multiply_atom("fma", target, 0, {f16, bf16, f32}, f32, AccuracyClass::f32, 0, 0, 1, issuer,
                                      exact_f32, ieee, "fused multiply-adds on a register tile"));
        table.push_back(multiply_atom("fma_f64", target, 0, {f64}, f64, AccuracyClass::f64, 0, 0, 1, issuer, exact_f64,
                                      ieee, "the same in double"));
    }
}

void add_host(std::vector<Atom>& table) {
    table.push_back(multiply_atom("avx512_bf16", TargetKind::host, 0, {bf16}, f32, AccuracyClass::bf16, 1, 16, 2,
                                  "lane", exact_bf16, flush, "vdpbf16ps: pairs of bf16 products added in f32"));
    table.push_back(multiply_atom("amx_bf16", TargetKind::host, 0, {bf16}, f32, AccuracyClass::bf16, 16, 16, 32, "lane",
                                  exact_bf16, flush, "tdpbf16ps on tiles of 16 rows of 64 bytes"));
    table.push_back(multiply_atom("amx_int8", TargetKind::host, 0, {i8, u8}, i32, AccuracyClass::i32, 16, 16, 64,
                                  "lane", 255, ieee, "tdpbssd and kin on tiles of 16 rows of 64 bytes"));
}

// A tensor-core multiply of each operand type; `k16` is the depth of 16-bit operands.
struct TensorCoreType {
    std::string_view suffix;
    ScalarType operand, accumulator;
    AccuracyClass accuracy;
    int k;
    std::int64_t exact;
    std::string_view non_finite;
};
constexpr TensorCoreType tensor_core_types[] = {
    {"f16", f16, f32, AccuracyClass::f16, 16, exact_f16, ieee},
    {"bf16", bf16, f32, AccuracyClass::bf16, 16, exact_bf16, ieee},
    {"tf32", f32, f32, AccuracyClass::tf32, 8, exact_tf32, "operands rounded to 10 bits of mantissa; otherwise ieee"},
    {"i8", i8, i32, AccuracyClass::i32, 32, 128, exact_sums},
    {"u8", u8, i32, AccuracyClass::i32, 32, 255, exact_sums},
};

void add_tensor_cores(std::vector<Atom>& table) {
    const TargetKind cuda = TargetKind::cuda;
    for (const TensorCoreType& t : tensor_core_types)
        table.push_back(multiply_atom(fmt::format("mma_sync_m16n8k{}_{}", t.k, t.suffix), cuda, 80, {t.operand},
                                      t.accumulator, t.accuracy, 16, 8, t.k, "warp", t.exact, t.non_finite,
                                      "mma.sync, operands in registers"));
    table.push_back(multiply_atom("mma_sync_m8n8k4_f64", cuda, 80, {f64}, f64, AccuracyClass::f64, 8, 8, 4, "warp",
                                  exact_f64, ieee, "mma.sync in double"));
    for (const TensorCoreType& t : tensor_core_types)
        for (int n = 8; n <= 256; n += 8) {
            if (t.accumulator == i32 && n > 24 && n % 16 != 0) continue;  // integers come in multiples of 16 past 24
            table.push_back(multiply_atom(fmt::format("wgmma_m64n{}k{}_{}", n, t.k, t.suffix), cuda, 90, {t.operand},
                                          t.accumulator, t.accuracy, 64, n, t.k, "warpgroup", t.exact, t.non_finite,
                                          "wgmma, operands in shared memory"));
        }
}

// The CPU feature that an atom of the host needs; null for none.
struct FeatureNeed {
    std::string_view atom, feature;
    bool CpuFeatures::*member;
};
constexpr FeatureNeed needs[] = {
    {"avx512_bf16", "avx512bf16", &CpuFeatures::avx512_bf16},
    {"amx_bf16", "amx-bf16", &CpuFeatures::amx_bf16},
    {"amx_int8", "amx-int8", &CpuFeatures::amx_int8},
};

}  // namespace

std::string_view name_of(AccuracyClass accuracy) {
    switch (accuracy) {
        case AccuracyClass::f64:
            return "f64";
        case AccuracyClass::f32:
            return "f32";
        case AccuracyClass::tf32:
            return "tf32";
        case AccuracyClass::f16:
            return "f16";
        case AccuracyClass::bf16:
            return "bf16";
        case AccuracyClass::i32:
            return "i32";
    }
    return "";
}

const std::vector<Atom>& atom_table() {
    static const std::vector<Atom> table = [] {
        std::vector<Atom> rows;
        add_copies(rows);
        add_fma(rows);
        add_host(rows);
        add_tensor_cores(rows);
        return rows;
    }();
    return table;
}

const Atom* find_atom(std::string_view name) {
    for (const Atom& atom : atom_table())
        if (atom.name == name) return &atom;
    return nullptr;
}

const Atom* find_atom(std::string_view name, TargetKind target) {
    for (const Atom& atom : atom_table())
        if (atom.name == name && atom.target == target) return &atom;
    return nullptr;
}

std::vector<std::string> atom_names(AtomKind kind, TargetKind target) {
    std::vector<std::string> names;
    for (const Atom& atom : atom_table()) {
        if (atom.kind != kind || atom.target != target) continue;
        std::string name = atom.name;
        if (name.starts_with("wgmma_")) name = fmt::format("wgmma_m64nNk{}{}", atom.k, name.substr(name.rfind('_')));
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    return names;
}

bool available(const Atom& atom, const Target& target, std::string& reason) {
    const auto kind = [](TargetKind t) { return t == TargetKind::host ? "the host" : "CUDA devices"; };
    if (atom.target != target.kind) {
        reason = fmt::format("atom {} is of {}, the target is {}", atom.name, kind(atom.target), target.text());
        return false;
    }
    if (target.kind == TargetKind::cuda && target.compute_capability < atom.min_capability) {
        reason = fmt::format("atom {} needs compute capability {} or more, the target is {}", atom.name,
                             atom.min_capability, target.text());
        return false;
    }
    for (const FeatureNeed& need : needs)
        if (target.kind == TargetKind::host && atom.name == need.atom && !(target.features.*need.member)) {
            reason =
                fmt::format("atom {} needs a CPU with {}, the target is {}", atom.name, need.feature, target.text());
            return false;
        }
    return true;
}

}  // namespace heddle
