// codegen/build_reads.h -- how the reads of a stage are carried out: boundaries, inlined stages, tiles and packed
// copies.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "codegen/stmt.h"
#include "schedules/loop_nest.h"

namespace heddle {

/// Where the elements of a tensor are found instead of in the tensor itself.
struct ReadSource {
    AnyTensor storage;
    std::vector<Expr> indices;  ///< in loop coordinates: where the read's element is
    std::vector<Expr> origin;   ///< else: element of the tensor that lies at storage index 0
    bool padded = false;        ///< a tile: its elements outside of the tensor hold what the boundary gives
    bool in_loops = false;      ///< in loop coordinates: `indices` count, not `origin`
};
using ReadSources = std::map<std::shared_ptr<TensorNode>, ReadSource>;

/// A value over storage and the condition under which it may be computed.
struct ResolvedValue {
    Expr value;
    Expr participates;  ///< constant true when nothing is left to test
};

/// Turns the right side `e` of a definition into reads of storage, in the domain's variables: folds boundaries, inlines
/// stages that are placed so, and goes through `sources`. Of an update, skip reads become part of `participates`, and
/// so do zero reads that are factors of the whole of a `+=`; an `=` is 0 where a skip read is outside.
ResolvedValue resolve_reads(const Expr& e, const std::vector<DomainVar>& domain, UpdateOp op, const LoopNest& nest,
                            const ReadSources& sources);

/// a && b, where either may be undefined (true).
Expr conjunction(const Expr& a, const Expr& b);

}  // namespace heddle
