// codegen/stmt.h -- the loop IR: statements over storage, and tile statements that survive until they are expanded.
//
// The contract
// - Nodes are immutable and shared; a Stmt is a counted handle, empty for "nothing". Expressions are dsl/expr.h's.
// - Storage is named by tensors: kernel parameters (inputs, outputs, scratch of the plan) and Allocates. A Read or a
//   write of storage has no boundary; its indices are inside the storage's shape wherever it is executed (verify).
// - A Read computes in compute_type; a write rounds or wraps to the storage's type.
// - For runs `var` over [min, min + extent) in increasing order; `parallel` ones in any order, at once. `unrolled` and
//   `vectorized` loops have constant extents; a vectorized loop is innermost and its iterations are lanes: they do not
//   see each other's writes.
// - Tile statements run over the box of their dims, the first outermost. `predicate` (boolean) guards each point.
//     Copy    target[indices] = predicate ? source : fill; without a fill nothing is written where it fails
//     Map     target_j[indices_j] op= value_j where predicate; a tuple combines all of its targets at once; an atomic
//             one reads, combines and writes as one
//     Mma     target[indices] += a * b where predicate, on a multiply atom
//     Reduce  target[indices] op= all elements of a last, lane-wise dimension of `source`; across threads: target, of
//             which each thread holds a part, becomes the whole in all threads that differ along `axis` alone
// - On a CUDA device statements are those of one thread; loops bound to an axis give it its index. Registers and stack
//   are a thread's own, shared storage is the block's. Shuffle and Barrier are reached by all threads together.
// - Check stops the kernel with a message when its condition fails; Print writes a line.
// - Let names a value for its body. Call is a device helper or a barrier (codegen/device_helpers.h).
// - Team is the work of a block of a CUDA device, in tile statements; the pass map_to_threads divides it over threads.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "dsl/definition.h"
#include "dsl/expr.h"
#include "dsl/visit.h"
#include "schedules/loop_nest.h"

