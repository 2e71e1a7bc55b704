// tests/support/sized_texts.h -- operators over sizes that can be left open until the call.
#pragma once

#include <cstdint>
#include <map>
#include <ostream>
#include <string>
#include <vector>

#include "dsl/evaluate.h"
#include "dsl/pipeline.h"

namespace heddle::test {

/// A definition over sizes that are single capital letters, and values of them to run it at.
struct SizedText {
    std::string name, text;
    std::vector<std::map<std::string, std::int64_t>> sizes;
    bool exact = true;  ///< whole numbers stay whole
};
const std::vector<SizedText>& sized_texts();
inline void PrintTo(const SizedText& text, std::ostream* out) { *out << text.name; }

/// The pipeline with all letters as run-time sizes in [1, 4096], or those in `open` alone, the others as at the first
/// of `sizes`. `gradients`: by all inputs, of the first output.
Pipeline sized_pipeline(const SizedText& text, const std::string& open = "", bool gradients = false);
/// Inputs of the pipeline at these sizes: whole numbers.
NamedBuffers sized_inputs(const Pipeline& pipeline, const std::map<std::string, std::int64_t>& sizes);

}  // namespace heddle::test
