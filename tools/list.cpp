// tools/list.cpp -- heddle list: operators, directives, boundaries and types.
#include <fmt/format.h>

#include <algorithm>

#include "dsl/boundary.h"
#include "ops/registry.h"
#include "runtime/error.h"
#include "runtime/text.h"
#include "runtime/type.h"
#include "schedules/directive.h"
#include "tools/json_text.h"
#include "tools/load.h"
#include "tools/subcommands.h"
#include "tools/terminal.h"

namespace heddle::tools {
namespace {

struct BoundaryLine {
    BoundaryMode mode;
    std::string_view meaning;
};
constexpr BoundaryLine boundaries[] = {
    {BoundaryMode::zero, "0; a point with it as a factor adds nothing"},
    {BoundaryMode::constant, "a number: constant:0.5, in a definition constant(x, 0.5)"},
    {BoundaryMode::replicate, "the nearest element:            a a [a b c] c c"},
    {BoundaryMode::reflect, "mirrored, the edge not repeated: c b [a b c] b a"},
    {BoundaryMode::symmetric, "mirrored, the edge repeated:     b a [a b c] c b"},
    {BoundaryMode::circular, "from the other end:             b c [a b c] a b"},
    {BoundaryMode::skip, "the point takes no part"},
};

void print_operators() {
    for (const OperatorRow& row : operator_table()) {
        fmt::print("  {}  {}\n", coloured(Colour::bold, row.name), row.summary);
        for (const TensorRow& tensor : row.tensors) {
            const std::vector<std::string> layouts(tensor.layouts.begin(), tensor.layouts.end());
            fmt::print("      {:10} {}{} ({})\n", tensor.name, tensor.required ? "" : "optional; ", tensor.summary,
                       join(layouts, ", "));
        }
        for (const ParameterRow& parameter : row.parameters)
            fmt::print("      {:10} {}{}\n", fmt::format("{}=", parameter.name), parameter.summary,
                       parameter.fallback.empty() ? "" : fmt::format(" ({})", parameter.fallback));
        fmt::print("      {}\n", coloured(Colour::grey, fmt::format("heddle run {}", row.example)));
    }
}

void print_directives() {
    std::vector<std::string_view> groups;
    for (const DirectiveRow& row : directive_table())
        if (std::find(groups.begin(), groups.end(), row.group) == groups.end()) groups.push_back(row.group);
    for (const std::string_view group : groups) {
        fmt::print("  {}\n", coloured(Colour::bold, group));
        for (const DirectiveRow& row : directive_table()) {
            if (row.group != group) continue;
            fmt::print("    {}\n      {}\n", row.signature, coloured(Colour::grey, row.rewrite));
        }
    }
}

void print_boundaries() {
    for (const auto& [mode, meaning] : boundaries) fmt::print("  {:10} {}\n", name_of(mode), meaning);
}

Json everything() {
    std::vector<Json> operators, directives, modes;
    for (const OperatorRow& row : operator_table()) {
        std::vector<Json> tensors, parameters;
        for (const TensorRow& tensor : row.tensors)
            tensors.push_back(JsonObject()
                                  .add("name", tensor.name)
                                  .add("layouts", std::vector<Json>(tensor.layouts.begin(), tensor.layouts.end()))
                                  .add("required", tensor.required)
                                  .add("summary", tensor.summary));
        for (const ParameterRow& parameter : row.parameters)
            parameters.push_back(JsonObject()
                                     .add("name", parameter.name)
                                     .add("default", parameter.fallback)
                                     .add("summary", parameter.summary));
        operators.push_back(JsonObject()
                                .add("name", row.name)
                                .add("summary", row.summary)
                                .add("tensors", tensors)
                                .add("parameters", parameters)
                                .add("example", row.example));
    }
    for (const DirectiveRow& row : directive_table())
        directives.push_back(JsonObject()
                                 .add("name", row.name)
                                 .add("group", row.group)
                                 .add("signature", row.signature)
                                 .add("rewrite", row.rewrite)
                                 .add("checks", row.checks));
    for (const auto& [mode, meaning] : boundaries)
        modes.push_back(JsonObject().add("name", name_of(mode)).add("meaning", meaning));
    return JsonObject()
        .add("operators", operators)
        .add("directives", directives)
        .add("boundaries", modes)
        .add("types", all_type_names());
}

int run(const CommandLine& line) {
    load_plugins(line);
    if (line.has("--json")) {
        fmt::print("{}\n", everything().text());
        return 0;
    }
    struct Part {
        std::string_view name, title;
        void (*print)();
    };
    const Part parts[] = {
        {"operators", "operators", print_operators},
        {"directives", "directives of a schedule", print_directives},
        {"boundaries", "boundaries: what a read outside of a tensor means", print_boundaries},
        {"types", "types of elements", [] { fmt::print("  {}\n", all_type_names()); }},
    };
    for (const std::string& word : line.words())
        if (std::none_of(std::begin(parts), std::end(parts), [&](const Part& part) { return part.name == word; }))
            throw UserError(fmt::format("heddle list knows operators, directives, boundaries and types, not '{}'{}",
                                        word, did_you_mean(word, {"operators", "directives", "boundaries", "types"})));
    for (const Part& part : parts) {
        const auto& words = line.words();
        if (!words.empty() && std::find(words.begin(), words.end(), part.name) == words.end()) continue;
        fmt::print("{}\n", coloured(Colour::bold, part.title));
        part.print();
        fmt::print("\n");
    }
    return 0;
}

}  // namespace

Subcommand list_subcommand() {
    return {"list",
            "operators, directives, boundaries and types",
            "list [operators] [directives] [boundaries] [types] [--json]",
            {load_option(), {"--json", "", "everything, for other programs"}},
            {"heddle list", "heddle list directives"},
            run};
}

}  // namespace heddle::tools
