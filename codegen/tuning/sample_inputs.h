// codegen/tuning/sample_inputs.h -- data to run a pipeline on where nobody gives any.
#pragma once

#include <cstdint>
#include <vector>

#include "dsl/evaluate.h"
#include "dsl/pipeline.h"

namespace heddle {

/// Pseudo-random elements (whole numbers where `integers`); of a tensor that is read as an index, numbers inside the
/// extent.
Buffer sample_input(const Pipeline& pipeline, const AnyTensor& input, const std::vector<std::int64_t>& shape,
                    std::uint64_t seed, bool integers = false);
/// Of all inputs. Throws UserError for a run-time size.
NamedBuffers sample_inputs(const Pipeline& pipeline, std::uint64_t seed);

/// Buffers for all outputs at the sizes of the inputs.
NamedBuffers make_outputs(const Pipeline& pipeline, const NamedBuffers& inputs);

}  // namespace heddle
