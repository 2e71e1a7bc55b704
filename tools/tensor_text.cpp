// tools/tensor_text.cpp -- parsing tensors as they are given on the command line.
#include "tools/tensor_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle::tools {
namespace {

[[noreturn]] void refuse(std::string_view name, std::string_view text, const std::string& reason) {
    throw UserError(fmt::format("{0}={1}: {2}; a tensor is {0}=f32:64x56x56, {0}=bf16:nhwc:64x56x56x64 or {0}=@{0}.npy",
                                name, text, reason));
}

std::vector<std::int64_t> parse_sizes(std::string_view name, std::string_view text, std::string_view sizes) {
    std::vector<std::int64_t> result;
    if (sizes == "scalar") return result;
    const char *at = sizes.data(), *end = at + sizes.size();
    while (true) {
        std::int64_t size = 0;
        const auto [next, error] = std::from_chars(at, end, size);
        if (error != std::errc() || size < 0) refuse(name, text, fmt::format("'{}' is not a list of sizes", sizes));
        result.push_back(size);
        if (next == end) return result;
        if (*next != 'x') refuse(name, text, fmt::format("'{}' is not a list of sizes", sizes));
        at = next + 1;
    }
}

bool is_layout(std::string_view word) {
    return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) { return c >= 'a' && c <= 'z'; });
}

}  // namespace

TensorText parse_tensor(std::string_view name, std::string_view text) {
    TensorText result;
    std::string_view rest = text;
    while (!rest.empty() && rest[0] != '@' && rest.find(':') != std::string_view::npos) {
        const std::string_view word = rest.substr(0, rest.find(':'));
        rest.remove_prefix(word.size() + 1);
        if (const std::optional<ScalarType> type = parse_type(word); type && !result.type && result.layout.empty()) {
            result.type = type;
        } else if (is_layout(word) && result.layout.empty() && (result.type || rest.starts_with('@'))) {
            result.layout = word;
        } else {
            const std::vector<std::string> types{"f16", "bf16", "f32", "f64", "i8", "u8", "i16", "u16", "i32", "i64"};
            refuse(name, text,
                   fmt::format("'{}' is neither a type ({}) nor a layout behind one{}", word, all_type_names(),
                               did_you_mean(word, types)));
        }
    }
    if (rest.empty()) refuse(name, text, "the sizes are missing");
    if (rest[0] == '@') {
        if (rest.size() == 1) refuse(name, text, "the file's name is missing behind '@'");
        result.file = std::filesystem::path(rest.substr(1));
        return result;
    }
    if (!result.type) refuse(name, text, "the type is missing");
    result.sizes = parse_sizes(name, text, rest);
    return result;
}

bool looks_like_tensor(std::string_view text) {
    if (!text.empty() && text[0] == '@') return true;
    const std::size_t colon = text.find(':');
    return colon != std::string_view::npos && (parse_type(text.substr(0, colon)) || text[colon + 1] == '@');
}

std::pair<std::string, std::string> parse_assignment(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0)
        throw UserError(
            fmt::format("'{}' is neither a tensor (x=f32:64x56x56, x=@x.npy) nor a parameter (stride=2)", word));
    return {word.substr(0, equals), word.substr(equals + 1)};
}

}  // namespace heddle::tools
