// codegen/block/block_lowering.h -- a Team as what each thread of a block does.
//
// block_lowering.cpp   the frame: shared memory, threads, roles
// block_work.cpp       which tiles a block gets
// block_rings.cpp      filling tiles ahead of their use
// block_copies.cpp     copies divided over threads
// block_boxes.cpp      copies of boxes by the tensor memory accelerator, and of spans
// block_fragments.cpp  tiles in the registers of warps
// block_products.cpp   products of tiles on tensor cores: who does what
// block_warps.cpp      by warps (mma.sync)
// block_warpgroups.cpp by warpgroups (wgmma)
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "codegen/stmt.h"
#include "runtime/cuda_limits.h"
#include "schedules/target.h"

namespace heddle {

// Builders of calls.
CallOperand value_operand(const Expr& value);
CallOperand value_operand(std::int64_t value);
CallOperand address_operand(const AnyTensor& storage, std::vector<Expr> indices);
/// The address of an element of a swizzled tile that the hardware swizzles itself: boxes, matrix descriptors.
CallOperand unswizzled_operand(const AnyTensor& storage, std::vector<Expr> indices);
CallOperand array_operand(const AnyTensor& storage, std::vector<Expr> indices = {});
Stmt call(const std::string& function, std::vector<CallOperand> operands = {});
Stmt if_then(const Expr& condition, Stmt then);

/// Elements of 16 bits that are kept as they are, and nothing is filled but zeros.
bool copies_16_bits(const Copy& copy);

/// Elements of a tile that lie in the registers of warps: rows x columns in pieces of 16 x 8 (f64: 8 x 8), as
/// mma.sync and wgmma leave their results (PTX ISA, "Matrix fragments").
struct Fragment {
    AnyTensor part;       ///< of promoted sums: what tensor cores add up, of the same shape; undefined: not promoted
    AnyTensor registers;  ///< of one thread: [pieces down][4 * pieces across], or [down][across][elements]
    bool flat = false;    ///< the former
    std::vector<TileDim> rows, columns;
    int down = 1, across = 1, elements = 4;
    Expr first_row;  ///< of this thread's first element
    Expr first_column;
    int row_step = 16;  ///< rows between pieces of one thread
    /// What tensor cores add to.
    const AnyTensor& sums() const { return part.defined() ? part : registers; }
};

class BlockLowering {
public:
    BlockLowering(const Team& team, const Target& target);
    Stmt run();

private:
    enum class Party { all, producer, consumer };

    /// The tiles filled at the head of one loop's body (or before all loops), in `depth` copies.
    struct Ring {
        Symbol loop;
        std::vector<Stmt> copies;
        int depth = 1;
        bool boxes = false;  ///< by tensor memory accelerator, counted by mbarriers; else by the threads
        bool async = false;  ///< by cp.async
        AnyTensor full, empty;
        AnyTensor step;                                   ///< counts fills modulo 2 * depth
        std::map<const TensorNode*, AnyTensor> storages;  ///< tile -> ring
    };
    struct Tile {
        AnyTensor storage;
        Layout layout;
    };

    /// The loops bound to one axis of threads.
    struct BoundThreads {
        Symbol var;
        std::int64_t extent = 0;  ///< 0: none
    };

    // The frame.
    void hoist_tiles(Stmt& body);
    void find_rings(const Stmt& body);
    void add_ring(const Symbol& loop, const Stmt& body, int depth);
    void find_products(const Stmt& body);
    void plan_threads(Stmt& body);
    Stmt in_frame(const Stmt& body);
    Stmt prologue() const;
    Stmt with_storage(Stmt body) const;
    Stmt lower(const Stmt& s, Party party);
    Stmt lower_block(const std::vector<Stmt>& statements, Party party);
    Stmt barrier(Party party) const;
    int threads_of(Party party) const { return party == Party::all ? threads_ : consumers_; }
    /// A thread's number among those of its party.
    Expr worker(Party party) const { return party == Party::all ? thread_id_ : thread_id_ % Expr::integer(consumers_); }

    // Work.
    Stmt distribute(const Stmt& body);
    Stmt with_work_loops(const Expr& index, const std::vector<const For*>& loops, Stmt body) const;

