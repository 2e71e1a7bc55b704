// tools/derivation_report.cpp -- what is derived from definitions, as text: gathers and matrices.
#include "tools/derivation_report.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/gather_pipeline.h"
#include "dsl/print.h"
#include "dsl/toeplitz.h"
#include "runtime/text.h"
#include "tools/element_names.h"

namespace heddle::tools {
namespace {

constexpr std::int64_t most_shown = 64;  // rows, and columns

/// Weights that hold 1, 2, 3, ... name the element that each entry is, unless entries are sums.
struct NamedEntries {
    AnyTensor weights;  ///< undefined: entries are numbers
    CsrMatrix matrix;
    std::string text(double value) const {
        return weights.defined() ? element_text(weights, static_cast<std::int64_t>(value) - 1)
                                 : fmt::format("{:g}", value);
    }
};

NamedEntries entries_of(const Pipeline& pipeline, const AnyTensor& input) {
    NamedBuffers ones;
    AnyTensor weights;
    for (const AnyTensor& other : pipeline.inputs) {
        if (other == input) continue;
        ones[other.name()] = counted_elements(other, false);
        if (!weights.defined() && is_float(other.type())) weights = other;
    }
    NamedEntries plain{{}, toeplitz(pipeline.outputs[0], input, ones)};
    const bool single =
        std::all_of(plain.matrix.value.begin(), plain.matrix.value.end(), [](double v) { return v == 1; });
    if (!weights.defined() || !single) return plain;
    const Buffer numbers = counted_elements(weights);
    ones[weights.name()] = numbers;
    NamedEntries named{weights, toeplitz(pipeline.outputs[0], input, ones)};
    const auto elements = static_cast<double>(numbers.elements());
    const bool known = std::all_of(named.matrix.value.begin(), named.matrix.value.end(), [&](double v) {
        return v >= 1 && v <= elements && v == static_cast<std::int64_t>(v);
    });
    const bool differs =
        std::any_of(named.matrix.value.begin(), named.matrix.value.end(), [](double v) { return v != 1; });
    return known && (differs || elements == 1) ? named : plain;
}

}  // namespace

std::string gather_report(const Pipeline& pipeline) {
    std::vector<GatherReport> reports;
    const Pipeline gather = gather_pipeline(pipeline, &reports);
    std::string text;
    for (std::size_t i = 0; i < reports.size(); ++i)
        text += fmt::format("{}\n    {}\n", print(*gather.stages.at(i).definition), reports[i].text);
    return text;
}

std::string matrix_report(const Pipeline& pipeline) {
    const AnyTensor output = pipeline.outputs[0], named_x = pipeline.find("x");
    const AnyTensor input = named_x.defined() ? named_x : pipeline.inputs.at(0);
    std::int64_t sizes[2] = {1, 1};
    for (const Extent& extent : output.shape()) sizes[0] *= extent.is_static() ? extent.value() : most_shown + 1;
    for (const Extent& extent : input.shape()) sizes[1] *= extent.is_static() ? extent.value() : most_shown + 1;
    if (sizes[0] > most_shown || sizes[1] > most_shown)
        throw UserError(
            fmt::format("the matrix of {} by {} has {} rows and {} columns; up to {} of each are shown: "
                        "give smaller sizes",
                        output.name(), input.name(), sizes[0], sizes[1], most_shown));
    const NamedEntries entries = entries_of(pipeline, input);
    const CsrMatrix& matrix = entries.matrix;
    std::vector<std::vector<std::string>> cells(static_cast<std::size_t>(matrix.rows));
    std::vector<std::string> labels;
    for (std::int64_t row = 0; row < matrix.rows; ++row) {
        labels.push_back(element_text(output, row) + " ");
        cells[row].assign(static_cast<std::size_t>(matrix.columns), ".");
        for (std::int64_t i = matrix.row_start[row]; i < matrix.row_start[row + 1]; ++i)
            cells[row][matrix.column[i]] = entries.text(matrix.value[i]);
    }
    return fmt::format("{} = M {}, {} rows, {} columns, {} entries\n", output.name(), input.name(), matrix.rows,
                       matrix.columns, matrix.entries()) +
           matrix_text(cells, labels);
}

}  // namespace heddle::tools
