// ops/operator_rows.h -- the rows of the table of operators, a function for each kind.
#pragma once

#include "ops/registry.h"
#include "ops/tensor_order.h"

namespace heddle {

void append_conv_rows(std::vector<OperatorRow>& rows);
void append_conv_transpose_rows(std::vector<OperatorRow>& rows);
void append_pool_rows(std::vector<OperatorRow>& rows);
void append_unpool_rows(std::vector<OperatorRow>& rows);
void append_column_rows(std::vector<OperatorRow>& rows);
void append_pad_rows(std::vector<OperatorRow>& rows);
void append_linear_rows(std::vector<OperatorRow>& rows);
void append_softmax_rows(std::vector<OperatorRow>& rows);
void append_elementwise_rows(std::vector<OperatorRow>& rows);

/// Tensors and options that several operators share.
inline TensorRow activations_row(const std::string& name, int dimensions) {
    static constexpr const char* spatial[] = {"width", "height, width", "depth, height, width"};
    return {name, activation_letters(dimensions), true,
            std::string("activations: batch, channels, ") + spatial[dimensions - 1]};
}
inline ParameterRow stride_row(std::string fallback = "1") {
    return {"stride", "1 or 2,1", std::move(fallback), "step of the window; one number, or one a dimension"};
}
inline ParameterRow dilation_row() { return {"dilation", "1 or 2,2", "1", "distance between taps"}; }
inline ParameterRow padding_row(std::string summary = "points added at each end") {
    return {"padding", "0 or 1,2", "0", std::move(summary)};
}
inline ParameterRow kernel_size_row(std::string fallback) {
    return {"kernel_size", "2 or 2,3", std::move(fallback), "size of the window"};
}
inline ParameterRow type_row() { return {"type", "f32", "", "type of the result; x's where not stated"}; }
/// Sizes of an example: "8x16x56", "8x16x56x56", ...
inline std::string example_sizes(const std::string& before, const std::string& size, int dimensions,
                                 const std::string& after = "") {
    std::string text = before;
    for (int d = 0; d < dimensions; ++d) text += "x" + size;
    return text + after;
}

}  // namespace heddle
