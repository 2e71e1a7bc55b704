// schedules/contraction_plan.h -- ways to lay a contraction on vector registers: which variable runs along the lanes.
//
// One operand is the image, the other the filter, whichever of M and N they carry: the image has the windows. A
// register tile covers one variable of each. With the lanes along one of the two, the other's elements are broadcast;
// with the lanes along a reduced variable both are loaded as vectors, and the partial sums of the lanes are added at
// the end.
#pragma once

#include <string>
#include <vector>

#include "schedules/first_class.h"
#include "schedules/stage_space.h"

namespace heddle {

struct LanePlan {
    Symbol lane;  ///< free (one of the tile's two) or reduced
    bool reduced = false;
    Symbol image, filter;                          ///< the tile's variables; undefined where an operand has none
    bool pack_image = false, pack_filter = false;  ///< lanes are not contiguous there without a packed copy
    double score = 0;                              ///< expected share of the peak, for comparison only
    std::string name;                              ///< "k", "sum over c"
};

struct Contraction {
    DefinitionFacts facts;    ///< of the first class, where there are classes
    DefinitionFacts written;  ///< of the definition as it is
    FirstClass classes;
    int lanes = 1, registers = 16, threads = 1;
    int image_read = 0, filter_read = 1;                 ///< of facts.reads
    std::vector<Symbol> image_free, filter_free, batch;  ///< in the output's order
    std::vector<Symbol> taps, channels;                  ///< reduced: those of windows, and the others
    bool sums_over_image = false;  ///< a weight gradient: what windows there are slide over reduced variables
    bool can_pack_image = false, can_pack_filter = false;
    std::vector<LanePlan> plans;  ///< best first; empty: no vector form

    const ReadFacts& image() const { return facts.reads[image_read]; }
    const ReadFacts& filter() const { return facts.reads[filter_read]; }
    std::int64_t extent(const Symbol& symbol) const { return facts.of(symbol).extent; }
    std::int64_t product(const std::vector<Symbol>& symbols) const;
    bool has_classes(const Symbol& symbol) const;
};

Contraction analyse_contraction(const Definition& definition, const Classification& classification,
                                const Target& target);

/// A register tile: `rows` broadcast (or loaded) elements times `columns` vectors.
struct RegisterTile {
    int rows = 1, columns = 1;
    std::string text() const { return std::to_string(rows) + "x" + std::to_string(columns); }
    static RegisterTile parse(const std::string& text);
};
/// All tiles that use the registers well, and the one expected to be the fastest for a plan.
std::vector<RegisterTile> register_tiles(int registers);
/// With `in_chunks`, one whose tiles can be shared out evenly, where there is one.
RegisterTile preferred_tile(const Contraction& contraction, const LanePlan& plan, bool in_chunks);
/// True when `count` elements of a weight gradient's variable are its whole window, which then needs no edges of its
/// own: the sums over the image have them.
bool covers_window(const Contraction& contraction, const Symbol& variable, std::int64_t count);
/// True when a tile's variable is cut evenly into a chunk for each thread: of whole tiles, or of many rows, whose last
/// tile is smaller.
bool shares_out(const Contraction& contraction, const LanePlan& plan, const Symbol& variable, int count);

}  // namespace heddle
