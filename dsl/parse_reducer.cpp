// dsl/parse_reducer.cpp -- the reducer of a tuple reduction from tokens.
#include "dsl/parse_reducer.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/parse_expr.h"

namespace heddle {
namespace {

class ReducerParser {
public:
    ReducerParser(TokenStream& stream, const std::vector<ScalarType>& types) : stream_(stream), types_(types) {}

    Reducer parse() {
        const Token name = stream_.expect_name("the reducer's name");
        stream_.expect("{", "the reducer's name");
        const std::vector<Expr> identity = identities();
        stream_.expect(";", "the identities");
        const std::vector<Token> left = stand_ins();
        stream_.expect(",", "the accumulated components");
        const std::vector<Token> right = stand_ins();
        stream_.expect("->", "the incoming components");
        const auto combine = [&](const std::vector<Expr>& a, const std::vector<Expr>& b) {
            for (std::size_t i = 0; i < types_.size(); ++i) {
                add_value(left[i], a[i]);
                add_value(right[i], b[i]);
            }
            return combination();
        };
        Reducer reducer = make_reducer(std::string(name.text), identity, combine);
        stream_.expect("}", "the reducer");
        return reducer;
    }

private:
    /// The only names are the stand-ins of the components.
    ExprParser expression() {
        return {stream_, no_tensors_, [this](const Token& name) -> Expr {
                    const auto found = values_.find(std::string(name.text));
                    if (found != values_.end()) return found->second;
                    stream_.fail(name, fmt::format("'{}' is not a component of the reducer{}", name.text,
                                                   did_you_mean(name.text, names_in(values_))));
                }};
    }

    void check_count(const Token& token, std::size_t given, const char* what) const {
        if (given != types_.size())
            stream_.fail(token,
                         fmt::format("the tuple has {} components and is given {} {}", types_.size(), given, what));
    }

    std::vector<Expr> identities() {
        const Token place = stream_.expect("(", "'{': the identities, as in {(-inf, 0); (a, i), (b, j) -> (..., ...)}");
        std::vector<Expr> values;
        do values.push_back(identity(types_[std::min(values.size(), types_.size() - 1)]));
        while (stream_.accept(","));
        stream_.expect(")", "the identities");
        check_count(place, values.size(), "identities");
        return values;
    }

    Expr identity(ScalarType type) {
        const Token place = stream_.peek();
        ExprParser parser = expression();
        const Expr value = parser.parse_as(type);
        const Expr typed = parser.at(place, [&] { return cast(type, value); });
        if (!typed.as<IntImm>() && !typed.as<FloatImm>())
            stream_.fail(place,
                         fmt::format("the identity of this component is a number of the type {}", name_of(type)));
        return typed;
    }

    std::vector<Token> stand_ins() {
        const Token place = stream_.expect("(", "';' or ',': names for the components");
        std::vector<Token> names;
        do names.push_back(stream_.expect_name("a name for the component"));
        while (stream_.accept(","));
        stream_.expect(")", "the names of the components");
        check_count(place, names.size(), "names");
        return names;
    }

    void add_value(const Token& name, const Expr& value) {
        if (!values_.emplace(name.text, value).second)
            stream_.fail(name, fmt::format("'{}' names two components; they need names of their own", name.text));
    }

    std::vector<Expr> combination() {
        const Token place = stream_.expect("(", "'->'");
        ExprParser parser = expression();
        std::vector<Expr> values;
        do values.push_back(parser.parse_as(types_[std::min(values.size(), types_.size() - 1)]));
        while (stream_.accept(","));
        stream_.expect(")", "the combined components");
        check_count(place, values.size(), "combined values");
        return values;
    }

    TokenStream& stream_;
    const std::vector<ScalarType>& types_;
    std::map<std::string, Expr> values_;  ///< of the stand-ins
    const std::map<std::string, AnyTensor> no_tensors_;
};

}  // namespace

Reducer parse_reducer(TokenStream& stream, const std::vector<ScalarType>& types) {
    return ReducerParser(stream, types).parse();
}

}  // namespace heddle
