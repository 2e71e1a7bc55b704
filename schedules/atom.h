// schedules/atom.h -- hardware ways to copy or multiply a tile, as data: shapes, types, layouts, accuracy. No emission.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/type.h"
#include "schedules/target.h"

namespace heddle {

enum class AtomKind : std::uint8_t { copy, multiply };
/// See docs/design.md: how far results of an atom may lie from exact ones.
enum class AccuracyClass : std::uint8_t { f64, f32, tf32, f16, bf16, i32 };
std::string_view name_of(AccuracyClass accuracy);

/// One row of the atom table.
struct Atom {
    std::string name;  ///< "fma", "wgmma", "ld_st", "cp_async", "tma_tile", "tma_im2col", "tma_store", "bulk"
    AtomKind kind = AtomKind::multiply;
    TargetKind target = TargetKind::host;
    int min_capability = 0;            ///< CUDA compute capability; 0: any
    std::vector<ScalarType> operands;  ///< element types it takes
    ScalarType accumulator = ScalarType::f32;
    AccuracyClass accuracy = AccuracyClass::f32;
    int m = 0, n = 0, k = 0;          ///< of a multiply; 0: free (register tiles)
    std::string_view issuer;          ///< "lane", "thread", "warp", "warpgroup": who executes one
    std::int64_t exact_integers = 0;  ///< integers of at most this magnitude in operands and sums are exact
    std::string_view non_finite;      ///< what it does with inf and nan: "ieee", ...
    std::string_view summary;
};

/// All atoms, the same for every process.
const std::vector<Atom>& atom_table();
/// By name, e.g. "fma", "wgmma_m64n256k16_bf16"; where both targets have the name, the host's. Nothing when unknown.
const Atom* find_atom(std::string_view name);
/// The atom of a target.
const Atom* find_atom(std::string_view name, TargetKind target);
/// Names of a target's atoms of a kind, for messages; atoms that differ only in n are named once, as wgmma_m64nNk16.
std::vector<std::string> atom_names(AtomKind kind, TargetKind target);
/// True when the atom exists on the target; else `reason` says why, with what would be needed.
bool available(const Atom& atom, const Target& target, std::string& reason);

}  // namespace heddle