    // Rings.
    Ring* ring_at(const Symbol& loop);
    Stmt ring_loop(const For& loop, Ring& ring, Party party);
    Stmt ring_root(Ring& ring, const std::vector<Stmt>& rest, Party party);
    Stmt filled_by_threads(const For& loop, Ring& ring, const Stmt& rest);
    Stmt filled_by_boxes(const For& loop, Ring& ring, const Stmt& rest);
    Stmt produced(const For& loop, Ring& ring, const Stmt& rest);
    Stmt consumed(const For& loop, Ring& ring, const Stmt& rest);
    Stmt fill(const Ring& ring, const Substitution& at, const Expr& slot) const;
    Stmt in_slot(const Stmt& s, const Ring& ring, const Expr& slot) const;
    Stmt next_step(const Ring& ring) const;
    Expr slot_of(const Ring& ring, std::int64_t ahead = 0) const;
    Expr phase_of(const Ring& ring, bool producer) const;
    std::int64_t bytes_of_boxes(const Ring& ring) const;

    // Copies.
    Stmt copy_by_threads(const Copy& copy, const Expr& thread, int threads, bool async) const;
    int vector_elements(const Copy& copy, bool async) const;
    int elements_of_lines(const Copy& copy) const;
    Stmt copy_lines(const Copy& copy, const Expr& thread, int threads) const;
    // Single elements of 16 bits, by way of registers.
    Stmt each_held(const Copy& copy, const AnyTensor& held, const Expr& first, const Expr& thread, int threads,
                   const std::function<Stmt(const Place& in_register, const Expr& exists)>& each) const;
    Stmt fetch_16_bits(const Copy& copy, const AnyTensor& held, const Expr& first, const Expr& thread,
                       int threads) const;
    Stmt put_16_bits(const Copy& copy, const AnyTensor& held, const Expr& first, const Expr& thread, int threads) const;
    Stmt spread(const std::vector<TileDim>& dims, const Expr& thread, int threads, const Stmt& body) const;
    Stmt copy_boxes(const Copy& copy, const CallOperand& barrier) const;
    Stmt copy_span(const Copy& copy, const CallOperand& barrier) const;
    struct BoxCopies;
    BoxCopies plan_boxes(const Copy& copy, bool store) const;
    Stmt copy_out(const Copy& copy, Party party);
    bool is_out_tile(const AnyTensor& storage) const;

    // Products.
    void plan_product(const Mma& mma);
    Stmt product(const Mma& mma, bool waits);
    Stmt warp_product(const Mma& mma, const Fragment& fragment) const;
    Stmt warpgroup_product(const Mma& mma, const Fragment& fragment) const;
    Stmt warpgroup_product_in_pieces(const Mma& mma, const Fragment& fragment) const;
    /// A step of promoted sums: from zero on tensor cores, then added to the sum in registers.
    Stmt promoted(const Fragment& fragment, Stmt products) const;
    Stmt map_fragments(const Map& map) const;
    /// Neighbours in a row go to neighbours of a tile of 16-bit elements.
    bool stores_pairs(const Map& map, const Fragment& fragment) const;
    bool stores_neighbours(const Map& map, const Fragment& fragment) const;
    Stmt map_by_threads(const Map& map, Party party) const;
    bool uses_fragment(const Map& map, const Fragment** fragment) const;
    const Layout& layout_of(const AnyTensor& storage) const;
    /// Of the tile that a product reads, within a slot of its ring.
    Layout tile_layout(const Expr& read) const;

    const Team& team_;
    const Target& target_;
    std::vector<Tile> tiles_;
    std::vector<std::unique_ptr<Ring>> rings_;
    std::map<const TensorNode*, Fragment> fragments_;  ///< by accumulator
    std::vector<Stmt> out_copies_;                     ///< copies from tiles to memory
    Ranges ranges_;                                    ///< of the loops of the team's body
    Symbol block_, thread_;
    Expr thread_id_;
    Expr blocks_;              ///< of the grid, where the work is distributed
    bool own_threads_ = true;  ///< no loop of the body is bound to threads
    BoundThreads bound_[3];
    bool warpgroups_ = false;
    bool stores_boxes_ = false;
    int consumers_ = 0, producers_ = 0, threads_ = 0;
    int warps_m_ = 1, warps_n_ = 1;
    int serial_loops_ = 0;  ///< around the statement that is lowered
};

/// Values of dims for the linear number of a point, row-major.
Substitution point_of(const std::vector<TileDim>& dims, const Expr& linear);
/// Product of the constant extents.
std::int64_t points_of(const std::vector<TileDim>& dims);

}  // namespace heddle
