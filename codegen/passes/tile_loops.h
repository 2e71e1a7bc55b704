// codegen/passes/tile_loops.h -- what the expansions of tile statements are made of.
#pragma once

#include <vector>

#include "codegen/stmt.h"

namespace heddle {

/// The loops of a tile statement's box around a body.
Stmt looped(const std::vector<TileDim>& dims, Stmt body);
/// Allocates storage around a body.
Stmt with_storage(const std::vector<AnyTensor>& storages, Memory memory, Stmt body);
/// A component of a tuple's combine, of these values.
Expr apply_reducer(const Reducer& reducer, std::size_t component, const std::vector<Expr>& left,
                   const std::vector<Expr>& right);
/// The places of a reduction = left op right, all components at once.
Stmt combined(const Reduce& reduce, const std::vector<Expr>& left, const std::vector<Expr>& right);

}  // namespace heddle
