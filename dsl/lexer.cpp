// dsl/lexer.cpp -- splitting the text form into words, and pointing at them.
#include "dsl/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace heddle {
namespace {

constexpr std::size_t largest_text = std::size_t{1} << 20;
constexpr std::size_t widest_line = 100;  ///< columns of a quoted line; longer ones are cut around the place

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

constexpr std::array<std::string_view, 9> long_symbols = {"+=", "*=", "<=", ">=", "==", "!=", "&&", "||", "->"};
constexpr std::string_view short_symbols = "+-*/%<>=!|()[]{},:;";
/// Symbols after or before which a line goes on.
constexpr std::array<std::string_view, 19> joining = {"+=", "*=", "<=", ">=", "==", "!=", "&&", "||", "->", "+",
                                                      "-",  "*",  "/",  "%",  "<",  ">",  "=",  "|",  ","};

bool joins(const Token& token) {
    return token.kind == TokenKind::symbol && std::find(joining.begin(), joining.end(), token.text) != joining.end();
}

class Lexer {
public:
    explicit Lexer(std::string_view text) : text_(text) {}

    std::vector<Token> run() {
        while (at_ < text_.size()) step();
        add(TokenKind::end, 0);
        return std::move(tokens_);
    }

private:
    char ahead(std::size_t n) const { return at_ + n < text_.size() ? text_[at_ + n] : '\0'; }

    void add(TokenKind kind, std::size_t length) {
        tokens_.push_back({kind, text_.substr(at_, length), at_});
        at_ += length;
    }

    void step() {
        const char c = text_[at_];
        if (c == '\n') return end_line();
        if (c == ' ' || c == '\t' || c == '\r') {
            ++at_;
            return;
        }
        if (c == '#') {
            at_ = std::min(text_.find('\n', at_), text_.size());
            return;
        }
        if (is_letter(c)) return add(TokenKind::name, word_length());
        if (is_digit(c) || (c == '.' && is_digit(ahead(1)))) return add(TokenKind::number, number_length());
        if (c == '"') return add(TokenKind::string, string_length());
        symbol();
    }

    void end_line() {
        if (open_.empty())
            add(TokenKind::line_end, 1);
        else
            ++at_;
    }

    std::size_t word_length() const {
        std::size_t n = 1;
        while (is_word_character(ahead(n)) || (ahead(n) == '.' && is_word_character(ahead(n + 1)))) ++n;
        return n;
    }

    /// Digits with a point and an exponent, and letters and digits that follow at once: a type, as in 2i32.
    std::size_t number_length() const {
        std::size_t n = 0;
        while (is_digit(ahead(n))) ++n;
        if (ahead(n) == '.') ++n;
        while (is_digit(ahead(n))) ++n;
        if (ahead(n) == 'e' || ahead(n) == 'E') {
            std::size_t exponent = n + 1;
            if (ahead(exponent) == '+' || ahead(exponent) == '-') ++exponent;
            if (is_digit(ahead(exponent))) n = exponent;
        }
        while (is_word_character(ahead(n))) ++n;
        return n;
    }

    std::size_t string_length() const {
        std::size_t n = 1;
        while (ahead(n) != '"') {
            if (ahead(n) == '\\') ++n;
            if (at_ + n >= text_.size() || ahead(n) == '\n') fail_at(text_, at_, "expected a closing '\"' on the line");
            ++n;
        }
        return n + 1;
    }

    void symbol() {
        for (const std::string_view s : long_symbols)
            if (text_.substr(at_, 2) == s) return add(TokenKind::symbol, 2);
        const char c = text_[at_];
        if (short_symbols.find(c) == std::string_view::npos) {
            const auto code = static_cast<unsigned char>(c);
            fail_at(text_, at_,
                    code > ' ' && code < 0x7f ? fmt::format("'{}' has no meaning here", c)
                                              : fmt::format("the byte 0x{:02x} has no meaning here", code));
        }
        if (c == '(' || c == '[' || c == '{') open_ += c;
        if ((c == ')' || c == ']' || c == '}') && !open_.empty()) open_.pop_back();
        add(c == ';' && open_.find('{') == std::string::npos ? TokenKind::line_end : TokenKind::symbol, 1);
    }

