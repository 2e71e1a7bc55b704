// tools/loop_links.h -- which lines of generated code belong to which loop of the printed nest.
#pragma once

#include <string>
#include <vector>

namespace heddle::tools {

struct LinkedLine {
    std::string text;
    std::string loop;  ///< the innermost loop around it, by its name in the nest: "k.o"; empty: none
};

struct LinkedCode {
    struct NestLine {
        std::string text;
        std::vector<std::string> loops;   ///< those that the line opens: "k.o"; several for `for (k.o, n.o) in work`
        std::vector<std::string> around;  ///< those around it, outermost first
    };
    std::vector<NestLine> nest;
    std::vector<LinkedLine> code;
};

enum class CodeLanguage { cuda, assembly };
/// Loops by their names: in CUDA C++ the variable of a loop or its constant ("k_o"), in assembly the comment behind a
/// label ("# %k.o.body").
LinkedCode link_loops(const std::string& nest, const std::string& code, CodeLanguage language);

}  // namespace heddle::tools
