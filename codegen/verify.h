// codegen/verify.h -- what must hold of statements between passes.
#pragma once

#include <string_view>

#include "codegen/stmt.h"

namespace heddle {

/// Checks that every variable and storage is defined where it is used, that every access is inside its storage given
/// the loops and tests around it, that vectorized loops are innermost and unrolled ones have constant extents, and that
/// parallel loops hold no write that two iterations share. Throws InternalError that names the pass and the statement.
void verify(const Function& function, std::string_view after_pass);

}  // namespace heddle
