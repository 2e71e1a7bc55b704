// schedules/renamed_schedule.cpp -- two texts of a pipeline read side by side, token by token.
#include "schedules/renamed_schedule.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <optional>
#include <set>
#include <sstream>
#include <vector>

#include "schedules/directive.h"

namespace heddle {
namespace {

using NameMap = std::map<std::string, std::string>;

enum class TokenKind { word, number, sign };
struct Token {
    TokenKind kind = TokenKind::sign;
    std::string text;
};

std::vector<Token> tokens_of(const std::string& line) {
    const auto in_word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.'; };
    std::vector<Token> tokens;
    for (std::size_t i = 0; i < line.size();) {
        std::size_t end = i + 1;
        if (in_word(line[i])) {
            while (end < line.size() && in_word(line[end])) ++end;
            const bool number = std::isdigit(static_cast<unsigned char>(line[i])) || line[i] == '.';
            tokens.push_back({number ? TokenKind::number : TokenKind::word, line.substr(i, end - i)});
        } else if (line[i] != ' ') {
            tokens.push_back({TokenKind::sign, line.substr(i, 1)});
        }
        i = end;
    }
    return tokens;
}

/// The names of one definition.
struct Statement {
    std::string target;
    NameMap variables;
};

/// What is called how in both texts; nothing where they are not alike.
struct Renaming {
    NameMap tensors;
    std::vector<Statement> statements;

    static std::optional<Renaming> between(const std::string& written, const std::string& here) {
        Renaming names;
        std::istringstream ours(here), theirs(written);
        for (std::string line, other; std::getline(theirs, line);) {
            if (!std::getline(ours, other)) return {};
            const std::vector<Token> from = tokens_of(line), to = tokens_of(other);
            if (from.size() != to.size()) return {};
            for (std::size_t i = 0; i < from.size(); ++i)
                if (from[i].kind != to[i].kind || (from[i].kind == TokenKind::sign && from[i].text != to[i].text))
                    return {};
            names.add(from, to);
        }
        std::string more;
        if (std::getline(ours, more)) return {};
        return names;
    }

    /// Of the variables of a stage, "y" or "y.1"; of all where no stage is named.
    NameMap variables(const std::string& stage) const {
        const std::size_t dot = stage.rfind('.');
        const bool indexed = !tensors.count(stage) && dot != std::string::npos;
        const std::string tensor = indexed ? stage.substr(0, dot) : stage;
        const int index = indexed ? std::atoi(stage.c_str() + dot + 1) : -1;
        NameMap all;
        int position = 0;
        for (const Statement& statement : statements) {
            if (!stage.empty() && statement.target != tensor) continue;
            if (index < 0 || position++ == index)
                for (const auto& [from, to] : statement.variables) all[from] = to;
        }
        return all;
    }

private:
    /// A declaration begins with `x:`, all else that has a bracket is a definition.
    void add(const std::vector<Token>& from, const std::vector<Token>& to) {
        if (from.size() > 1 && from[1].text == ":") {
            tensors[from[0].text] = to[0].text;
            return;
        }
        if (from.size() < 2 || from[0].text == "output" || from[1].text == "in") return;
        Statement statement{from[from[0].text == "("].text, {}};
        const auto sign = [&](std::size_t i, const char* text) { return i < from.size() && from[i].text == text; };
        for (std::size_t i = 0; i < from.size(); ++i) {
            const bool read = sign(i + 1, "[") || (i > 0 && sign(i - 1, "(") && tensors.count(from[i].text));
            if (from[i].kind == TokenKind::word && !read && !sign(i + 1, "("))
                statement.variables.emplace(from[i].text, to[i].text);
        }
        statements.push_back(std::move(statement));
    }
};

/// Words that directives know: alternatives in their signatures.
const std::set<std::string>& keywords() {
    static const std::set<std::string> words = [] {
        std::set<std::string> found = {"root"};
        for (const DirectiveRow& row : directive_table()) {
            const std::vector<Token> tokens = tokens_of(std::string(row.signature));
            for (std::size_t i = 0; i < tokens.size(); ++i)
                if ((i > 0 && tokens[i - 1].text == "|") || (i + 1 < tokens.size() && tokens[i + 1].text == "|"))
                    found.insert(tokens[i].text);
        }
        return found;
    }();
    return words;
}

/// "q.i.o" by what q is called.
std::string renamed(const std::string& word, const NameMap& names) {
    for (std::size_t end = word.size(); end != std::string::npos && end > 0; end = word.rfind('.', end - 1))
        if (const auto found = names.find(word.substr(0, end)); found != names.end())
            return found->second + word.substr(end);
    return word;
}

void rename(Argument& argument, const NameMap& names) {
    if (auto* list = std::get_if<std::vector<Argument>>(&argument.value))
        for (Argument& item : *list) rename(item, names);
    if (auto* word = std::get_if<std::string>(&argument.value); word && !keywords().count(*word))
        *word = renamed(*word, names);
}

class Renamer {
public:
    explicit Renamer(Renaming names) : names_(std::move(names)) {}

