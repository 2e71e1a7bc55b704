// tests/schedules/directive_page_test.cpp -- docs/directives.md is what the table of directives and its examples give.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "schedules/directive.h"
#include "tests/support/directive_examples.h"
#include "tests/support/golden.h"
#include "tests/support/refusals.h"

namespace heddle::test {
namespace {

const char* const head = R"(# Directives

A schedule is a list of directives. Each rewrites the loops of one stage, or says where something is kept or computed; none
changes what is computed, except that sums may be added in another order. One that is not legal is refused with a reason.

On a line of text, `y.1: split(q, 14) vectorize(q.i); z: parallel(n)` gives two directives to `y.1`, the second definition
of `y`, and one to the last definition of `z`. Without a name the last definition of the pipeline's first output is meant.
In C++ the same is `Schedule plan; plan.stage("y.1").split(q, 14).vectorize(q.inner()); plan.stage(z).parallel(n);`.
Splitting `q` gives the loops `q.o` (outer) and `q.i` (inner).

Below stand, for each directive: its arguments, with the values that they take where they are left out; the loops before ->
after; what it asks for; and an example, as `heddle show --stage loops --schedule "..."` prints it. Those that need a CUDA
device are checked and printed for a target such as `cuda:sm_90`.

This page is made from the table in `schedules/directive.cpp` (`HEDDLE_UPDATE_GOLDENS=1 ctest -R DirectivePage` writes it);
`heddle list directives` prints the table, too.
)";

std::string code(const std::string& text) {
    return "```\n" + text.substr(0, text.find_last_not_of('\n') + 1) + "\n```\n";
}

std::string example_of(std::string_view directive) {
    const auto& examples = directive_examples();
    const auto found =
        std::find_if(examples.begin(), examples.end(), [&](const auto& e) { return e.directive == directive; });
    if (found == examples.end()) {
        ADD_FAILURE() << directive << " has no example";
        return "";
    }
    EXPECT_NE(found->schedule.find(found->directive + "("), std::string::npos) << directive;
    const std::string target = found->target.starts_with("cuda") ? "For `" + found->target + "`:\n\n" : "";
    return target + code(found->schedule + "\n\n" + nest_text(found->pipeline, found->schedule, found->target));
}

std::string page() {
    std::string text = head;
    std::string_view group;
    for (const DirectiveRow& row : directive_table()) {
        if (row.group != group) text += "\n## " + std::string(row.group) + "\n";
        group = row.group;
        text += "\n### " + std::string(row.name) + "\n\n";
        text += code(std::string(row.signature) + "\n\n" + std::string(row.rewrite)) + "\n";
        text += "Checks: " + std::string(row.checks) + "\n\n" + example_of(row.name);
    }
    return text;
}

TEST(DirectivePage, IsTheTable) {
    expect_file(std::filesystem::path(HEDDLE_TESTS_DIR).parent_path() / "docs" / "directives.md", page());
}

}  // namespace
}  // namespace heddle::test
