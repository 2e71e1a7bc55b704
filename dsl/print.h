// dsl/print.h -- the text form of expressions, definitions and pipelines.
#pragma once

#include <string>

#include "dsl/definition.h"
#include "dsl/pipeline.h"

namespace heddle {

/// With the fewest parentheses, `zero(x)[n,p+r-1]` for reads, float literals with the digits that read back the same
/// value; a literal carries its type (2i32) where its place does not give it. Symbols that share a name print as p,
/// p_1.
std::string print(const Expr& e);
/// `y[n,k,p,q] += zero(x)[n,c,p+r-1,q+s-1] * w[k,c,r,s]`, with the extents that the shapes do not give: `... | r<3`.
/// parse gives back the same definition.
std::string print(const Definition& definition);
/// With the domain: `... | n<32 k<512 p<28 q<28 | c<512 r<3 s<3`; the reduced variables after the second bar.
std::string print_with_domain(const Definition& definition);
/// Tensor declarations, one a line (`x: f32[64,3,224,224]`), then the definitions, then `output m, y` where the
/// outputs are others than the tensors that nothing reads: reads back through parse_pipeline.
std::string print(const Pipeline& pipeline);
/// As mathematics: a sum sign with its ranges, for a terminal (Unicode), one definition a line.
std::string print_mathematics(const Definition& definition);
/// The text that tuning and caches key on: print(pipeline) with symbols and tensors renamed by order of appearance
/// (t0, t1, ...; i0, i1, ...), so that renaming things does not change it; types, sizes and boundaries included.
std::string canonical_text(const Pipeline& pipeline);

}  // namespace heddle
