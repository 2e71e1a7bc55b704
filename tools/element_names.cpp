// tools/element_names.cpp -- positions as names, matrices as lines.
#include "tools/element_names.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/text.h"

namespace heddle::tools {

std::string element_text(const AnyTensor& tensor, std::int64_t position) {
    std::vector<std::string> indices;
    for (auto extent = tensor.shape().rbegin(); extent != tensor.shape().rend(); ++extent) {
        indices.insert(indices.begin(), std::to_string(position % extent->value()));
        position /= extent->value();
    }
    return fmt::format("{}[{}]", tensor.name(), join(indices, ","));
}

Buffer counted_elements(const AnyTensor& tensor, bool from_one) {
    std::vector<std::int64_t> shape;
    for (const Extent& extent : tensor.shape()) shape.push_back(extent.value());
    const Buffer buffer(tensor.type(), shape);
    double next = 1;
    for_each_index(shape, [&](const auto& index) {
        buffer.set(index, next);
        if (from_one) next += 1;
    });
    return buffer;
}

std::string matrix_text(const std::vector<std::vector<std::string>>& cells, const std::vector<std::string>& labels) {
    std::size_t width = 1, before = 0;
    for (const auto& row : cells)
        for (const std::string& cell : row) width = std::max(width, cell.size());
    for (const std::string& label : labels) before = std::max(before, label.size());
    std::string text;
    for (std::size_t row = 0; row < cells.size(); ++row) {
        text += fmt::format("  {:>{}}", row < labels.size() ? labels[row] : "", before);
        for (const std::string& cell : cells[row]) text += fmt::format(" {:>{}}", cell, width);
        text += "\n";
    }
    return text;
}

}  // namespace heddle::tools
