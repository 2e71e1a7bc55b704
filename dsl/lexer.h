// dsl/lexer.h -- the words of the text form, and errors that point at them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/error.h"

namespace heddle {

enum class TokenKind { name, number, string, symbol, line_end, end };

struct Token {
    TokenKind kind;
    std::string_view text;
    std::size_t position;  ///< in bytes from the beginning of the text
};

/// True for letters, digits and '_'.
bool is_word_character(char c);

/// A UserError that already points at its place in the text.
class TextError : public UserError {
public:
    using UserError::UserError;
};

/// Throws TextError: line and column, the message, the line, and a caret under the place.
[[noreturn]] void fail_at(std::string_view text, std::size_t position, const std::string& message);

/// The tokens of a text, in order, with the questions a parser asks. A line end inside brackets, or beside an operator
/// or a comma, is white space; ';' ends a line unless it stands in braces. The text must outlive the stream.
class TokenStream {
public:
    /// Throws UserError for a text over 1 MiB, an unknown character and an unfinished string.
    explicit TokenStream(std::string_view text);

    const Token& peek(std::size_t ahead = 0) const;
    Token take();
    bool at_symbol(std::string_view symbol, std::size_t ahead = 0) const;
    bool at_name(std::string_view name, std::size_t ahead = 0) const;
    bool at_line_end() const;
    /// Takes the symbol when it is next.
    bool accept(std::string_view symbol);
    /// Takes the symbol, or fails: "expected ']' after the indices of 'x', found ...".
    Token expect(std::string_view symbol, const std::string& after);
    Token expect_name(const std::string& what);
    [[noreturn]] void expected(const std::string& what) const;
    [[noreturn]] void fail(const Token& token, const std::string& message) const;

    std::size_t place() const { return next_; }
    void go_to(std::size_t place) { next_ = place; }

private:
    std::string_view text_;
    std::vector<Token> tokens_;
    std::size_t next_ = 0;
};

}  // namespace heddle
