// tests/dsl/simplify_rules_test.cpp -- every rule of the table keeps values, and the simplifier applies it.
#include "dsl/simplify_rules.h"

#include <gtest/gtest.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "tests/dsl/integer_value.h"

namespace heddle {
namespace {

class SimplifyRules : public testing::TestWithParam<std::size_t> {
protected:
    const Rule& rule() const { return simplify_rules()[GetParam()]; }
    /// Random numbers for the wildcards, small so that conditions often hold; 0 or 1 for flags.
    Values draw(std::mt19937& random) const {
        Values values;
        std::vector<Symbol> flags;
        for_each_node(rule().pattern, [&](const Expr& e) {
            if (const Variable* flag = flag_of(e)) flags.push_back(flag->symbol);
        });
        for (const Symbol& symbol : symbols_of(rule().pattern)) {
            const bool is_flag = std::find(flags.begin(), flags.end(), symbol) != flags.end();
            values[symbol] = std::uniform_int_distribution<std::int64_t>(is_flag ? 0 : -12, is_flag ? 1 : 12)(random);
        }
        return values;
    }
};

TEST_P(SimplifyRules, KeepsTheValueWhereItsConditionHolds) {
    std::mt19937 random(7);
    int checked = 0;
    for (int round = 0; round < 20000 && checked < 500; ++round) {
        const Values values = draw(random);
        if (rule().condition.defined() && !value_of(rule().condition, values)) continue;
        ++checked;
        ASSERT_EQ(value_of(rule().pattern, values), value_of(rule().replacement, values)) << print(rule().pattern);
    }
    EXPECT_GT(checked, 100) << print(rule().pattern) << " where " << print(rule().condition);
}

TEST_P(SimplifyRules, UsesNoWildcardThatThePatternLacks) {
    for (const Symbol& symbol : symbols_of(rule().replacement)) EXPECT_TRUE(uses(rule().pattern, symbol));
}

TEST_P(SimplifyRules, MatchesItsOwnPattern) {
    Bindings literals;  // literal wildcards want literals, and a condition must be able to hold
    Substitution values;
    for (const Symbol& symbol : symbols_of(rule().pattern))
        if (is_literal_wildcard(symbol)) values[symbol] = symbol.name() == "c0" ? 12 : 6;
    const Expr e = substitute(rule().pattern, values);
    EXPECT_TRUE(match(rule().pattern, e, literals)) << print(e);
}

INSTANTIATE_TEST_SUITE_P(Table, SimplifyRules, testing::Range<std::size_t>(0, simplify_rules().size()));

}  // namespace
}  // namespace heddle
