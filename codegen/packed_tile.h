// codegen/packed_tile.h -- tiles in a CUDA thread's registers whose elements stay as narrow as memory holds them.
#pragma once

#include <string>

#include "codegen/stmt.h"

namespace heddle {

/// "Pack<unsigned short, 8>": the C++ type of the last dimension of a tile in registers where it is worth keeping
/// narrow: many elements of 16 bits, in whole words. Empty: the tile holds what is computed with, an element a
/// register.
std::string packed_row(const AnyTensor& tensor, const std::vector<Expr>& shape);

/// After it, the compiler takes the tile's words for new ones: it does not keep the elements that were unpacked before.
Stmt keep_packed(const AnyTensor& tile);

}  // namespace heddle
