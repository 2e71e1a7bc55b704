// codegen/stage_builder.h -- the statements of one stage of a loop nest: what its parts share.
#pragma once

#include <array>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "codegen/build_stage.h"

namespace heddle {

/// Builds one stage: run() once. Parts are in stage_builder.cpp (loops, guards, targets), stage_accumulator.cpp,
/// stage_threads.cpp and stage_tiles.cpp.
class StageBuilder {
public:
    StageBuilder(const LoopNest& nest, const StageNest& stage, ReadSources sources, const ReadSources* local);

    Stmt run();
    /// Of stream_k work: where blocks leave the parts of tiles that they share, and what adds them up. After run().
    const AnyTensor& partials() const { return partials_; }
    Stmt fix_up();
    /// Of a product whose second operand goes to shared memory in two pieces: the second piece of all of it, and what
    /// computes it. After run().
    const AnyTensor& rest() const { return rest_; }
    Stmt prepare_rest() const;

private:
    struct Component {
        AnyTensor target;  // undefined: a value that is only needed while accumulating (argmax's maximum)
        Expr value;        // incoming, over domain variables
        Expr identity;
    };

    /// What is accumulated: one component, or a tuple's; argmax becomes the pair (value, position).
    void plan_update();

    /// Writes that need not reach every element of the output once: memory is filled first, then updated in place.
    bool scatters() const { return !has_bare_left(definition_); }

    /// Where the accumulator lives: as directed, else just outside the first reduced loop.
    void place_accumulator();

    /// An expression over the domain, over the present loops.
    Expr over_loops(const Expr& e) const;

    /// The guards, over loops. `reads`: expressions whose loads must be protected; a guard of a free variable is left
    /// out when no read depends on its loops (the accumulator's extra elements are never stored).
    Expr guards(const std::vector<Expr>* reads) const;
    bool packed_storage(const std::shared_ptr<TensorNode>& tensor) const;
    bool padded_registers(const std::shared_ptr<TensorNode>& tensor) const;
    /// The guards of free variables alone: where a result is stored.
    Expr free_guards() const;

    /// Where component `i` of the definition is written: the target, or the tile that stands for it.
    Place target_place(const AnyTensor& target, const std::vector<Expr>& left) const;
    /// Writes that fall outside of the output are dropped.
    Expr inside_output() const;

    /// The loops from this position on.
    Stmt loops(std::size_t position);
    /// True when all loops from this position on belong to a tile statement.
    bool tile_from(std::size_t position) const;
    /// True when warps of a CUDA device multiply whole tiles (tensor cores).
    bool multiplies() const;
    /// True when the loops from this position on belong to the innermost statement.
    bool statement_from(std::size_t position) const;
    /// The body as the work of a block, where threads share tiles.
    Stmt as_team(Stmt body) const;
    bool streams() const { return partials_.defined(); }
    void plan_stream();
    /// The end of a tile: its result when this block has done all of it, else its part.
    Stmt finish_stream(const std::vector<TileDim>& dims, const std::vector<Expr>& indices, const AnyTensor& sum,
                       Stmt whole) const;

    /// The body of a loop with the tiles that are filled at its head: producers placed there, and caches.
    Stmt with_tiles(const Symbol& at, const std::function<Stmt()>& body);

    /// A tile of an input: the box that the loops inside read, or one element per combination of those loops.
    Stmt fill_cache(const CacheIn& cache, Allocate& tile);
    /// A tile in registers is a thread's own: loops inside of where it is filled that are bound have their index there.
    Stmt in_bound_loops(const CacheIn& cache, Stmt fill) const;
    /// For a stage computed at this loop: tiles in loop coordinates are read where its loops run as this stage's do.
    ReadSources sources_of(const StageNest& producer, const Symbol& at) const;
    /// The same tile of the second piece.
    Stmt fill_rest(const Stmt& fill, const Allocate& like, Allocate& tile);
    void plan_pieces();
    Expr tile_guards(const CacheIn& cache, const Substitution& at_element) const;
    Stmt through_tile(const std::vector<TileDim>& dims, const Expr& value, const Expr& predicate,
                      const AnyTensor& target);

