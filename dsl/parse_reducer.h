// dsl/parse_reducer.h -- the reducer of a tuple reduction from tokens.
#pragma once

#include <vector>

#include "dsl/definition.h"
#include "dsl/lexer.h"

namespace heddle {

/// `argmax {(-inf, 0); (a0, a1), (b0, b1) -> (max(a0, b0), ...)}`: a name, one identity a component, names for the
/// accumulated and the incoming components, and what they combine to. `types` are those of the components.
Reducer parse_reducer(TokenStream& stream, const std::vector<ScalarType>& types);

}  // namespace heddle
