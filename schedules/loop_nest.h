// schedules/loop_nest.h -- what directives rewrite: the loops of each stage, its tiles, its work decomposition, its
// atoms.
//
// A stage starts as the loops of its domain, in the order of the contract, all serial. Directives replace loops; the
// value of every domain variable stays known as an expression over the present loops (`index`), and every split that
// does not divide adds a guard. Lowering (codegen/build) reads the result; nothing here knows how code is emitted.
//
// The shape of a lowered stage, outermost first:
//     loops up to and including accumulate.at
//         accumulator tile (over the free loops inside) <- identity, the `=` definition, or what memory holds
//         remaining loops: tile op= right side                            (a Map, or an Mma when tensorized)
//         output tile <- accumulator, through the epilogues               (a Map over the free loops inside)
// Caches are filled at the head of the loop they are attached to; packed tensors are stages of the plan before.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "dsl/interval.h"
#include "dsl/pipeline.h"
#include "schedules/atom.h"
#include "schedules/layout.h"
#include "schedules/target.h"

namespace heddle {

enum class LoopKind : std::uint8_t {
    serial,
    unrolled,
    vectorized,
    parallel,
    block_x,
    block_y,
    block_z,
    thread_x,
    thread_y,
    thread_z,
    warp,
    warpgroup,
    cluster
};
std::string_view name_of(LoopKind kind);
/// block_x, block_y or block_z.
bool is_block(LoopKind kind);

/// How a split treats an extent that the factor does not divide.
enum class Tail : std::uint8_t {
    guard,   ///< the inner body tests the index
    peel,    ///< like guard, and the outer loop is partitioned, so that only the last iteration tests
    shrink,  ///< the last outer iteration moves back and overlaps the one before (pure `=` and accumulated stages only)
    round_up  ///< no tail: refused unless the factor divides the extent
};

struct Loop {
    Symbol var;
    Expr extent;  ///< i64 over parameters; the loop runs over [0, extent)
    LoopKind kind = LoopKind::serial;
    bool reduced = false;
    int unroll = 1;            ///< of a serial loop: how many iterations one pass of the emitted loop does; 1: rolled
    bool partitioned = false;  ///< split into edge and interior ranges, so that the interior needs no tests
    bool clipped = false;      ///< runs only over its valid range
    int pipeline = 0;          ///< stages of a software pipeline; 0: none
    const std::string& name() const { return var.name(); }
};

/// A test that a split or a fuse made necessary: `condition` over the loops holds on real points of the domain.
struct Guard {
    Expr condition;
    Symbol variable;  ///< the domain variable that it protects
};

enum class Memory : std::uint8_t { heap, stack, registers, shared };
std::string_view name_of(Memory memory);

enum class CacheShape : std::uint8_t {
    footprint,         ///< the box of elements read inside the loop, halo included
    loop_coordinates,  ///< one element per combination of the inner loops that the read depends on (im2col on the fly)
    flat_span          ///< the contiguous span of addresses read
};
std::string_view name_of(CacheShape shape);

/// A tile of an input (or of an earlier stage) kept near the loops inside `at`.
struct CacheIn {
    AnyTensor tensor;
    Memory memory = Memory::stack;
    CacheShape shape = CacheShape::footprint;
    Symbol at;         ///< filled at the head of this loop's body; undefined: before all loops
    std::string atom;  ///< copy atom; empty: plain loads and stores
    Swizzle swizzle;
    std::int64_t pad = 0;  ///< extra elements after each row
};

/// An input rewritten once, before the stage, into the order of loops given: element [l0, l1, ...] is what the read
/// needs when those loops are at l0, l1, ...; 0 where a guard fails.
struct Pack {
    AnyTensor tensor;
    std::vector<Symbol> order;  ///< loops, outermost first; the last is contiguous
};

struct Accumulate {
    Memory memory = Memory::registers;
    Symbol at;  ///< the accumulator lives in this loop's body; undefined: outside of all loops
};

struct Tensorize {
    std::string atom;  ///< multiply atom
    AnyTensor a, b;    ///< which input plays which operand; undefined: chosen from the definition
    /// On a CUDA device: how the warps (of wgmma: warpgroups) divide the rows and columns of a tile; 0: chosen.
    int warps_m = 0, warps_n = 0;
};

/// How blocks get their work (CUDA) or parallel iterations theirs.
struct Work {
    enum class Kind : std::uint8_t { none, grid, persistent, stream_k } kind = Kind::none;
    std::vector<Symbol> loops;  ///< the loops decomposed
    Expr classes;               ///< number of classes (residue classes of a strided scatter); undefined: 1
    int swizzle = 0;            ///< blocks of this many rows are walked column by column; 0: row-major
};

struct Role {
    std::string name;   ///< "producer", "consumer"
    int count = 1;      ///< groups
    int threads = 32;   ///< of one group
    int registers = 0;  ///< setmaxnreg; 0: unset
};

/// What one element of the right side is computed with, beyond the definition's types.
struct Precision {
    AccuracyClass accuracy = AccuracyClass::f32;
    int pieces = 1;         ///< operands split into this many narrower ones: 3xtf32, three bf16
    int promote_every = 0;  ///< K steps after which partial sums move into an f32 accumulator; 0: never
};

/// The points of a scatter in the order of the elements that they update. Element e, counted row-major over the
/// dimensions that are not bare, takes the points order[starts[e]] .. order[starts[e + 1] - 1], first to last.
struct Segments {
    std::vector<DomainVar> sorted;  ///< the variables that say which element; a point is a row-major count of these
    Expr element, inside;           ///< over them: the element, and where it lies inside of the output
    Expr elements, points;          ///< how many there are
    std::vector<Expr> left;         ///< as written: what `element` was made of
    AnyTensor starts, order;        ///< filled before the stage
    Symbol loop;                    ///< over the points of one element
};

enum class Placement : std::uint8_t {
    root,      ///< a nest of its own
    at,        ///< inside a loop of its consumer, over what that iteration needs
    inlined,   ///< substituted into its consumers
    epilogue,  ///< applied to the output tile of the stage whose result it reads
    init       ///< the `=` of a tensor whose update starts its accumulator from it
};

struct StageNest {
    PipelineStage stage;
    std::vector<Loop> loops;       ///< outermost first
    std::map<Symbol, Expr> index;  ///< value of each domain variable over the present loops
    std::vector<Guard> guards;
    Placement placement = Placement::root;
    std::string placed_in;            ///< name of the stage it is in: consumer (at), producer (epilogue), update (init)
    Symbol placed_at;                 ///< loop of that stage (at)
    std::vector<Expr> region_min;     ///< placement `at`: first element held, a dimension, over the consumer's loops
    std::vector<Expr> region_extent;  ///< and how many elements are held

