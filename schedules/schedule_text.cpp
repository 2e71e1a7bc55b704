// schedules/schedule_text.cpp -- schedules as one line of text, back from it, and as C++.
#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "dsl/lexer.h"
#include "dsl/names.h"
#include "runtime/text.h"
#include "schedules/schedule.h"

namespace heddle {
namespace {

constexpr int deepest_list = 50;
constexpr std::string_view hexadecimal = "0123456789abcdef";

bool only_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// A word that needs no quotes: a name, or letters after digits (2x128).
bool is_plain(std::string_view text) {
    if (text.empty()) return false;
    if (text[0] < '0' || text[0] > '9') return word_of(text) == text;
    return !only_digits(text) && std::all_of(text.begin(), text.end(), is_word_character);
}

std::string quote(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') quoted += '\\';
        if (code < ' ' || code == 0x7f) {
            quoted += "\\x";
            quoted += hexadecimal[code >> 4];
            quoted += hexadecimal[code & 15];
        } else {
            quoted += c;
        }
    }
    return quoted + "\"";
}

std::string print_word(const std::string& text) { return is_plain(text) ? text : quote(text); }

std::string print_arguments(const std::vector<Argument>& arguments) {
    std::vector<std::string> parts;
    for (const Argument& argument : arguments) {
        std::string text = argument.key.empty() ? "" : print_word(argument.key) + "=";
        if (const auto* integer = std::get_if<std::int64_t>(&argument.value)) text += std::to_string(*integer);
        if (const auto* word = std::get_if<std::string>(&argument.value)) text += print_word(*word);
        if (const auto* list = std::get_if<std::vector<Argument>>(&argument.value))
            text += "{" + print_arguments(*list) + "}";
        parts.push_back(std::move(text));
    }
    return join(parts, ", ");
}

class ScheduleParser {
public:
    explicit ScheduleParser(std::string_view text) : tokens_(text) {}

    Schedule run() {
        Schedule schedule;
        std::string stage;
        while (true) {
            while (tokens_.peek().kind == TokenKind::line_end) {
                if (tokens_.peek().text == ";") stage.clear();
                tokens_.take();
            }
            if (tokens_.peek().kind == TokenKind::end) return schedule;
            if (tokens_.accept(":"))
                stage.clear();
            else if (tokens_.at_symbol(":", 1)) {
                stage = word("a stage");
                tokens_.take();
            }
            if (tokens_.at_line_end()) continue;
            Directive next = directive();
            schedule.stage(stage).add(std::move(next.name), std::move(next.arguments));
        }
    }

private:
    Directive directive() {
        const Token name = tokens_.expect_name("a directive, as in split(q, 14), or a stage, as in y.1:");
        tokens_.expect("(", fmt::format("the directive '{}'", name.text));
        return {"", std::string(name.text), arguments(")", fmt::format("the arguments of '{}'", name.text), 0)};
    }

    std::vector<Argument> arguments(std::string_view close, const std::string& what, int depth) {
        if (depth > deepest_list) tokens_.fail(tokens_.peek(), fmt::format("lists nest at most {} deep", deepest_list));
        std::vector<Argument> result;
        if (tokens_.accept(close)) return result;
        do {
            Argument argument;
            if (tokens_.at_symbol("=", 1)) {
                argument.key = word("a key");
                tokens_.take();
            }
            argument.value = value(depth);
            result.push_back(std::move(argument));
        } while (tokens_.accept(","));
        tokens_.expect(close, what);
        return result;
    }

    std::variant<std::int64_t, std::string, std::vector<Argument>> value(int depth) {
        if (tokens_.accept("{")) return arguments("}", "the list", depth + 1);
        const bool negative = tokens_.accept("-");
        const Token token = tokens_.peek();
        if (token.kind == TokenKind::number && only_digits(token.text)) {
            tokens_.take();
            return integer(token, negative);
        }
        if (negative) tokens_.expected("an integer after '-'");
        return word("an integer, a name or a list in braces");
    }

    std::int64_t integer(const Token& token, bool negative) {
        const std::string digits = (negative ? "-" : "") + std::string(token.text);
        std::int64_t result = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), result).ec != std::errc())
            tokens_.fail(token, fmt::format("{} does not fit 64 bits", digits));
        return result;
    }

    std::string word(const std::string& what) {
        const Token token = tokens_.peek();
        if (token.kind == TokenKind::string) {
            tokens_.take();
            return unquote(token);
        }
        if (token.kind != TokenKind::name && !(token.kind == TokenKind::number && is_plain(token.text)))
            tokens_.expected(what);
        return std::string(tokens_.take().text);
    }

    std::string unquote(const Token& token) {
        std::string text;
        for (std::size_t i = 1; i + 1 < token.text.size(); ++i) {
            if (token.text[i] == '\\') {
                ++i;
                if (token.text[i] == 'x') {
                    if (i + 3 >= token.text.size()) tokens_.fail(token, "expected two hexadecimal digits after \\x");
                    const std::size_t high = hexadecimal.find(token.text[i + 1]);
                    const std::size_t low = hexadecimal.find(token.text[i + 2]);
                    if (high == std::string_view::npos || low == std::string_view::npos)
                        tokens_.fail(token, "expected two hexadecimal digits after \\x");
                    text += static_cast<char>(high * 16 + low);
                    i += 2;
                    continue;
                }
            }
            text += token.text[i];
        }
        return text;
    }

    TokenStream tokens_;
};