    std::string_view text_;
    std::size_t at_ = 0;
    std::string open_;  ///< brackets that are not closed yet
    std::vector<Token> tokens_;
};

/// Without line ends before or after a symbol that goes on. A ';' always ends.
std::vector<Token> join_lines(const std::vector<Token>& tokens) {
    std::vector<Token> joined;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        if (tokens[i].kind == TokenKind::line_end && tokens[i].text == "\n") {
            std::size_t next = i;
            while (tokens[next].kind == TokenKind::line_end && tokens[next].text == "\n") ++next;
            const bool goes_on = joins(tokens[next]) || (!joined.empty() && joins(joined.back()));
            if (!goes_on) joined.push_back(tokens[i]);
            i = next - 1;
        } else {
            joined.push_back(tokens[i]);
        }
    }
    return joined;
}

std::string describe(const Token& token) {
    switch (token.kind) {
        case TokenKind::end:
            return "the end of the text";
        case TokenKind::line_end:
            return "the end of the line";
        case TokenKind::string:
            return "a string";
        default:
            return fmt::format("'{}'", token.text.substr(0, 60));
    }
}

}  // namespace

bool is_word_character(char c) { return is_letter(c) || is_digit(c); }

void fail_at(std::string_view text, std::size_t position, const std::string& message) {
    position = std::min(position, text.size());
    const std::size_t line_begin = position == 0 ? 0 : text.rfind('\n', position - 1) + 1;
    const std::size_t line_end = std::min(text.find('\n', position), text.size());
    const auto line_number = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(line_begin), '\n');

    const std::size_t column = position - line_begin;
    const std::size_t shown_from = column < widest_line * 3 / 4 ? 0 : column - widest_line / 2;
    std::string line(text.substr(line_begin + shown_from, std::min(widest_line, line_end - line_begin - shown_from)));
    for (char& c : line)
        if (c < ' ' || c > '~') c = c == '\t' || c == '\r' ? ' ' : '?';
    throw TextError(fmt::format("line {}, column {}: {}\n  {}\n  {:>{}}", line_number, column + 1, message, line, '^',
                                column - shown_from + 1));
}

TokenStream::TokenStream(std::string_view text) : text_(text) {
    if (text.size() > largest_text)
        throw UserError(fmt::format("the text has {} bytes; definitions of up to {} bytes (1 MiB) are read",
                                    text.size(), largest_text));
    tokens_ = join_lines(Lexer(text).run());
}

const Token& TokenStream::peek(std::size_t ahead) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }

Token TokenStream::take() {
    const Token token = peek();
    if (next_ + 1 < tokens_.size()) ++next_;
    return token;
}

bool TokenStream::at_symbol(std::string_view symbol, std::size_t ahead) const {
    return peek(ahead).kind == TokenKind::symbol && peek(ahead).text == symbol;
}

bool TokenStream::at_name(std::string_view name, std::size_t ahead) const {
    return peek(ahead).kind == TokenKind::name && peek(ahead).text == name;
}

bool TokenStream::at_line_end() const { return peek().kind == TokenKind::line_end || peek().kind == TokenKind::end; }

bool TokenStream::accept(std::string_view symbol) {
    if (!at_symbol(symbol)) return false;
    take();
    return true;
}

Token TokenStream::expect(std::string_view symbol, const std::string& after) {
    if (!at_symbol(symbol)) expected(fmt::format("'{}' after {}", symbol, after));
    return take();
}

Token TokenStream::expect_name(const std::string& what) {
    if (peek().kind != TokenKind::name) expected(what);
    return take();
}

void TokenStream::expected(const std::string& what) const {
    fail(peek(), fmt::format("expected {}, found {}", what, describe(peek())));
}

void TokenStream::fail(const Token& token, const std::string& message) const {
    fail_at(text_, token.position, message);
}

}  // namespace heddle