    std::optional<Accumulate> accumulate;
    std::vector<CacheIn> caches;
    std::optional<CacheIn> cache_out;  ///< `tensor` is the output; shape unused
    std::vector<Pack> packs;
    std::optional<Tensorize> tensorize;
    Precision precision;
    Work work;
    std::vector<Role> roles;
    std::string reduce_across;      ///< "threads", "warps", "cluster", "blocks"; empty: one thread reduces an element
    int split_reduction = 0;        ///< partial sums combined in order by a second pass; 0: none
    bool streaming_stores = false;  ///< stores that bypass the cache
    int occupancy = 0;              ///< blocks that a multiprocessor is to hold at once; 0: as many as fit
    bool atomic = false;            ///< updates of memory that iterations at once may make of the same element
    std::optional<Segments> segments;

    const Loop* find(const Symbol& var) const;
    Loop* find(const std::string& name);
    int position(const Symbol& var) const;  ///< index in loops, -1 when absent
    /// Ranges of all loops, for proofs.
    Ranges ranges() const;
};

struct LoopNest {
    Pipeline pipeline;
    Target target;
    std::vector<StageNest> stages;  ///< in pipeline order

    StageNest* find(const std::string& stage);
    const StageNest* find(const std::string& stage) const;
};

/// True when every left index is a variable of its own that runs over the whole dimension: each element of the targets
/// belongs to one point of the free variables.
bool has_bare_left(const Definition& definition);

/// The unscheduled nest: every stage serial, with loops of its own symbols (named as the domain's variables). The `=`
/// of a tensor whose following update writes the same elements with bare variables is placed as that update's `init`;
/// nothing else is decided.
LoopNest plain_nest(const Pipeline& pipeline, const Target& target);

/// The nest as indented text, one line a loop, tile statement or cache; reads top to bottom as it runs.
std::string print(const LoopNest& nest);

}  // namespace heddle
