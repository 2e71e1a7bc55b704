// codegen/emit_cuda_maps.cpp -- the tensor maps that a kernel takes.
#include "codegen/emit_cuda_maps.h"

namespace heddle {
namespace {

std::int64_t number(const Expr& e, const AnyTensor& tensor) {
    const auto* constant = e.as<IntImm>();
    if (!constant) throw UserError(tensor.name() + " is copied as boxes, and its strides are not constant");
    return constant->value;
}

}  // namespace

std::string key_of(const TensorMapPlan& plan) {
    std::string text = plan.name;
    for (const TensorMapPlan::Dim& dim : plan.dims) {
        for (const int d : dim.dims) text += " " + std::to_string(d);
        text += ":" + std::to_string(dim.box);
    }
    if (plan.im2col)
        for (int i = 0; i < 3; ++i)
            text += " " + std::to_string(plan.lower[i]) + " " + std::to_string(plan.upper[i]) + " " +
                    std::to_string(plan.traversal[i]);
    return text + " " + std::to_string(plan.channels) + " " + std::to_string(plan.pixels) + " " +
           std::to_string(plan.swizzle_bytes);
}

TensorMapParameter parameter_of(const TensorMapPlan& plan, const std::vector<Expr>& strides) {
    const AnyTensor& tensor = plan.buffer;
    TensorMapParameter parameter;
    parameter.buffer = tensor;
    TensorMapRecipe& recipe = parameter.recipe;
    recipe.type = tensor.type();
    recipe.im2col = plan.im2col;
    recipe.rank = static_cast<int>(plan.dims.size());
    recipe.swizzle_bytes = plan.swizzle_bytes;
    recipe.channels_per_pixel = plan.channels;
    recipe.pixels_per_column = plan.pixels;
    for (std::size_t d = 0; d < plan.dims.size(); ++d) {
        const TensorMapPlan::Dim& dim = plan.dims[d];
        recipe.sizes[d] = 1;
        for (std::size_t i = 0; i < dim.dims.size(); ++i) {
            const auto at = static_cast<std::size_t>(dim.dims[i]);
            const std::int64_t size = tensor.shape()[at].value();
            recipe.sizes[d] *= size;
            if (i > 0 && number(strides[at - 1], tensor) != number(strides[at], tensor) * size)
                throw UserError(tensor.name() + ": its dimensions " + std::to_string(at - 1) + " and " +
                                std::to_string(at) + " are copied as one, and its view has a gap between them");
        }
        recipe.byte_strides[d] =
            number(strides[static_cast<std::size_t>(dim.dims.back())], tensor) * bytes_of(tensor.type());
        recipe.box[d] = dim.box;
    }
    if (recipe.byte_strides[0] != bytes_of(tensor.type()))
        throw UserError(tensor.name() +
                        ": boxes are copied along its last dimension, in which its view is not contiguous");
    for (std::size_t i = 0; i < 3; ++i) {
        recipe.lower[i] = plan.lower[i];
        recipe.upper[i] = plan.upper[i];
        if (plan.im2col && i + 2 < plan.dims.size()) recipe.element_strides[i + 1] = plan.traversal[i];
    }
    if (const std::string reason = check(recipe, 16); !reason.empty())
        throw UserError(tensor.name() + " cannot be copied as boxes: " + reason);
    return parameter;
}

}  // namespace heddle
