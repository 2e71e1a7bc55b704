// dsl/parse.h -- definitions from their text form.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "dsl/pipeline.h"
#include "dsl/tensor.h"

namespace heddle {

/// Names that a text may use: input tensors, declared outputs, and run-time sizes.
struct ParseContext {
    std::map<std::string, AnyTensor> tensors;
    std::map<std::string, Extent> parameters;
};

/// Parses one or more definitions separated by newlines or ';' and returns the tensors defined, in order. A tensor
/// that is not in the context is created: type f32 unless declared, shape inferred. Declarations: `y: f32[64,3,N]`;
/// `N in [1,4096]` declares a run-time size; `r < 3` declares a variable's extent for the definitions after it, and
/// `y[n] += x[n+r] | r<3` for one. Variables absent on the left are reduced. A line goes on inside brackets and beside
/// an operator; comments run from # to its end.
/// A bare literal takes the type of what it meets (x[n] * 2); 2i32, 1.5f64, inff32 state theirs. A tuple reduction:
/// `(m[n], i[n]) reduce first {(-inf, -1); (a, i), (b, j) -> (max(a, b), select(a < b, j, i))} (x[n,c], c)`.
/// Errors are UserErrors that show the line with a caret under the place and say what was expected; nesting deeper than
/// 200 levels and texts over 1 MiB are refused.
std::vector<AnyTensor> parse_definitions(std::string_view text, ParseContext& context);
/// An index or value expression over the context's tensors and the given variables.
Expr parse_expr(std::string_view text, ParseContext& context, const std::map<std::string, Symbol>& variables);
/// The inverse of print(pipeline): outputs are the tensors that `output y, m` names, else those nothing reads. Throws
/// UserError for a text that defines nothing, and for tensors that read one another.
Pipeline parse_pipeline(std::string_view text);

}  // namespace heddle
