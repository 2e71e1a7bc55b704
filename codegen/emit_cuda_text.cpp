// codegen/emit_cuda_text.cpp -- names, types and places of emitted CUDA.
#include "codegen/emit_cuda_text.h"

#include "codegen/scalar_helpers.h"
#include "dsl/simplify.h"

namespace heddle {

std::string CudaText::unique(const std::string& wanted) {
    std::string name;
    for (const char c : wanted) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
    if (name.empty() || std::isdigit(static_cast<unsigned char>(name[0]))) name = "v" + name;
    std::string candidate = name;
    for (int i = 1; !names_.insert(candidate).second; ++i) candidate = name + "_" + std::to_string(i);
    return candidate;
}

void CudaText::begin_kernel() {
    names_ = {"int",      "float",    "double",   "long",     "short",    "char",      "bool",     "for",
              "if",       "else",     "while",    "do",       "return",   "const",     "static",   "template",
              "class",    "struct",   "union",    "enum",     "new",      "delete",    "this",     "true",
              "false",    "unsigned", "signed",   "void",     "auto",     "register",  "default",  "switch",
              "case",     "break",    "continue", "goto",     "sizeof",   "typedef",   "using",    "namespace",
              "operator", "public",   "private",  "volatile", "extern",   "inline",    "min",      "max",
              "exp",      "log",      "sin",      "cos",      "abs",      "threadIdx", "blockIdx", "blockDim",
              "gridDim",  "and",      "or",       "not",      "xor",      "asm",       "try",      "catch",
              "throw",    "friend",   "virtual",  "mutable",  "explicit", "export"};
    symbols_.clear();
    storages_.clear();
    aliases_.clear();
    ranges.clear();
}

std::string CudaText::compute_name(ScalarType type) {
    switch (compute_type(type)) {
        case ScalarType::f32:
            return "float";
        case ScalarType::f64:
            return "double";
        case ScalarType::i32:
            return "int";
        case ScalarType::i64:
            return "long long";
        default:
            return "bool";
    }
}

std::string CudaText::memory_name(ScalarType type) {
    switch (type) {
        case ScalarType::f16:
        case ScalarType::bf16:
        case ScalarType::u16:
            return "unsigned short";
        case ScalarType::f32:
            return "float";
        case ScalarType::f64:
            return "double";
        case ScalarType::i8:
            return "signed char";
        case ScalarType::u8:
        case ScalarType::boolean:
            return "unsigned char";
        case ScalarType::i16:
            return "short";
        case ScalarType::i32:
            return "int";
        case ScalarType::i64:
            return "long long";
    }
    throw InternalError("memory_name: unknown type");
}

std::string CudaText::helper(const std::string& name) {
    used_helpers_.insert(name);
    return name;
}

std::string CudaText::helpers() const { return scalar_helpers(used_helpers_); }

std::string CudaText::element(const AnyTensor& storage, const std::vector<Expr>& indices, bool unswizzled) {
    const Storage& held = storages_.at(storage.node().get());
    if (held.scalar) return held.name;
    if (held.local) {
        std::string text = held.name;
        for (std::size_t d = 0; d < indices.size(); ++d)
            text += (held.packed && d + 1 == indices.size() ? ".lanes[" : "[") + value(indices[d]) + "]";
        return text;
    }
    const std::string text = value(offset(storage, indices));
    const Swizzle& swizzle = held.layout.swizzle;
    if (swizzle.bits == 0 || unswizzled) return held.name + "[" + text + "]";
    // Of elements: the unit of 16 bytes within its row is exclusive-ored with the row's number.
    int low = 0;
    for (int unit = 16 / bytes_of(storage.type()); unit > 1; unit /= 2) ++low;
    return held.name + "[" + helper("swizzled") + "<" + std::to_string(low) + ", " + std::to_string(swizzle.bits) +
           ", " + std::to_string(swizzle.shift) + ">(" + text + ")]";
}

Expr CudaText::offset(const AnyTensor& storage, const std::vector<Expr>& indices) const {
    const Storage& held = storages_.at(storage.node().get());
    Expr offset = Expr::integer(0);
    for (std::size_t d = 0; d < indices.size(); ++d) {
        const Layout& layout = held.layout;
        if (layout.block > 0 && d + 1 == indices.size())
            offset = offset + indices[d] / Expr::integer(layout.block) * Expr::integer(layout.block_stride) +
                     indices[d] % Expr::integer(layout.block);
        else
            offset = offset + indices[d] * held.strides[d];
    }
    return simplify(offset, ranges);
}

std::string CudaText::array(const AnyTensor& storage, const std::vector<Expr>& indices) {
    const Storage& held = storages_.at(storage.node().get());
    std::string text = held.name;
    if (!held.scalar)
        for (const Expr& index : indices) text += "[" + value(index) + "]";
    return text;
}

std::string CudaText::stored(const AnyTensor& storage, const std::string& value, bool local) {
    std::string narrow = "static_cast<" + memory_name(storage.type()) + ">(" + value + ")";
    switch (storage.type()) {
        case ScalarType::f16: {
            const std::string bits = helper("float_to_f16") + "(" + value + ")";
            return local ? helper("f16_to_float") + "(" + bits + ")" : bits;
        }
        case ScalarType::bf16: {
            const std::string bits = helper("float_to_bf16") + "(" + value + ")";
            return local ? helper("bf16_to_float") + "(" + bits + ")" : bits;
        }
        case ScalarType::i8:
        case ScalarType::u8:
        case ScalarType::i16:
        case ScalarType::u16:
            return narrow;
        default:
            return value;
    }
}

std::string CudaText::read(const Read& e) {
    const AnyTensor tensor(e.tensor);
    if (is_packed(tensor) && tensor.type() == ScalarType::bf16)
        return helper("bf16_lane") + "(" + array(tensor, {e.indices.begin(), e.indices.end() - 1}) + ", " +
               value(e.indices.back()) + ")";
    const std::string text = element(tensor, e.indices);
    return holds_values(tensor) ? text : loaded(tensor, text);
}

std::string CudaText::loaded(const AnyTensor& tensor, const std::string& text) {
    switch (tensor.type()) {
        case ScalarType::f16:
            return helper("f16_to_float") + "(" + text + ")";
        case ScalarType::bf16:
            return helper("bf16_to_float") + "(" + text + ")";
        case ScalarType::boolean:
            return "(" + text + " != 0)";
        default:
            return text;
    }
}

}  // namespace heddle
