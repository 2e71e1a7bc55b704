// tests/schedules/directive_table_test.cpp -- every row documents itself, and has a name of its own.
#include <gtest/gtest.h>

#include <set>

#include "schedules/directive.h"

namespace heddle {
namespace {

TEST(DirectiveTable, RowsAreDocumented) {
    const std::set<std::string_view> groups = {"loops",       "work",       "mapping",  "memory",
                                               "preparation", "arithmetic", "pipelines"};
    std::set<std::string_view> names;
    for (const DirectiveRow& row : directive_table()) {
        EXPECT_TRUE(names.insert(row.name).second) << row.name;
        EXPECT_TRUE(groups.count(row.group)) << row.name;
        EXPECT_TRUE(row.signature.starts_with(std::string(row.name) + "(")) << row.signature;
        EXPECT_NE(row.rewrite.find("->"), std::string_view::npos) << row.name;
        EXPECT_TRUE(row.checks.ends_with(".")) << row.name;
        EXPECT_NE(row.apply, nullptr);
        EXPECT_EQ(find_directive(row.name), &row);
    }
    EXPECT_EQ(names.size(), 31u);
    EXPECT_EQ(find_directive("splitt"), nullptr);
}

}  // namespace
}  // namespace heddle
