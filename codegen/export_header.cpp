// codegen/export_header.cpp -- parameters, comments and the frame of an exported operator's C header.
#include "codegen/export_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "codegen/c_text.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "runtime/text.h"

namespace heddle {
namespace {

// "[N, 64]".
std::string list_of(const std::vector<Expr>& items) {
    std::vector<std::string> texts;
    for (const Expr& item : items) texts.push_back(print(item));
    return fmt::format("[{}]", join(texts, ", "));
}

std::vector<Expr> row_major(const std::vector<Expr>& shape) {
    std::vector<Expr> strides(shape.size());
    Expr next = Expr::integer(1);
    for (std::size_t d = shape.size(); d-- > 0;) {
        strides[d] = next;
        next = simplify(next * shape[d]);
    }
    return strides;
}

std::string note_of(ScalarType type) {
    if (type == ScalarType::f16) return ", bits of IEEE half precision";
    if (type == ScalarType::bf16) return ", bits of bfloat16";
    return type == ScalarType::boolean ? ", one byte each, 0 or 1" : "";
}

std::string range_of(const Symbol& size) { return fmt::format("[{}, {}]", size.min(), size.max()); }

}  // namespace

ExportedParameters::ExportedParameters(const Pipeline& pipeline, const std::vector<std::string>& reserved) {
    CNames names;
    for (const std::string& name : reserved) names.unique(name);
    for (const AnyTensor& input : pipeline.inputs) arrays.push_back({input, names.unique(input.name()), false});
    for (const AnyTensor& output : pipeline.outputs) arrays.push_back({output, names.unique(output.name()), true});
    for (const Symbol& size : pipeline.parameters) sizes.emplace_back(size, names.unique(size.name()));
}

std::string ExportedParameters::declarations() const {
    std::vector<std::string> texts;
    for (const Array& array : arrays)
        texts.push_back(fmt::format("{}{}* {}", array.output ? "" : "const ", c_type(array.tensor.type()), array.name));
    for (const auto& [size, name] : sizes) texts.push_back("int64_t " + name);
    return join(texts, ", ");
}

std::string ExportedParameters::size_declarations() const {
    std::vector<std::string> texts;
    for (const auto& [size, name] : sizes) texts.push_back("int64_t " + name);
    return texts.empty() ? "void" : join(texts, ", ");
}

std::string ExportedParameters::size_arguments(const std::string& before) const {
    std::string text = before;
    for (const auto& [size, name] : sizes) text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::map<Symbol, std::string> ExportedParameters::size_names() const { return {sizes.begin(), sizes.end()}; }

std::string ExportedParameters::comment() const {
    std::size_t width = 0;
    for (const Array& array : arrays) width = std::max(width, array.name.size());
    for (const auto& [size, name] : sizes) width = std::max(width, name.size());
    std::string text;
    for (const Array& array : arrays) {
        std::vector<Expr> shape;
        for (const Extent& extent : array.tensor.shape()) shape.push_back(extent.expr());
        const ScalarType type = array.tensor.type();
        const std::string where =
            shape.empty() ? "one element" : fmt::format("{}, strides {}", list_of(shape), list_of(row_major(shape)));
        text += fmt::format("//   {:{}}  {:3}  {} {}, aligned to {} B{}\n", array.name, width,
                            array.output ? "out" : "in", name_of(type), where, bytes_of(type), note_of(type));
    }
    for (const auto& [size, name] : sizes) text += fmt::format("//   {:{}}  size in {}\n", name, width, range_of(size));
    return text;
}

std::string ExportedParameters::ranges() const {
    std::vector<std::string> texts;
    for (const auto& [size, name] : sizes) texts.push_back(fmt::format("{} in {}", name, range_of(size)));
    return join(texts, ", ");
}

std::string export_headline(const std::string& file, const Pipeline& pipeline, const ExportOptions& options,
                            const std::string& versions) {
    std::string text = fmt::format("// {} -- written by Heddle, which it does not need\n//\n", file);
    for (const PipelineStage& stage : pipeline.stages)
        text += fmt::format("//   {}\n", print_with_domain(*stage.definition));
    return text + fmt::format("//\n// schedule: {}\n// target: {}; {}\n",
                              options.schedule.empty() ? "none" : print(options.schedule), options.target.text(),
                              versions);
}

std::string header_file(const std::string& headline, const std::string& name, const std::string& body) {
    std::string guard = name + "_H";
    for (char& c : guard) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    return fmt::format(
        "{}#ifndef {}\n#define {}\n\n#include <stddef.h>\n#include <stdint.h>\n\n#ifdef __cplusplus\nextern \"C\" {{\n"
        "#endif\n\n{}\n#ifdef __cplusplus\n}}\n#endif\n\n#endif\n",
        headline, guard, guard, body);
}

void require_c_name(const std::string& name) {
    if (is_c_name(name)) return;
    throw UserError(fmt::format(
        "'{}' cannot name a function of C: a name is letters, digits and '_', begins with no digit and is no keyword",
        name));
}

std::string check_text(const CheckMessage& message) {
    std::string text;
    for (std::size_t i = 0; i < message.text.size(); ++i) {
        const bool value = message.text.compare(i, 2, "{}") == 0;
        text += value ? '?' : message.text[i];
        if (value) ++i;
    }
    return text;
}

}  // namespace heddle
