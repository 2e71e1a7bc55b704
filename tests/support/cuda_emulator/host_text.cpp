// tests/support/cuda_emulator/host_text.cpp -- emitted CUDA text as C++ of the host.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <stdexcept>

#include "tests/support/cuda_emulator/compiled_text.h"

namespace heddle::test {
namespace {

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

void blank(std::string& text, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
        if (text[i] != '\n') text[i] = ' ';
}

// Functions whose body is assembly: the shim has them.
void leave_out_assembly(std::string& text) {
    static const std::string head = "static __device__ __forceinline__";
    for (std::size_t at = text.find(head); at != std::string::npos; at = text.find(head, at + 1)) {
        const std::size_t end = std::min(text.find("\n}\n", at), text.size() - 2) + 2;
        if (text.substr(at, end - at).find("asm") == std::string::npos) continue;
        std::size_t begin = at;
        if (begin > 1) {
            const std::size_t line = text.rfind('\n', begin - 2);
            const std::size_t before = line == std::string::npos ? 0 : line + 1;
            if (text.compare(before, 8, "template") == 0) begin = before;
        }
        blank(text, begin, end);
    }
}

std::string trimmed(const std::string& text) {
    const std::size_t first = text.find_first_not_of(" \n\t"), last = text.find_last_not_of(" \n\t");
    return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

// `type name[3][4]` of a declaration; several share the type.
struct Declarator {
    std::string name, extents;
};

std::string shared_declaration(std::string declaration, int line) {
    const bool external = declaration.find("extern") != std::string::npos;
    const auto drop = [&](const std::string& word) {
        const std::size_t at = declaration.find(word);
        if (at != std::string::npos) declaration.erase(at, word.size());
    };
    drop("extern");
    drop("__shared__");
    std::string alignment;
    if (const std::size_t at = declaration.find("__align__"); at != std::string::npos) {
        const std::size_t open = declaration.find('(', at), close = declaration.find(')', at);
        alignment = declaration.substr(open + 1, close - open - 1);
        declaration.erase(at, close - at + 1);
    }
    declaration = trimmed(declaration);
    std::vector<Declarator> declarators;
    std::string type;
    for (std::size_t at = 0; at <= declaration.size();) {
        const std::size_t end = std::min(declaration.find(',', at), declaration.size());
        const std::string part = trimmed(declaration.substr(at, end - at));
        const std::size_t bracket = std::min(part.find('['), part.size());
        std::string name = trimmed(part.substr(0, bracket));
        if (declarators.empty()) {
            std::size_t begin = name.size();
            while (begin > 0 && in_name(name[begin - 1])) --begin;
            type = trimmed(name.substr(0, begin));
            name = name.substr(begin);
        }
        declarators.push_back({name, part.substr(bracket)});
        at = end + 1;
    }
    std::string text;
    for (const Declarator& d : declarators) {
        if (external)
            text += fmt::format("{0}* const {1} = static_cast<{0}*>(shim.dynamic_shared());", type, d.name);
        else
            text += fmt::format(
                "{0} (&{1}){2} = *static_cast<{0} (*){2}>(shim.shared_variable(\"{1}\", {3}, sizeof({0}{2}), {4}));",
                type, d.name, d.extents, line, alignment.empty() ? fmt::format("alignof({})", type) : alignment);
    }
    return text;
}

void place_shared_variables(std::string& text) {
    static const std::string word = "__shared__";
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at)) {
        std::size_t begin = at;
        const std::size_t line_start = text.rfind('\n', at) == std::string::npos ? 0 : text.rfind('\n', at) + 1;
        if (const std::size_t external = text.find("extern", line_start); external < at) begin = external;
        const std::size_t end = text.find(';', at);
        if (end == std::string::npos) throw std::runtime_error("emulation: a __shared__ declaration does not end");
        const int line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<long>(at), '\n'));
        const std::string made = shared_declaration(text.substr(begin, end - begin), line);
        text.replace(begin, end + 1 - begin, made);
        at = begin + made.size();
    }
}

// Names after __global__; linkage of C would make kernels of several texts one.
void find_kernels(std::string& text, std::vector<std::string>& kernels) {
    static const std::string linkage = "extern \"C\" __global__", word = "__global__";
    for (std::size_t at = text.find(linkage); at != std::string::npos; at = text.find(linkage, at))
        blank(text, at, at + linkage.size() - word.size());
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        std::size_t i = at + word.size();
        for (;;) {
            while (i < text.size() && !in_name(text[i])) ++i;
            std::size_t end = i;
            while (end < text.size() && in_name(text[end])) ++end;
            const std::string name = text.substr(i, end - i);
            if (name.empty()) throw std::runtime_error("emulation: a __global__ function without a name");
            if (end < text.size() && text[end] == '(') {
                if (name.rfind("__", 0) != 0) {
                    kernels.push_back(name);
                    break;
                }
                end = text.find(')', end);
            }
            i = end;
        }
    }
}

}  // namespace

std::string host_text(const std::string& text, std::vector<std::string>& kernels) {
    std::string result = text;
    leave_out_assembly(result);
    place_shared_variables(result);
    find_kernels(result, kernels);
    return result;
}

}  // namespace heddle::test
