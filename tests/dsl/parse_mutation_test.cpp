// tests/dsl/parse_mutation_test.cpp -- damaged texts are read or refused with a UserError, never anything else.
#include <gtest/gtest.h>

#include <random>

#include "dsl/parse.h"
#include "dsl/print.h"
#include "tests/support/pipeline_texts.h"

namespace heddle {
namespace {

/// One or two edits: a byte replaced, removed, inserted, or a piece copied elsewhere.
std::string damage(std::string text, std::mt19937& random) {
    static const std::string likely = "()[]{}<>=+-*/%!|&,;:.#\"\n 0123456789npqrsxyzef\x01\xff";
    const auto below = [&](std::size_t n) { return n == 0 ? 0 : random() % n; };
    for (std::size_t edits = 1 + below(2); edits > 0; --edits) {
        const std::size_t place = below(text.size() + 1);
        const char byte = likely[below(likely.size())];
        switch (below(4)) {
            case 0:
                if (place < text.size()) text[place] = byte;
                break;
            case 1:
                text.erase(place, 1 + below(4));
                break;
            case 2:
                text.insert(place, 1, byte);
                break;
            default:
                text.insert(place, text.substr(below(text.size() + 1), 1 + below(12)));
        }
    }
    return text;
}

TEST(parse_mutation, reads_or_refuses) {
    std::mt19937 random(20260101);
    int read = 0, refused = 0;
    for (const std::string& text : test::pipeline_texts()) {
        for (int i = 0; i < 300; ++i) {
            const std::string damaged = damage(text, random);
            try {
                const std::string printed = print(parse_pipeline(damaged));
                EXPECT_EQ(print(parse_pipeline(printed)), printed) << damaged;
                ++read;
            } catch (const UserError&) {
                ++refused;
            } catch (const std::exception& error) {
                ADD_FAILURE() << error.what() << "\nfor\n" << damaged;
            }
        }
    }
    EXPECT_GT(read, 100);
    EXPECT_GT(refused, 1000);
}

}  // namespace
}  // namespace heddle
