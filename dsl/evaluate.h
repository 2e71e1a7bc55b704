// dsl/evaluate.h -- the meaning of definitions, carried out literally: the oracle of every test.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "dsl/pipeline.h"
#include "runtime/buffer.h"

namespace heddle {

enum class EvaluatePrecision : std::uint8_t {
    declared,  ///< each value in its node's type (f32 arithmetic rounds to f32)
    f64        ///< floats in double throughout, intermediates kept in double, outputs rounded once to the buffer's type
};
using NamedBuffers = std::map<std::string, Buffer>;

/// Binds shapes to parameters: the values of the run-time sizes that make every bound buffer fit its tensor.
/// Throws UserError naming tensor, dimension and sizes when none do, or a buffer is missing, or has the wrong type.
std::map<Symbol, std::int64_t> bind_parameters(const Pipeline& pipeline, const NamedBuffers& buffers);

/// Computes all outputs from the inputs by name. Results are row-major, of the tensors' types (f64 for float outputs
/// where `keep_f64` is set). Throws UserError for missing, misshapen or mistyped buffers, and an index() out of range.
NamedBuffers evaluate(const Pipeline& pipeline, const NamedBuffers& inputs,
                      EvaluatePrecision precision = EvaluatePrecision::declared, bool keep_f64 = false);

/// Only the given elements of one output, as doubles: computed backwards through the pipeline from what they need.
/// Each element of `points` is one index.
std::vector<double> evaluate_at(const Pipeline& pipeline, const NamedBuffers& inputs, const AnyTensor& output,
                                const std::vector<std::vector<std::int64_t>>& points,
                                EvaluatePrecision precision = EvaluatePrecision::f64);

}  // namespace heddle