namespace heddle {

#define HEDDLE_STMT_NODES(X) \
    X(Block)                 \
    X(For)                   \
    X(If)                    \
    X(Allocate)              \
    X(Store)                 \
    X(Check)                 \
    X(Shuffle)               \
    X(Barrier)               \
    X(Copy)                  \
    X(Map)                   \
    X(Mma)                   \
    X(Reduce)                \
    X(Let)                   \
    X(Call)                  \
    X(Team)

enum class StmtKind : std::uint8_t {
#define HEDDLE_ENUM(Node) Node,
    HEDDLE_STMT_NODES(HEDDLE_ENUM)
#undef HEDDLE_ENUM
};

struct StmtNode {
    StmtKind kind;
    explicit StmtNode(StmtKind k) : kind(k) {}
    virtual ~StmtNode() = default;
};

class Stmt {
public:
    Stmt() = default;
    explicit Stmt(std::shared_ptr<const StmtNode> node) : node_(std::move(node)) {}
    template <class T>
    static Stmt make(T node) {
        return Stmt(std::make_shared<const T>(std::move(node)));
    }
    bool empty() const { return node_ == nullptr; }
    StmtKind kind() const { return node_->kind; }
    const StmtNode* get() const { return node_.get(); }
    template <class T>
    const T* as() const {
        return node_ && node_->kind == T::node_kind ? static_cast<const T*>(node_.get()) : nullptr;
    }
    bool same_as(const Stmt& other) const { return node_ == other.node_; }

private:
    std::shared_ptr<const StmtNode> node_;
};

/// An element of storage: where a statement writes.
struct Place {
    AnyTensor storage;
    std::vector<Expr> indices;
};

/// One dimension of a tile statement; `kind` is how it is carried out.
struct TileDim {
    Symbol var;
    Expr extent;
    LoopKind kind = LoopKind::serial;
    int unroll = 1;
};

struct Block : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Block;
    std::vector<Stmt> statements;
    Block() : StmtNode(node_kind) {}
};
struct For : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::For;
    Symbol var;
    Expr min, extent;
    Expr step;  ///< of a serial loop: what an iteration adds to `var`; undefined: 1
    LoopKind kind = LoopKind::serial;
    int unroll = 1;            ///< iterations of a serial loop emitted side by side
    int pipeline = 0;          ///< stages of a software pipeline that map_to_threads is to make; 0: none
    bool partitioned = false;  ///< still to be split into edge and interior (partition_loops)
    bool clipped = false;      ///< still to be narrowed to its valid range (clip_loops)
    std::vector<Expr> facts;   ///< what the narrowed range of a clipped loop makes true of its body
    Stmt body;
    For() : StmtNode(node_kind) {}
};
struct If : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::If;
    Expr condition;
    Stmt then;
    If() : StmtNode(node_kind) {}
};
struct Allocate : StmtNode {  ///< storage of the tensor's type and (constant or parametric) shape, alive in `body`
    static constexpr StmtKind node_kind = StmtKind::Allocate;
    AnyTensor storage;
    Memory memory = Memory::heap;
    Layout layout;         ///< of a tile in shared memory; without strides: row-major
    std::string declared;  ///< C++ type of the elements on a CUDA device; empty: that of the storage
    Stmt body;
    Allocate() : StmtNode(node_kind) {}
};
struct Store : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Store;
    Place to;
    Expr value;
    bool streaming = false;
    UpdateOp atomic = UpdateOp::assign;  ///< else `to op= value` at once, as other threads see it
    Store() : StmtNode(node_kind) {}
};
struct Check : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Check;
    Expr condition;
    std::string message;       ///< "{}" stand for the values in turn
    std::vector<Expr> values;  ///< i64
    Check() : StmtNode(node_kind) {}
};
struct Shuffle : StmtNode {  ///< to = the value of the thread whose number in the warp is this one's xor `distance`
    static constexpr StmtKind node_kind = StmtKind::Shuffle;
    Place to;  ///< a thread's own
    Expr value;
    int distance = 1;
    std::uint32_t lanes = 0xffffffffu;  ///< threads of the warp that there are
    Shuffle() : StmtNode(node_kind) {}
};
struct Barrier : StmtNode {  ///< what the block's threads wrote to shared storage before is seen by all after
    static constexpr StmtKind node_kind = StmtKind::Barrier;
    Barrier() : StmtNode(node_kind) {}
};
struct Copy : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Copy;
    std::vector<TileDim> dims;
    Place to;
    Expr source, predicate, fill;
    std::string atom;
    Copy() : StmtNode(node_kind) {}
};
struct Map : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Map;
    std::vector<TileDim> dims;
    std::vector<Place> to;
    UpdateOp op = UpdateOp::assign;  ///< argmax does not occur: it is a tuple by now
    std::vector<Expr> values;
    Reducer reducer;  ///< of a tuple
    Expr predicate;
    bool streaming = false;
    bool atomic = false;
    Map() : StmtNode(node_kind) {}
};
struct Mma : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Mma;
    std::vector<TileDim> dims;
    Place to;
    Expr a, b, predicate;
    std::string atom;
    int pieces = 1;         ///< operands are split into this many narrower ones
    Expr b_rest;            ///< in two pieces, where b is not split on the way: what the first leaves of b
    int promote_every = 0;  ///< K steps after which the hardware's sum moves into a sum in f32; 0: never
    Mma() : StmtNode(node_kind) {}
};
struct Reduce : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Reduce;
    std::vector<TileDim> dims;  ///< of the target
    std::vector<Place> to;
    std::vector<AnyTensor> sources;  ///< indexed by to's indices and then the lane
    std::int64_t lanes = 1;
    UpdateOp op = UpdateOp::add;
    Reducer reducer;
    LoopKind axis = LoopKind::serial;               ///< of a reduction across threads, which has no sources
    std::array<std::int64_t, 3> block = {1, 1, 1};  ///< threads of the block along x, y, z
    Reduce() : StmtNode(node_kind) {}
};