std::string cpp_argument(const Argument& argument);

std::string cpp_list(const std::vector<Argument>& arguments) {
    std::vector<std::string> parts;
    for (const Argument& argument : arguments) parts.push_back(cpp_argument(argument));
    return "{" + join(parts, ", ") + "}";
}

// As an initialiser of Argument.
std::string cpp_argument(const Argument& argument) {
    std::string value;
    if (const auto* integer = std::get_if<std::int64_t>(&argument.value)) value = fmt::format("{}", *integer);
    if (const auto* word = std::get_if<std::string>(&argument.value)) value = quote(*word);
    if (const auto* list = std::get_if<std::vector<Argument>>(&argument.value))
        value = "std::vector<Argument>" + cpp_list(*list);
    return fmt::format("{{{}, {}}}", quote(argument.key), value);
}

// The parameters of the members of Schedule: w a word, t a tensor, i an integer, L a list of words, N of integers;
// after
// '?' optional, with the key.
struct Member {
    std::string_view name, parameters, key;
};
constexpr Member members[] = {
    {"split", "wi?w", "tail"},   {"fuse", "Lw", ""},         {"tile", "LN", ""},        {"unroll", "w?i", ""},
    {"vectorize", "w", ""},      {"parallel", "w", ""},      {"partition", "w", ""},    {"clip", "w", ""},
    {"accumulate_in", "ww", ""}, {"cache_in", "tww?w", ""},  {"pack", "tL", ""},        {"tensorize", "w", ""},
    {"compute_at", "tw", ""},    {"compute_inline", "", ""}, {"fuse_epilogue", "", ""},
};

// A list of words, or of integers; nothing when something else is in it.
std::optional<std::string> plain_list(const std::vector<Argument>& arguments, bool words) {
    std::vector<std::string> parts;
    for (const Argument& argument : arguments) {
        const auto* integer = std::get_if<std::int64_t>(&argument.value);
        const auto* word = std::get_if<std::string>(&argument.value);
        if (!argument.key.empty() || (words ? !word : !integer || !std::in_range<int>(*integer))) return {};
        parts.push_back(words ? quote(*word) : std::to_string(*integer));
    }
    return "{" + join(parts, ", ") + "}";
}

// A word that names a C++ variable.
bool is_identifier(std::string_view text) {
    return !text.empty() && (text[0] < '0' || text[0] > '9') &&
           std::all_of(text.begin(), text.end(), is_word_character);
}

std::optional<std::string> cpp_parameter(const Argument& argument, char kind) {
    const auto* integer = std::get_if<std::int64_t>(&argument.value);
    const auto* word = std::get_if<std::string>(&argument.value);
    const auto* list = std::get_if<std::vector<Argument>>(&argument.value);
    if (kind == 'i' && integer && std::in_range<int>(*integer)) return std::to_string(*integer);
    if (kind == 'w' && word) return quote(*word);
    if (kind == 't' && word && is_identifier(*word)) return *word;
    if ((kind == 'L' || kind == 'N') && list) return plain_list(*list, kind == 'L');
    return {};
}

// The call of a member of Schedule; nothing when the directive needs `add`.
std::optional<std::string> cpp_member(const Directive& directive) {
    if (directive.name == "reorder") {
        const std::optional<std::string> loops = plain_list(directive.arguments, true);
        return loops ? fmt::format(".reorder({})", *loops) : loops;
    }
    const auto row =
        std::find_if(std::begin(members), std::end(members), [&](const Member& m) { return m.name == directive.name; });
    if (row == std::end(members)) return {};
    std::vector<std::string> parts;
    bool optional = false;
    for (const char kind : row->parameters) {
        if (kind == '?') {
            optional = true;
            continue;
        }
        if (parts.size() == directive.arguments.size()) {
            if (!optional) return {};
            break;
        }
        const Argument& argument = directive.arguments[parts.size()];
        const std::optional<std::string> parameter = cpp_parameter(argument, kind);
        if (!parameter || argument.key != (optional ? row->key : "")) return {};
        parts.push_back(*parameter);
    }
    if (parts.size() != directive.arguments.size()) return {};
    return fmt::format(".{}({})", directive.name, join(parts, ", "));
}

}  // namespace

std::string print(const Schedule& schedule) {
    std::string text;
    const std::string* stage = nullptr;
    for (const Directive& directive : schedule.directives()) {
        if (!stage || *stage != directive.stage) {
            if (stage) text += "; ";
            if (!directive.stage.empty()) text += print_word(directive.stage) + ": ";
            stage = &directive.stage;
        } else {
            text += " ";
        }
        text += directive.name + "(" + print_arguments(directive.arguments) + ")";
    }
    return text;
}

std::string print_cpp(const Schedule& schedule) {
    std::string text = "Schedule()", stage;
    for (const Directive& directive : schedule.directives()) {
        if (directive.stage != stage) text += fmt::format(".stage({})", quote(directive.stage));
        stage = directive.stage;
        const std::optional<std::string> member = cpp_member(directive);
        text += member ? *member : fmt::format(".add({}, {})", quote(directive.name), cpp_list(directive.arguments));
    }
    return text + ";";
}

Schedule parse_schedule(std::string_view text) { return ScheduleParser(text).run(); }

}  // namespace heddle