    Directive operator()(Directive directive) {
        NameMap& variables = variables_of(directive.stage);
        if (directive.name == "fuse") add_fused(directive, variables);
        const int tensor = tensor_of(directive);
        for (std::size_t i = 0; i < directive.arguments.size(); ++i) {
            Argument& argument = directive.arguments[i];
            const bool is_tensor = static_cast<int>(i) == tensor || argument.key == "tensor" || argument.key == "A" ||
                                   argument.key == "B" || argument.key == "consumer";
            // A loop of compute_at is one of the consumer's.
            const bool of_consumer = directive.name == "compute_at" && !is_tensor;
            rename(argument, is_tensor ? names_.tensors : of_consumer ? variables_of(consumer_) : variables);
        }
        directive.stage = renamed(directive.stage, names_.tensors);
        return directive;
    }

private:
    /// Which argument is a tensor, by its place; -1: none.
    int tensor_of(const Directive& directive) {
        if (directive.name == "align") return 1;
        if (directive.name == "compute_at") {
            const auto* word =
                directive.arguments.empty() ? nullptr : std::get_if<std::string>(&directive.arguments[0].value);
            consumer_ = word ? *word : "";
            return 0;
        }
        for (const char* name : {"cache_in", "cache_out", "pack"})
            if (directive.name == name) return 0;
        return -1;
    }

    NameMap& variables_of(const std::string& stage) {
        const auto found = variables_.find(stage);
        return found != variables_.end() ? found->second
                                         : variables_.emplace(stage, names_.variables(stage)).first->second;
    }

    /// The name of a fused loop is the schedule's own.
    static void add_fused(const Directive& directive, NameMap& variables) {
        if (directive.arguments.size() < 2) return;
        const auto* word = std::get_if<std::string>(&directive.arguments[1].value);
        if (!word) return;
        const auto taken = [&](const std::string& name) {
            return std::any_of(variables.begin(), variables.end(), [&](const auto& v) { return v.second == name; });
        };
        std::string name = *word;
        while (taken(name)) name += "_fused";
        variables[*word] = name;
    }

    Renaming names_;
    std::map<std::string, NameMap> variables_;  ///< by stage
    std::string consumer_;                      ///< of the compute_at at hand
};

}  // namespace

Schedule with_names_of(const std::string& written, const std::string& here, const Schedule& schedule) {
    if (written.empty() || written == here) return schedule;
    std::optional<Renaming> names = Renaming::between(written, here);
    if (!names) return schedule;
    Renamer renamer(std::move(*names));
    Schedule result;
    for (const Directive& directive : schedule.directives()) {
        Directive other = renamer(directive);
        result.stage(other.stage).add(other.name, other.arguments);
    }
    return result;
}

}  // namespace heddle
