// ops/conv2d_row.cpp -- conv2d in the table of operators.
#include "ops/conv2d.h"
#include "ops/operator_rows.h"
#include "runtime/error.h"

namespace heddle {
namespace {

std::vector<AnyTensor> make(const OperatorArguments& arguments) {
    Conv2dOptions options;
    options.stride = arguments.pair("stride", 1);
    options.padding = arguments.pair("padding", 0);
    options.dilation = arguments.pair("dilation", 1);
    options.groups = static_cast<int>(arguments.integer("groups", 1));
    options.boundary = arguments.boundary("boundary");
    options.layout = static_cast<ActivationLayout>(arguments.layout("x"));
    options.weights = static_cast<WeightLayout>(arguments.layout("w"));
    if (const std::string type = arguments.text("type"); !type.empty()) {
        options.output_type = parse_type(type);
        if (!options.output_type)
            throw UserError("conv2d: '" + type + "' is not a type; there are " + all_type_names());
    }
    std::optional<Tensor<1>> bias;
    if (arguments.has("bias")) bias = Tensor<1>(arguments.tensor("bias"));
    return {conv2d(Tensor<4>(arguments.tensor("x")), Tensor<4>(arguments.tensor("w")), bias, options)};
}

}  // namespace

OperatorRow conv2d_row() {
    return {"conv2d",
            "two-dimensional convolution (cross-correlation), as PyTorch's conv2d",
            {{"x", {"nchw", "nhwc"}, true, "activations: batch, channels, height, width"},
             {"w", {"kcrs", "krsc", "rsck"}, true, "weights: filters, channels of a group, rows, columns"},
             {"bias", {"k"}, false, "one number a filter"}},
            {{"stride", "1 or 2,1", "1", "step of the window along rows, columns"},
             {"padding", "0 or 1,2", "0", "points added at each end of rows, columns"},
             {"dilation", "1 or 2,2", "1", "distance between taps"},
             {"groups", "1", "1", "groups of channels that do not see each other"},
             {"boundary", "zero", "zero", "what lies in the padding: zero, constant:V, replicate, reflect, ..."},
             {"type", "f32", "", "type of the result; x's where not stated"}},
            "conv2d x=f32:nhwc:8x56x56x64 w=f32:krsc:64x3x3x64 padding=1",
            make};
}

}  // namespace heddle
