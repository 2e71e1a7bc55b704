// schedules/directive.cpp -- the table of directives.
#include "schedules/directive.h"

#include "schedules/directive_functions.h"
#include "schedules/directive_support.h"

namespace heddle {
namespace {

using DirectiveFunction = void (*)(LoopNest&, StageNest&, const std::vector<Argument>&);

// A refusal inside of a directive as its reason.
template <DirectiveFunction function>
Reason guarded(LoopNest& nest, StageNest& stage, const std::vector<Argument>& arguments) {
    try {
        function(nest, stage, arguments);
        return {};
    } catch (const Illegal& illegal) {
        return illegal.reason;
    }
}

const std::vector<DirectiveRow> table = {
    {"split", "loops", "split(loop, factor, tail=guard|peel|shrink|round_up)",
     "for v in N  ->  for v.o in ceil(N/factor), for v.i in factor",
     "factor >= 1; a factor past a constant N is N. shrink: not reduced, N >= factor. round_up: a statement "
     "that the factor divides N, refused where that is not proved.",
     guarded<directives::split>},
    {"fuse", "loops", "fuse({outer, ..., inner}, name)", "for a in A, for b in B  ->  for name in A*B",
     "directly nested, in order; all reduced or none.", guarded<directives::fuse>},
    {"align", "loops", "align(loop, tensor, elements)",
     "for v in N  ->  for v in N + elements, from the last multiple of so many elements of the tensor in memory before "
     "its first one",
     "the loop steps through the tensor element by element; elements: a power of two up to 64. A split by it makes "
     "vectors of rows that it does not divide; nothing changes where rows start at multiples.",
     guarded<directives::align>},
    {"extend", "loops", "extend(loop, before, after)",
     "for v in N  ->  for v in before + N + after, from -before on, those of N alone",
     "before, after: 0 to 4096. What is split then starts where a window does, and fills whole tiles.",
     guarded<directives::extend>},
    {"reorder", "loops", "reorder(loop, ...)", "for a, for b, for c  ->  for c, for b, for a, of reorder(c, a)",
     "the loops named take the places that they take up now, in the order given; any order is legal.",
     guarded<directives::reorder>},
    {"tile", "loops", "tile({a, b}, {A, B})", "for a, for b  ->  for a.o, for b.o, for a.i in A, for b.i in B",
     "as split; one factor a loop.", guarded<directives::tile>},
    {"unroll", "loops", "unroll(loop[, factor])",
     "for v in 4  ->  its four bodies in line; with a factor: so many a pass of a loop that stays",
     "without a factor: a constant extent of at most 64; no serial loop inside; at most 256 statements in line, "
     "1024 of a device's thread.",
     guarded<directives::unroll>},
    {"vectorize", "loops", "vectorize(loop)", "for v in 16  ->  one vector statement, v = 0..15 in lanes",
     "a constant extent of at most 64, innermost, one a stage; reduced: inside the accumulator of a +=, *=, max= or "
     "min=.",
     guarded<directives::vectorize>},
    {"parallel", "loops", "parallel(loop)", "for v in N  ->  parallel for v in N",
     "not reduced, one a stage, outside of the accumulator; with computed left indices, only over bare ones.",
     guarded<directives::parallel>},
    {"partition", "loops", "partition(loop)",
     "for v in N  ->  edge, interior and edge ranges of v, so that the interior tests nothing",
     "not unrolled or vectorized.", guarded<directives::partition>},
    {"clip", "loops", "clip(loop)", "for r in R  ->  for r in the range whose points take part",
     "reduced, serial, inside the accumulator; an index of a zero or skip read depends on it.",
     guarded<directives::clip>},
    {"work", "work", "work(grid|persistent|stream_k, {loops}, classes=1, swizzle=0)",
     "for a, for b, ...  ->  blocks that each take one, or one after the other, or a share of the reduction too",
     "CUDA; the outermost loops, in order; reduced for stream_k alone, and last.", guarded<directives::work>},
    {"bind", "mapping", "bind(loop, block_x|block_y|block_z|thread_x|thread_y|thread_z|warp|warpgroup|cluster)",
     "for v in N  ->  v = the index of the block, thread, ...",
     "CUDA; one loop an axis; a constant extent within the axis' limit; no reduced loop across blocks.",
     guarded<directives::bind>},
    {"specialize_warps", "mapping", "specialize_warps(producer=1, consumer=2x128, registers={40, 232})",
     "one body for all threads  ->  a body for each role, with barriers between them",
     "CUDA 9.0; two roles or more of whole warps, 1024 threads in all.", guarded<directives::specialize_warps>},
    {"occupancy", "mapping", "occupancy(blocks)",
     "the compiler takes the registers it likes  ->  as many as leave room for so many blocks on a multiprocessor",
     "CUDA; a stage with a nest of its own; 1 to 32 blocks, of at most 2048 threads together.",
     guarded<directives::occupancy>},
    {"accumulate_in", "memory", "accumulate_in(registers|stack|heap|shared, at=root)",
     "y op= e  ->  tile <- start; for ...: tile op= e; y <- tile, in the body of loop `at`",
     "an update with bare left indices; registers: constant extents, within the target's; reduced loops outside: y's "
     "type is what it computes in.",
     guarded<directives::accumulate_in>},
    {"cache_in", "memory",
     "cache_in(tensor, memory, at[, footprint|loop_coordinates|flat_span], atom=, swizzle=0, pad=0)",
     "reads of x inside `at`  ->  tile <- x at the head of `at`; reads of the tile",
     "the stage reads it, from affine indices; no folding boundary; constant size within the memory's. A flat span "
     "lies in shared memory: whole rows or planes; copied in bulk (the default from sm_90 on) it starts and ends at "
     "multiples of 16 bytes inside of the tensor.",
     guarded<directives::cache_in>},
    {"cache_out", "memory", "cache_out(tensor, memory, at=root, atom=, swizzle=0, pad=0)",
     "y <- tile  ->  tile in `memory` <- accumulator; y <- tile",
     "bare left indices; atom=bulk: the block writes whole rows or planes, at multiples of 16 bytes.",
     guarded<directives::cache_out>},
    {"pipeline", "memory", "pipeline(loop, depth)",
     "for v: copy; use  ->  copies of later iterations run while this one uses its own, in `depth` tiles",
     "CUDA; serial; something is cached at it; 2 to 16 deep.", guarded<directives::pipeline>},
    {"streaming_stores", "memory", "streaming_stores()", "y <- tile  ->  y <- tile, past the cache",
     "y is not read back by the stage.", guarded<directives::streaming_stores>},
    {"pack", "preparation", "pack(tensor, {loops})",
     "reads of w  ->  copy[l0, l1, ...] <- w before the stage; reads of the copy at the loops",
     "read at one place, that depends on the loops named alone; points left out stay out. Variables of the definition "
     "may be named in place of the loops that they are divided into.",
     guarded<directives::pack>},
    {"tensorize", "arithmetic", "tensorize(atom, A=tensor, B=tensor, warps={M,N})",
     "y += a * b  ->  Mma y += a * b on the atom",
     "a += of a product of two reads of one type that the atom takes; fma: a vector loop, and rows*vectors + vectors + "
     "1 registers; warps: how a CUDA block's warps (of wgmma: warpgroups), at most 32, divide rows and columns, chosen "
     "where it is left out.",
     guarded<directives::tensorize>},
    {"precision", "arithmetic", "precision(f64|f32|tf32|f16|bf16|i32, pieces=1, promote=0)",
     "a * b  ->  products of the operands' pieces, partial sums moved to f32 after `promote` steps",
     "pieces: a += on an atom of a narrower class.", guarded<directives::precision>},
    {"reduce_across", "arithmetic", "reduce_across(threads|warps|cluster|blocks)",
     "one thread reduces an element  ->  each of several a part, then they combine in a fixed order",
     "CUDA; threads: reduced loops bound to thread axes, warps: to 2 to 32 neighbours of thread_x; inside the "
     "accumulator, none of its reduced loops outside; cluster (CUDA 9.0): a reduced loop bound to cluster, and any to "
     "threads; blocks: an iteration each of the outermost reduced loop.",
     guarded<directives::reduce_across>},
    {"split_reduction", "arithmetic", "split_reduction(parts)",
     "y op= e  ->  parts of the outermost reduced loop, combined in order by a second pass",
     "CUDA; not argmax=; bare left indices; parts within the loop's extent, and an axis of the grid for them.",
     guarded<directives::split_reduction>},
    {"atomic", "arithmetic", "atomic()", "u[...] op= e  ->  u[...] op= e, read, combined and written at once",
     "a +=, *=, max= or min= of which several points meet in an element; no vector loops. Any loop may be parallel or "
     "bound; reduced loops at the end sum a part, which is added at once. Sums of floats differ from run to run.",
     guarded<directives::atomic>},
    {"sort_points", "arithmetic", "sort_points(lanes=1)",
     "for n: u[t[n]] op= e  ->  points of each element, by a stable sort; for i: for point in points of i: u[i] op= e; "
     "with lanes, that many points side by side in a loop `lane` inside",
     "an update with computed left indices, not argmax=; before other directives on its loops. The loops over elements "
     "may be parallel and bound, that over an element's points stays serial, inside of them; lanes may be bound and "
     "reduced across.",
     guarded<directives::sort_points>},
    {"compute_at", "pipelines", "compute_at(consumer, loop)",
     "a nest of its own  ->  at the head of the consumer's loop, the box that one iteration reads",
     "the consumer needs it, and all that read it run inside the loop; no output, bare left indices; or an output that "
     "nobody reads, a = whose variables are the "
     "consumer's in the dimensions of the same place (a loss beside its gradient). Before other directives on its "
     "loops.",
     guarded<directives::compute_at>},
    {"compute_inline", "pipelines", "compute_inline()", "b = e; y = f(b)  ->  y = f(e)",
     "a = with bare left indices, no output.", guarded<directives::compute_inline>},
    {"compute_root", "pipelines", "compute_root()", "placed in another stage  ->  a plain nest of its own",
     "nothing is placed in it.", guarded<directives::compute_root>},
    {"fuse_epilogue", "pipelines", "fuse_epilogue()", "y <- tile; z = f(y)  ->  y <- tile; z <- f(tile)",
     "a = with bare left indices that reads its producer where it writes; the producer's last stage, one a producer.",
     guarded<directives::fuse_epilogue>},
};

}  // namespace

const std::vector<DirectiveRow>& directive_table() { return table; }

const DirectiveRow* find_directive(std::string_view name) {
    for (const DirectiveRow& row : table)
        if (row.name == name) return &row;
    return nullptr;
}

}  // namespace heddle
