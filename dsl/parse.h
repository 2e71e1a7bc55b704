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
/// `N in [1,4096]` declares a run-time size; `r < 3` declares a variable's extent. Variables absent on the left are
/// reduced. Comments run from # to the end of the line.
/// Errors are UserErrors that show the line with a caret under the place and say what was expected; nesting deeper than
/// 200 levels and texts over 1 MiB are refused.
std::vector<AnyTensor> parse_definitions(std::string_view text, ParseContext& context);
/// An index or value expression over the context's tensors and the given variables.
Expr parse_expr(std::string_view text, ParseContext& context, const std::map<std::string, Symbol>& variables);
/// The inverse of print(pipeline): outputs are the tensors nothing reads.
Pipeline parse_pipeline(std::string_view text);

}  // namespace heddle
