// tests/dsl/parse_mutation_test.cpp -- damaged texts are read or refused with a UserError, never anything else.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>
#include <sstream>

#include "dsl/lexer.h"
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

/// The line and column that a message states are those of its caret, under the quoted line.
void expect_caret(const std::string& message, const std::string& text) {
    std::size_t number = 0, column = 0;
    ASSERT_EQ(std::sscanf(message.c_str(), "line %zu, column %zu: ", &number, &column), 2) << message;
    const std::size_t caret_line = message.rfind('\n') + 1, quoted_line = message.rfind('\n', caret_line - 2) + 1;
    ASSERT_GT(quoted_line, 0u) << message;
    const std::string quoted = message.substr(quoted_line + 2, caret_line - quoted_line - 3);
    const std::size_t caret = message.size() - caret_line - 3;  // columns before it, without the indentation
    EXPECT_EQ(message.substr(caret_line), std::string(caret + 2, ' ') + "^");
    EXPECT_LE(caret, quoted.size()) << message;
    std::istringstream lines(text);
    std::string line;
    for (std::size_t i = 0; i < number; ++i) std::getline(lines, line);
    EXPECT_LE(column, line.size() + 1) << message;
    if (column <= 75) {
        EXPECT_EQ(caret + 1, column) << message;
    }
}

TEST(parse_mutation, reads_or_refuses) {
    std::mt19937 random(20260101);
    int read = 0, refused = 0, pointed = 0;
    for (const std::string& text : test::pipeline_texts()) {
        for (int i = 0; i < 300; ++i) {
            const std::string damaged = damage(text, random);
            try {
                const std::string printed = print(parse_pipeline(damaged));
                EXPECT_EQ(print(parse_pipeline(printed)), printed) << damaged;
                ++read;
            } catch (const TextError& error) {
                expect_caret(error.message(), damaged);
                ++refused;
                ++pointed;
            } catch (const UserError&) {
                ++refused;
            } catch (const std::exception& error) {
                ADD_FAILURE() << error.what() << "\nfor\n" << damaged;
            }
        }
    }
    EXPECT_GT(read, 100);
    EXPECT_GT(refused, 1000);
    EXPECT_GT(pointed, refused * 9 / 10);
}

}  // namespace
}  // namespace heddle
