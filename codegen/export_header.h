// codegen/export_header.h -- what the C header of an exported operator says: parameters, comments, the frame of the
// file.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "codegen/export.h"

namespace heddle {

/// The parameters of a launch function: inputs and outputs in the order of Kernel::run, then run-time sizes.
struct ExportedParameters {
    struct Array {
        AnyTensor tensor;
        std::string name;
        bool output = false;
    };
    std::vector<Array> arrays;
    std::vector<std::pair<Symbol, std::string>> sizes;

    /// `reserved`: names that the launch function has besides these.
    ExportedParameters(const Pipeline& pipeline, const std::vector<std::string>& reserved);
    /// "const float* x, float* y, int64_t N".
    std::string declarations() const;
    /// "int64_t N"; "void" where there are none.
    std::string size_declarations() const;
    /// "N, M" after `before`, which they follow with a comma.
    std::string size_arguments(const std::string& before = "") const;
    std::map<Symbol, std::string> size_names() const;
    /// Lines of a comment: each array with its type, shape and strides, each size with its range.
    std::string comment() const;
    /// "N in [1, 64], M in [1, 8]".
    std::string ranges() const;
};

/// The head comment of all files: what is computed, under which schedule, for what, by which versions.
std::string export_headline(const std::string& file, const Pipeline& pipeline, const ExportOptions& options,
                            const std::string& versions);
/// A whole header: guard, includes, extern "C", and `body` in them.
std::string header_file(const std::string& headline, const std::string& name, const std::string& body);
/// Throws UserError for a name that C does not take.
void require_c_name(const std::string& name);
/// The message of a check as a C string literal's content; its values are not known to the caller: "?".
std::string check_text(const CheckMessage& message);

/// Results of a launch function other than 0.
inline constexpr int export_bad_size = -1, export_no_memory = -2, export_first_check = -16;

}  // namespace heddle