    LoopKind copy_loop(const CacheIn& cache, const Expr& extent, int dimension) const;

    /// Without an accumulator: target op= value at every point.
    Stmt direct_update(std::size_t first_dim);

    ResolvedValue resolve(const Expr& value) const;
    Expr with_inverses(const Expr& value) const;

    /// The accumulator tile: start, remaining loops, end.
    Stmt accumulator();

    std::vector<AnyTensor> component_storage(const std::string& suffix, const std::vector<Expr>& shape,
                                             std::vector<AnyTensor>& storages) const;
    static Stmt assign_all(const std::vector<TileDim>& dims, const std::vector<AnyTensor>& to,
                           const std::vector<Expr>& indices, const std::vector<Expr>& values);
    Stmt finish(const std::vector<TileDim>& dims, const std::vector<AnyTensor>& totals,
                const std::vector<Expr>& indices);

    /// What an accumulator starts from: what memory holds when part of the reduction was done before, else the `=`
    /// definition that is placed here, else the identity.
    Expr start_value(const Component& component, std::size_t i);
    /// True when the `=` before this update is placed here; else an earlier definition has left its values in memory.
    bool has_init() const;
    static bool reads_memory(const Expr& e);

    Stmt inner_loops(std::size_t position, const std::vector<AnyTensor>& accumulators,
                     const std::vector<Expr>& indices);

    Stmt update(std::size_t first_dim, const std::vector<AnyTensor>& accumulators, const std::vector<Expr>& indices);

    Stmt reduce_lanes(const std::vector<TileDim>& dims, const std::vector<Expr>& indices,
                      const std::vector<AnyTensor>& accumulators, const std::vector<AnyTensor>& totals);

    /// The threads of the block along x, y, z: of this stage's loops and of all that share its kernel.
    std::array<std::int64_t, 3> block_threads() const;
    /// Combines the parts that threads hold; parts and whole are in `accumulators`.
    Stmt reduce_across(const std::vector<TileDim>& dims, const std::vector<Expr>& indices,
                       const std::vector<AnyTensor>& accumulators) const;
    /// What writes memory runs in one thread along each axis that none of the stage's free loops is bound to.
    Stmt in_first_threads(Stmt body) const;

    bool leaves_as_planes(const AnyTensor& produced) const;
    bool needs_target(const AnyTensor& target) const { return local_ || needs_memory(nest_, target); }

    /// Stages applied to the result while it is at hand: each reads the one before at the same place.
    std::vector<Stmt> epilogues(const std::vector<TileDim>& dims, Expr value, const Expr& predicate);

    /// Without an accumulator, memory must hold the identity (or an earlier `=`, which is a stage of its own) before.
    Stmt initialise_memory();

    const LoopNest& nest_;
    const StageNest& stage_;
    ReadSources sources_;
    const ReadSources* local_;
    const Definition& definition_;
    UpdateOp op_ = UpdateOp::assign;
    Reducer reducer_;
    std::vector<Component> components_;
    bool accumulate_ = false;
    /// Of stream_k work: the block, its tile, and the steps [first, last) of the tile that it does.
    Symbol block_, tile_, first_, last_;
    AnyTensor partials_;
    AnyTensor split_, rest_, rest_tile_;  ///< the operand in two pieces, its second piece, the tile of that
    std::vector<Expr> rest_indices_;
    int at_ = -1;
    std::vector<Loop> free_;           // free loops inside the accumulator
    std::vector<Loop> outer_reduced_;  // reduced loops outside of it
    Loop lane_;                        // the vectorized reduced loop, if any
    std::vector<LoopKind> across_;     // thread axes that reduced loops are bound to
};

/// The loop around a body; nothing around nothing.
Stmt wrap(const Loop& loop, Stmt body);
/// The loops from `first` on as dimensions of a tile statement.
std::vector<TileDim> tile_dims(const std::vector<Loop>& loops, std::size_t first);

}  // namespace heddle