struct Let : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Let;
    Symbol var;
    Expr value;
    Stmt body;
    Let() : StmtNode(node_kind) {}
};
/// A map for the unit that copies boxes between device and shared memory (TMA): which box of which buffer, in terms of
/// the buffer's dimensions; strides are the buffer's own.
struct TensorMapPlan {
    struct Dim {
        std::vector<int> dims;  ///< dimensions of the buffer that it runs over, the outermost first, joined into one
        int box = 1;
    };
    std::string name;
    AnyTensor buffer;
    std::vector<Dim> dims;  ///< innermost first
    bool im2col = false;    ///< dims: channels, then the image's dimensions, then the batch
    int lower[3] = {}, upper[3] = {}, traversal[3] = {1, 1, 1};  ///< of the image's dimensions, innermost first
    int channels = 0, pixels = 0;
    int swizzle_bytes = 0;
};
/// An argument of a Call: a value, the address of an element, an array (a storage with its leading indices), or a
/// tensor map.
struct CallOperand {
    Expr value;
    Place place;
    bool address = false;
    bool unswizzled = false;  ///< the address that the hardware swizzles itself
    std::shared_ptr<const TensorMapPlan> map;
};
struct Call : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Call;
    std::string function;
    std::vector<CallOperand> operands;
    Place to;             ///< takes the result; undefined storage: there is none
    Expr predicate;       ///< addresses are inside of their storage where this holds; undefined: everywhere
    bool writes = false;  ///< the addressed places are written, not only read
    Call() : StmtNode(node_kind) {}
};
struct Team : StmtNode {
    static constexpr StmtKind node_kind = StmtKind::Team;
    Work work;
    std::vector<Role> roles;
    int warps_m = 0, warps_n = 0;  ///< how the warps (of wgmma: warpgroups) that multiply divide a tile; 0: no products
    Symbol first, last;            ///< of stream_k work: the part [first, last) of the reduced loop that a block does
    Symbol block, tile;            ///< of stream_k work
    Stmt body;
    Team() : StmtNode(node_kind) {}
};

// Builders. Empty statements vanish from blocks; nested blocks are joined.
Stmt block(std::vector<Stmt> statements);
Stmt store(const AnyTensor& storage, std::vector<Expr> indices, Expr value);
/// A read of storage, no boundary.
Expr load(const AnyTensor& storage, std::vector<Expr> indices);
/// Fresh storage.
AnyTensor make_storage(const std::string& name, ScalarType type, const std::vector<Expr>& shape);
/// a op b, of an update's operator.
Expr combine(UpdateOp op, Expr a, Expr b);

/// One kernel of a plan: parameters in order, and what it does.
struct Function {
    std::string name;
    std::vector<AnyTensor> parameters;  ///< buffers; written ones included
    std::vector<Symbol> sizes;          ///< run-time sizes
    Stmt body;
    int occupancy = 0;  ///< blocks that a multiprocessor is to hold at once, which bounds their registers; 0: any
    /// Values of the user's variables over the loops, for emitters that print them by name.
    std::vector<std::pair<std::string, Expr>> named_values;
};

/// Rewrites statements bottom-up.
struct Mutator {
    /// Applied to every node after its children; returns the replacement (possibly empty) or the node itself.
    std::function<Stmt(const Stmt&)> statement;
    /// Applied to every expression in statements (not recursively into it: use dsl/visit.h's rewrite); null: kept.
    std::function<Expr(const Expr&)> expression;
};
/// An unchanged subtree comes back as the same pointer.
Stmt mutate(const Stmt& s, const Mutator& mutator);
/// Calls `visit` on each statement, parents first.
void for_each_stmt(const Stmt& s, const std::function<void(const Stmt&)>& visit);
/// Calls `visit` on each expression that stands in a statement (whole expressions, not their nodes).
void for_each_expr(const Stmt& s, const std::function<void(const Expr&)>& visit);
/// Replaces symbols in all expressions of a statement.
Stmt substitute(const Stmt& s, const Substitution& values);

/// As indented text, for dumps and goldens, and the text that the kernel cache keys on.
std::string print(const Stmt& s, int indent = 0);
std::string print(const Function& function);

}  // namespace heddle
