// codegen/build_stage.h -- the statements of one stage of a loop nest.
#pragma once

#include "codegen/build_reads.h"
#include "codegen/stmt.h"
#include "schedules/loop_nest.h"

namespace heddle {

/// The loops of a stage, with what is placed in it. `local` holds the tiles that the stage writes instead of its
/// targets (placement `at`), null for a stage that writes memory.
Stmt build_stage(const LoopNest& nest, const StageNest& stage, const ReadSources& sources, const ReadSources* local);

/// A stage with a nest of its own. Where blocks share the steps of tiles (stream_k work), their parts go to `partials`,
/// and a second launch adds them up.
struct StageSteps {
    Stmt prepare, body, fix_up;
    AnyTensor partials;  ///< undefined: there are none
    AnyTensor rest;      ///< of an operand in two pieces: what `prepare` writes, the second piece; undefined: none
};
StageSteps build_root_stage(const LoopNest& nest, const StageNest& stage, const ReadSources& sources,
                            const ReadSources* local);

/// A copy of an input in the order of loops; `indices` read it inside the stage.
struct PackedCopy {
    AnyTensor storage;
    std::vector<Expr> indices;
    Stmt body;
};
PackedCopy build_pack(const LoopNest& nest, const StageNest& stage, const Pack& pack);

/// True when the tensor is written to memory: an output, or read by a stage other than as its epilogue.
bool needs_memory(const LoopNest& nest, const AnyTensor& tensor);
/// True when the stage writes an output of the pipeline.
bool writes_output(const LoopNest& nest, const StageNest& stage);
/// Tensors that are read or written in a statement, allocations inside left out.
std::vector<std::shared_ptr<TensorNode>> storage_used(const Stmt& s);

}  // namespace heddle
