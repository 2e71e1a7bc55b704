// dsl/element_values.h -- how elements begin and end: shared by the evaluation of whole tensors and of chosen elements.
#pragma once

#include "dsl/point_program.h"

namespace heddle {

/// What an element holds before the first definition writes it.
Value starting_value(const Definition& first, ScalarType type, std::size_t component);
/// The element after the last definition: rounded or wrapped to its tensor's type, unless floats stay in double.
Value finished(Value value, ScalarType type, EvaluatePrecision precision);
/// Throws UserError for a max=, min= or argmax= over no point, without an `=` before it.
void check_empty_reduction(const AnyTensor& target, const Definition& definition);
/// A buffer's elements.
ElementSource source_of(const Buffer& buffer);

}  // namespace heddle
