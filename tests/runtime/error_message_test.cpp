// tests/runtime/error_message_test.cpp -- the texts of UserError and InternalError.
#include <gtest/gtest.h>

#include "runtime/error.h"

namespace heddle {
namespace {

TEST(error_message, a_user_error_without_a_place) {
    const UserError error("extent 0 of dimension k");
    EXPECT_STREQ(error.what(), "extent 0 of dimension k");
    EXPECT_EQ(error.message(), "extent 0 of dimension k");
    EXPECT_EQ(error.where().text(), "");
}

TEST(error_message, a_user_error_says_where) {
    SourceLocation where;
    where.file = "blur.cpp";
    where.line = 12;
    const UserError error(where, "no dimension q");
    EXPECT_STREQ(error.what(), "blur.cpp:12: no dimension q");
    EXPECT_EQ(error.message(), "no dimension q");
    EXPECT_EQ(error.where().line, 12);
}

TEST(error_message, a_place_is_taken_from_the_call) {
    const SourceLocation here(CallSite::current());
    EXPECT_NE(here.text().find("error_message_test.cpp:" + std::to_string(__LINE__ - 1)), std::string::npos)
        << here.text();
}

TEST(error_message, an_internal_error_says_how_to_report_it) {
    const std::string text = InternalError("loop without a body").what();
    EXPECT_EQ(text.rfind("internal error at runtime/error_message_test.cpp:", 0), 0u) << text;
    EXPECT_NE(text.find("loop without a body"), std::string::npos);
    EXPECT_NE(text.find("Please report it"), std::string::npos);
}

TEST(error_message, require_throws_only_when_broken) {
    EXPECT_NO_THROW(require(true, "never"));
    EXPECT_THROW(require(false, "broken"), InternalError);
}

}  // namespace
}  // namespace heddle
