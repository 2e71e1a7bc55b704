// codegen/emit_cuda_vectors.h -- which accesses of a vectorized loop of emitted CUDA move several elements at once.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codegen/emit_cuda_text.h"
#include "codegen/stmt.h"

namespace heddle {

/// A vectorized or unrolled loop whose lanes lie side by side in memory, from an address that is a multiple of what one
/// access moves (at most 16 bytes): its loads come before the lanes' arithmetic, its stores after.
struct VectorLoop {
    Expr every;       ///< holds where the lanes' tests all hold; elsewhere the lanes run one by one; undefined: none
    Expr some;        ///< with `every`: holds wherever the tests of a lane do
    Expr first, end;  ///< with `every`: the lanes whose tests hold, where that is a range; undefined: no such end
    bool range = false;
    Expr condition;           ///< the same in all lanes, around all of it; undefined: none
    Stmt body;                ///< what each lane does
    Expr otherwise;           ///< of a body that is one store: its value where `condition` fails; undefined: none
    std::vector<Expr> reads;  ///< Reads in `body` that are loaded at once
    std::vector<Expr> where;  ///< for each, what must hold for it to be loaded; undefined: nothing
    Expr lanes_where;        ///< of a single read whose `where` fails: its lanes are loaded one by one where this holds
    std::string lane_value;  ///< their element's text
    std::vector<const Store*> stores;  ///< Stores in `body` that are
};

/// Nothing where no access gains, and no tests of an aligned row's ends can be put together. Addresses of buffers
/// themselves are taken to be multiples of 16 bytes.
std::optional<VectorLoop> vector_loop(const For& loop, const CudaText& text);

/// A vectorized loop that starts between the multiples, or is longer than an access: loops over the first elements,
/// over several that can be moved at once, and over the last. Empty where that gains nothing.
std::vector<Stmt> vector_parts(const For& loop, const CudaText& text);

}  // namespace heddle
