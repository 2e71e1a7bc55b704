// tests/ops/operator_page_test.cpp -- docs/operators.md is what the table of operators and the command give.
#include <gtest/gtest.h>

#include <filesystem>

#include "ops/registry.h"
#include "runtime/text.h"
#include "tests/support/golden.h"
#include "tests/tools/run_command.h"

namespace heddle::test {
namespace {

const char* const head = R"(# Operators

What `heddle list operators` lists. An operator is a short definition, and means what PyTorch's operator of the same name and
options means; where there is a difference it is said. `heddle run`, `show`, `check` and `tune` take it with its
tensors and parameters, as in the examples; a program calls the function of the same name without its number of dimensions
(`conv`, `max_pool`, `softmax`, ...), which `heddle/ops.h` declares, and goes on with the result as with any other tensor.

Dimensions come in the orders that are named behind each tensor, the first of which is the default
(`x=f32:nhwc:8x56x56x64`). Options of windows are one number, or one for each spatial dimension (`stride=2,1`). What is not
legal is refused with the names and numbers that make it so. Values and sizes are held against libtorch by
`ctest -L libtorch`.

An operator of one, two and three dimensions is shown for two; the others are named beside it. Below each definition stand
its gradients by all inputs of floats, as they are derived from it: `dy` is the gradient by the result `y`, `dx` that by `x`.
They are held against libtorch's too, and against differences of the definition. No difference from PyTorch is intended but
those that are said.

This page is made from the table and what the command prints (`HEDDLE_UPDATE_GOLDENS=1 ctest -R OperatorPage` writes it).
)";

/// The spatial dimensions that end a name, 0: none.
int dimensions_of(const std::string& name) {
    return name.size() > 2 && name.back() == 'd' && isdigit(name[name.size() - 2]) ? name[name.size() - 2] - '0' : 0;
}

std::string title_of(const OperatorRow& row) {
    if (dimensions_of(row.name) == 0) return row.name;
    const std::string stem = row.name.substr(0, row.name.size() - 2);
    std::vector<std::string> names;
    for (const OperatorRow& other : operator_table())
        if (dimensions_of(other.name) != 0 && other.name.substr(0, other.name.size() - 2) == stem)
            names.push_back(other.name);
    return join(names, ", ");
}

using OperatorPage = CommandFixture;

/// What the command prints, below its line.
std::string shown(const CommandResult& result, const std::string& line) {
    EXPECT_EQ(result.status, 0) << line << "\n" << result.errors;
    std::string text = result.output;
    while (!text.empty() && text.back() == '\n') text.pop_back();
    return "\n```\n$ heddle " + line + "\n" + text + "\n```\n";
}

std::string section(const OperatorRow& row) {
    std::string text = "\n## " + title_of(row) + "\n\n" + row.summary + ".\n\n| | | |\n|---|---|---|\n";
    for (const TensorRow& tensor : row.tensors)
        text += "| `" + tensor.name + "` | " + (tensor.required ? "" : "optional; ") + tensor.summary + " | " +
                (tensor.layouts.empty() ? "" : "`" + join(tensor.layouts, "`, `") + "`") + " |\n";
    for (const ParameterRow& parameter : row.parameters)
        text += "| `" + parameter.name + "=` | " + parameter.summary + " | " +
                (parameter.fallback.empty() ? "" : "`" + parameter.fallback + "`") + " |\n";
    return text;
}

TEST_F(OperatorPage, IsTheTableAndWhatTheCommandPrints) {
    std::string page = head;
    for (const OperatorRow& row : operator_table()) {
        if (const int dimensions = dimensions_of(row.name); dimensions != 0 && dimensions != 2) continue;
        page += section(row);
        std::string example = row.example;
        while (example.back() == ' ') example.pop_back();
        for (const char* stage : {"definition", "gradient"}) {
            const std::string line = "show " + example + " --stage " + stage;
            page += shown(heddle(line), line);
        }
        if (!row.differences.empty()) page += "\n" + row.differences + "\n";
    }
    expect_file(std::filesystem::path(HEDDLE_TESTS_DIR).parent_path() / "docs" / "operators.md", page);
}

}  // namespace
}  // namespace heddle::test
