// tests/dsl/affine_test.cpp -- affine forms: which expressions have one, and how they print back.
#include "dsl/affine.h"

#include <gtest/gtest.h>

#include "dsl/parse.h"
#include "dsl/print.h"

namespace heddle {
namespace {

struct Case {
    const char *text, *affine;
};
void PrintTo(const Case& c, std::ostream* out) { *out << c.text; }
class AffineForm : public testing::TestWithParam<Case> {
protected:
    std::optional<Affine> form() const {
        ParseContext context;
        std::map<std::string, Symbol> variables;
        for (const char* name : {"p", "q", "r"}) variables[name] = Symbol(name, SymbolKind::free);
        return affine_of(parse_expr(GetParam().text, context, variables));
    }
};
class NotAffine : public AffineForm {};

TEST_P(AffineForm, IsFound) {
    ASSERT_TRUE(form());
    EXPECT_EQ(print(to_expr(*form())), GetParam().affine);
}
INSTANTIATE_TEST_SUITE_P(Accepted, AffineForm,
                         testing::Values(Case{"r + p - 1", "p + r - 1"}, Case{"2*(p - q) + 3*q", "2 * p + q"},
                                         Case{"p - p", "0"}, Case{"-p + 3", "3 - p"}, Case{"(p + 2)*-3", "-3 * p - 6"},
                                         Case{"(4*p + 8*q + 3) / 4", "p + 2 * q"}, Case{"(4*p - 1) / 4", "p - 1"},
                                         Case{"(6*p + 8) % 3", "2"}, Case{"(4*p) / -2", "-2 * p"}, Case{"p / 0", "0"}));

TEST_P(NotAffine, IsRefused) { EXPECT_FALSE(form()); }
INSTANTIATE_TEST_SUITE_P(Refused, NotAffine,
                         testing::Values(Case{"p * q", ""}, Case{"(4*p + q) / 4", ""}, Case{"p % 2", ""},
                                         Case{"min(p, q)", ""}, Case{"3 / p", ""}));

}  // namespace
}  // namespace heddle
