// tools/tensor_text.h -- tensors on the command line: `f32:64x56x56`, `bf16:nhwc:64x56x56x64`, `@x.npy`.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/type.h"

namespace heddle::tools {

/// What stands behind `x=`: [type:][layout:]sizes, or [type:][layout:]@file. Sizes are in the layout's own order.
struct TensorText {
    std::optional<ScalarType> type;
    std::string layout;               ///< empty: the operator's default
    std::vector<std::int64_t> sizes;  ///< empty for a file and for a scalar
    std::optional<std::filesystem::path> file;
};

/// Throws UserError that names the tensor and shows the forms.
TensorText parse_tensor(std::string_view name, std::string_view text);
/// True for texts that can only be meant as a tensor, not as a parameter: they hold ':' or begin with '@'.
bool looks_like_tensor(std::string_view text);
/// "x=value" apart. Throws UserError for a word without '=' or without a name.
std::pair<std::string, std::string> parse_assignment(const std::string& word);

}  // namespace heddle::tools
