// dsl/parse_expr.h -- expressions from tokens.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "dsl/expr.h"
#include "dsl/lexer.h"
#include "dsl/tensor.h"
#include "runtime/text.h"

namespace heddle {

/// A value while it is parsed.
struct ParsedExpr {
    Expr expr;
    bool untyped = false;  ///< made of literals that state no type: it takes the type of what it meets
    int depth = 1;         ///< of the tree
};

/// Parses expressions by precedence climbing. Operations are built by the builders of dsl/expr.h; what they refuse is
/// reported at the operator.
class ExprParser {
public:
    /// `resolve` gives the value of a name that stands alone: a variable, a size, a stand-in of a reducer.
    using Resolve = std::function<Expr(const Token& name)>;
    ExprParser(TokenStream& stream, const std::map<std::string, AnyTensor>& tensors, Resolve resolve)
        : stream_(stream), tensors_(tensors), resolve_(std::move(resolve)) {}

    /// The longest expression from here; untyped literals become i64 and f64.
    Expr parse();
    /// The same; an untyped value becomes one of `type` where it can.
    Expr parse_as(ScalarType type);
    /// A sum: it ends before a comparison (of extents, as in `n<2*N k<5`).
    Expr parse_sum();
    /// Expressions separated by commas up to `close`, which is taken.
    std::vector<Expr> parse_list(std::string_view close, ScalarType type, const std::string& what);
    /// An optional sign and a number, inf or nan.
    double parse_float();
    /// An optional sign and a whole number.
    std::int64_t parse_integer();
    /// Runs `build`; a UserError in it is reported at the token.
    template <class Build>
    auto at(const Token& token, Build&& build) const {
        try {
            return build();
        } catch (const TextError&) {
            throw;
        } catch (const UserError& error) {
            stream_.fail(token, error.message());
        }
    }

private:
    ParsedExpr chain(int weakest);
    ParsedExpr prefix();
    ParsedExpr primary();
    ParsedExpr number(const Token& token, bool negative);
    ParsedExpr value_word(const Token& token);
    ParsedExpr call(const Token& name);
    ParsedExpr read(const Token& name, Boundary boundary);
    ParsedExpr bounded_read(const Token& name, BoundaryMode mode);
    ParsedExpr print_when(const Token& name);
    std::vector<ParsedExpr> arguments(const Token& name, std::size_t least, std::size_t most);
    ParsedExpr combine(const Token& token, BinaryOp op, ParsedExpr a, ParsedExpr b);
    ParsedExpr convert(const Token& token, ScalarType type, const ParsedExpr& value);
    ParsedExpr choose(const Token& token, ParsedExpr condition, ParsedExpr when_true, ParsedExpr when_false);
    const AnyTensor& tensor(const Token& name) const;
    /// The value in `type` when it is untyped and can be.
    ParsedExpr adapt(const Token& token, ParsedExpr value, ScalarType type) const;
    ParsedExpr node(const Token& token, Expr expr, int operand_depth, bool untyped = false) const;

    TokenStream& stream_;
    const std::map<std::string, AnyTensor>& tensors_;
    Resolve resolve_;
    int nesting_ = 0;
};

/// Keys of a map, for messages.
template <class Value>
std::vector<std::string> names_in(const std::map<std::string, Value>& map) {
    std::vector<std::string> names;
    for (const auto& [name, value] : map) names.push_back(name);
    return names;
}

}  // namespace heddle
