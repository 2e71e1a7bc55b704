// tests/support/buffers.h -- buffers from lists of numbers and back, and what a text computes from them.
#pragma once

#include <string>
#include <vector>

#include "dsl/evaluate.h"
#include "runtime/buffer.h"

namespace heddle::test {

/// A row-major buffer with these elements.
Buffer buffer_of(ScalarType type, std::vector<std::int64_t> shape, const std::vector<double>& elements);
/// The elements in row-major order.
std::vector<double> elements_of(const Buffer& buffer);
/// A random buffer for every input of a pipeline without run-time sizes.
NamedBuffers random_inputs(const Pipeline& pipeline, std::uint64_t seed = 1, bool integers = false);
/// Elements of the first output of a pipeline in its text form.
std::vector<double> computed(const std::string& text, const NamedBuffers& inputs,
                             EvaluatePrecision precision = EvaluatePrecision::declared);

}  // namespace heddle::test
