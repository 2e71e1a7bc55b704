// tools/cost_report.h -- what a pipeline costs: sizes, operations, bytes, and the matrices it could be written with.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dsl/pipeline.h"

namespace heddle::tools {

struct CostReport {
    struct Output {
        std::string name, shape;
        double elements;
    };
    std::vector<Output> outputs;
    double parameters = 0;  ///< elements of inputs that do not depend on the output's first index: weights, biases
    Cost cost;
    /// The matrix whose product with the weights gives a contraction: one row an output point, one column a tap.
    struct Im2col {
        double rows, columns, bytes;
        double times_input;  ///< its size over that of the input it copies
    };
    std::optional<Im2col> im2col;
    /// The matrix that maps the first input to the output, if the definition is linear in it.
    struct Toeplitz {
        double rows, columns, nonzeros;
        double dense_bytes, csr_bytes;  ///< CSR: a value and a 4-byte column each, an 8-byte offset a row
    };
    std::optional<Toeplitz> toeplitz;
};

/// Throws UserError for run-time sizes, which have no cost yet.
CostReport cost_report(const Pipeline& pipeline);
/// As a table for a terminal; each line begins with `indent` spaces.
std::string text_of(const CostReport& report, int indent = 2);

}  // namespace heddle::tools
