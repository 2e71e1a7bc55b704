// dsl/parse.cpp -- statements of the text form: declarations, definitions, outputs.
#include "dsl/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "dsl/last_nan.h"
#include "dsl/parse_expr.h"
#include "dsl/parse_reducer.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

constexpr std::size_t most_defined = 8192;

/// The variables of one definition: free while the left side is parsed, then reduced.
struct Scope {
    std::map<std::string, Expr> values;      ///< variables met so far
    std::map<std::string, Extent> declared;  ///< `| r<3` behind the definition
    bool left = true;
};

class DefinitionParser {
public:
    DefinitionParser(std::string_view text, ParseContext& context) : stream_(text), context_(context) {}

    void run() {
        while (stream_.peek().kind != TokenKind::end) {
            if (!stream_.at_line_end()) statement();
            if (!stream_.at_line_end()) stream_.expected("an operator or the end of the definition");
            stream_.take();
        }
    }

    std::vector<AnyTensor> defined;                 ///< in order
    std::optional<std::vector<AnyTensor>> outputs;  ///< where the text names them

private:
    void statement() {
        const bool name = stream_.peek().kind == TokenKind::name;
        if (name && stream_.at_symbol(":", 1)) return declare_tensor();
        if (name && stream_.at_name("in", 1)) return declare_size();
        if (name && stream_.at_symbol("<", 1)) return declare_range(declared_);
        if (stream_.at_name("output") && stream_.peek(1).kind == TokenKind::name) return name_outputs();
        if ((name && stream_.at_symbol("[", 1)) || stream_.at_symbol("(")) return define();
        if (name) {
            stream_.take();
            stream_.expected(
                "'[' (a definition, y[n] += ...), ':' (a tensor, x: f32[64]), 'in' (a size, N in [1,64]) or '<' (a "
                "variable, r < 3)");
        }
        stream_.expected("a definition (y[n] += ...) or a declaration (x: f32[64])");
    }

    /// An expression parser for extents: run-time sizes are the only names.
    ExprParser extents() {
        return {stream_, context_.tensors, [this](const Token& name) -> Expr {
                    const auto found = context_.parameters.find(std::string(name.text));
                    if (found != context_.parameters.end()) return found->second.expr();
                    stream_.fail(name, fmt::format("'{}' is not a run-time size: declare it before ({} in [1,4096]){}",
                                                   name.text, name.text,
                                                   did_you_mean(name.text, names_in(context_.parameters))));
                }};
    }

    Extent extent() {
        const Token start = stream_.peek();
        ExprParser parser = extents();
        const Expr value = parser.parse_sum();
        return parser.at(start, [&] { return Extent(value); });
    }

    ExprParser expressions(Scope& scope) {
        return {stream_, context_.tensors, [this, &scope](const Token& name) { return variable(name, scope); }};
    }

    Expr variable(const Token& token, Scope& scope) const {
        const std::string name(token.text);
        if (const auto known = scope.values.find(name); known != scope.values.end()) return known->second;
        if (const auto size = context_.parameters.find(name); size != context_.parameters.end())
            return size->second.expr();
        const bool local = scope.declared.count(name) != 0;
        const auto& declared = local ? scope.declared : declared_;
        const auto extent = declared.find(name);
        Expr value;
        if (extent == declared.end())
            value = scope.left ? Expr(Var(name)) : Expr(RVar(name));
        else
            value = scope.left ? Expr(Var(name, extent->second)) : Expr(RVar(name, extent->second));
        return scope.values.emplace(name, value).first->second;
    }

    void declare_tensor() {
        const Token name = stream_.take();
        stream_.expect(":", "the name");
        const Token type_name = stream_.expect_name("a type: " + all_type_names());
        const std::optional<ScalarType> type = parse_type(type_name.text);
        if (!type)
            stream_.fail(type_name, fmt::format("'{}' is not a type; legal are {}", type_name.text, all_type_names()));
        std::optional<std::vector<Extent>> shape;
        if (stream_.accept("[")) {
            shape.emplace();
            if (!stream_.at_symbol("]")) {
                do shape->push_back(extent());
                while (stream_.accept(","));
            }
            stream_.expect("]", fmt::format("the shape of '{}'", name.text));
        }
        if (context_.tensors.count(std::string(name.text)))
            stream_.fail(name, fmt::format("the tensor '{}' is there already; choose another name", name.text));
        make_tensor(name, *type, std::move(shape));
    }

    AnyTensor make_tensor(const Token& name, ScalarType type, std::optional<std::vector<Extent>> shape) {
        const AnyTensor tensor =
            extents().at(name, [&] { return AnyTensor(std::string(name.text), type, std::move(shape)); });
        tensor.node()->where = {};
        return context_.tensors[tensor.name()] = tensor;
    }

    void declare_size() {
        const Token name = stream_.take();
        stream_.take();
        ExprParser parser = extents();
        stream_.expect("[", "'in': the smallest and the largest size, as in N in [1,4096]");
        const std::int64_t least = parser.parse_integer();
        stream_.expect(",", "the smallest size");
        const std::int64_t most = parser.parse_integer();
        stream_.expect("]", "the largest size");
        if (context_.parameters.count(std::string(name.text)))
            stream_.fail(name, fmt::format("the size '{}' is there already; choose another name", name.text));
        context_.parameters.emplace(
            name.text, parser.at(name, [&] { return Extent::dynamic(std::string(name.text), least, most); }));
    }

    void declare_range(std::map<std::string, Extent>& declared) {
        const Token name = stream_.expect_name("a variable with its extent, as in r<3");
        stream_.expect("<", fmt::format("'{}'", name.text));
        declared.insert_or_assign(std::string(name.text), extent());
    }

    void name_outputs() {
        stream_.take();
        outputs.emplace();
        do {
            const Token name = stream_.expect_name("the name of a tensor");
            const auto found = context_.tensors.find(std::string(name.text));
            if (found == context_.tensors.end())
                stream_.fail(name, fmt::format("there is no tensor '{}'{}", name.text,
                                               did_you_mean(name.text, names_in(context_.tensors))));
            outputs->push_back(found->second);
        } while (stream_.accept(","));
    }

    void define() {
        const std::size_t begin = stream_.place();
        Scope scope;
        std::vector<Token> range_names;
        const std::size_t end = declared_ranges(scope, range_names);
        stream_.go_to(begin);

        std::vector<std::string> created;
        try {
            if (stream_.at_symbol("("))
                define_tuple(scope, created);
            else
                define_one(scope, created);
        } catch (...) {
            for (const std::string& name : created) context_.tensors.erase(name);
            throw;
        }
        for (const Token& name : range_names)
            if (!scope.values.count(std::string(name.text)))
                stream_.fail(name, fmt::format("'{}' is not a variable of this definition", name.text));
        if (stream_.at_symbol("|")) stream_.go_to(end);
    }

    /// Reads `| n<32 k<5 | r<3` behind the statement before its variables are made; gives the place where it ends.
    std::size_t declared_ranges(Scope& scope, std::vector<Token>& names) {
        while (!stream_.at_line_end() && !stream_.at_symbol("|")) stream_.take();
        while (!stream_.at_line_end()) {
            if (stream_.accept("|") || stream_.accept(",")) continue;
            names.push_back(stream_.peek());
            declare_range(scope.declared);
        }
        return stream_.place();
    }

    /// `y[n,p+1]` on the left; a tensor that is not there yet is made.
    AnyTensor left_access(Scope& scope, std::vector<Expr>& indices, std::vector<std::string>& created) {
        const Token name = stream_.expect_name("a tensor on the left, as in y[n,c]");
        AnyTensor tensor;
        if (const auto found = context_.tensors.find(std::string(name.text)); found != context_.tensors.end()) {
            tensor = found->second;
        } else {
            created.emplace_back(name.text);
            tensor = make_tensor(name, f32, std::nullopt);
        }
        ExprParser parser = expressions(scope);
        stream_.expect("[", fmt::format("'{}'", name.text));
        indices = parser.parse_list("]", i64, fmt::format("the indices of '{}'", name.text));
        indices = parser.at(name, [&] { return tensor.at(indices).indices(); });
        return tensor;
    }

    UpdateOp update() {
        for (const UpdateOp op : {UpdateOp::assign, UpdateOp::add, UpdateOp::mul})
            if (stream_.accept(name_of(op))) return op;
        for (const UpdateOp op : {UpdateOp::max, UpdateOp::min, UpdateOp::argmax})
            if (accept_update(name_of(op))) return op;
        stream_.expected("an update: =, +=, *=, max=, min= or argmax=");
    }

    /// A name and `=`.
    bool accept_update(std::string_view text) {
        if (!stream_.at_name(text.substr(0, text.size() - 1)) || !stream_.at_symbol("=", 1)) return false;
        stream_.take();
        stream_.take();
        return true;
    }

    void define_one(Scope& scope, std::vector<std::string>& created) {
        std::vector<Expr> left;
        const AnyTensor tensor = left_access(scope, left, created);
        const Token operation = stream_.peek();
        const bool last_nan = accept_update(last_nan_update);
        const UpdateOp op = last_nan ? UpdateOp::argmax : update();
        scope.left = false;
        const Expr right = expressions(scope).parse_as(compute_type(tensor.type()));
        expect_end();
        add(operation, {tensor}, left, op, {right}, last_nan ? argmax_last_nan_reducer(right.type()) : Reducer());
    }

    /// `(m[n], i[n]) reduce argmax {(-inf, 0); (a0, a1), (b0, b1) -> (..., ...)} (x[n,c], c)`.
    void define_tuple(Scope& scope, std::vector<std::string>& created) {
        stream_.expect("(", "the beginning of the line");
        std::vector<AnyTensor> targets;
        std::vector<Expr> left;
        do {
            const Token place = stream_.peek();
            std::vector<Expr> indices;
            targets.push_back(left_access(scope, indices, created));
            const auto same = [](const Expr& a, const Expr& b) { return equal(a, b); };
            if (targets.size() == 1)
                left = indices;
            else if (!std::equal(indices.begin(), indices.end(), left.begin(), left.end(), same))
                stream_.fail(place, "the tensors of a tuple share their indices; these are others");
        } while (stream_.accept(","));
        stream_.expect(")", "the tensors of the tuple");
        scope.left = false;
        const Token operation = stream_.peek();
        if (!stream_.at_name("reduce"))
            stream_.expected("'reduce' and a reducer, as in (m[n], i[n]) reduce name {...}");
        stream_.take();
        std::vector<ScalarType> types;
        for (const AnyTensor& target : targets) types.push_back(compute_type(target.type()));
        const Reducer reducer = parse_reducer(stream_, types);

        ExprParser parser = expressions(scope);
        stream_.expect("(", "the reducer");
        std::vector<Expr> right;
        do right.push_back(parser.parse_as(reducer.identity[std::min(right.size(), targets.size() - 1)].type()));
        while (stream_.accept(","));
        stream_.expect(")", "the values of the tuple");
        if (right.size() != targets.size())
            stream_.fail(operation, fmt::format("the tuple has {} components and is given {} values", targets.size(),
                                                right.size()));
        expect_end();
        add(operation, targets, left, UpdateOp::tuple, right, reducer);
    }

    void expect_end() const {
        if (!stream_.at_line_end() && !stream_.at_symbol("|"))
            stream_.expected("an operator or the end of the definition");
    }

    void add(const Token& operation, const std::vector<AnyTensor>& targets, const std::vector<Expr>& left, UpdateOp op,
             const std::vector<Expr>& right, const Reducer& reducer) {
        std::vector<std::shared_ptr<TensorNode>> nodes;
        for (const AnyTensor& target : targets) nodes.push_back(target.node());
        extents().at(operation, [&] { add_definition(nodes, left, op, right, reducer, {}); });
        for (const AnyTensor& target : targets)
            if (std::find(defined.begin(), defined.end(), target) == defined.end()) defined.push_back(target);
        if (defined.size() > most_defined)
            stream_.fail(operation, fmt::format("the text defines more than {} tensors; they may read one another in a "
                                                "chain, which is followed to its end",
                                                most_defined));
    }

    TokenStream stream_;
    ParseContext& context_;
    std::map<std::string, Extent> declared_;  ///< `r < 3` as a statement: holds for the definitions after it
};

/// The tensors among `defined` that none of their definitions reads.
std::vector<AnyTensor> unread(const std::vector<AnyTensor>& defined) {
    std::set<const TensorNode*> read;
    const auto add_read = [&](const Expr& node) {
        if (const Read* r = node.as<Read>()) read.insert(r->tensor.get());
    };
    for (const AnyTensor& tensor : defined)
        for (const auto& definition : tensor.node()->definitions) {
            for (const Expr& index : definition->left) for_each_node(index, add_read);
            for (const Expr& value : definition->right) for_each_node(value, add_read);
        }
    std::vector<AnyTensor> result;
    for (const AnyTensor& tensor : defined)
        if (!read.count(tensor.node().get())) result.push_back(tensor);
    return result;
}

}  // namespace

std::vector<AnyTensor> parse_definitions(std::string_view text, ParseContext& context) {
    DefinitionParser parser(text, context);
    parser.run();
    return parser.defined;
}

Expr parse_expr(std::string_view text, ParseContext& context, const std::map<std::string, Symbol>& variables) {
    TokenStream stream(text);
    while (stream.peek().kind == TokenKind::line_end) stream.take();
    ExprParser parser(stream, context.tensors, [&](const Token& name) -> Expr {
        const std::string key(name.text);
        if (const auto found = variables.find(key); found != variables.end()) return found->second;
        if (const auto found = context.parameters.find(key); found != context.parameters.end())
            return found->second.expr();
        std::vector<std::string> known = names_in(variables);
        for (std::string& size : names_in(context.parameters)) known.push_back(std::move(size));
        stream.fail(name,
                    fmt::format("'{}' is neither a variable nor a run-time size{}", key, did_you_mean(key, known)));
    });
    Expr value = parser.parse();
    while (stream.peek().kind == TokenKind::line_end) stream.take();
    if (stream.peek().kind != TokenKind::end) stream.expected("an operator or the end of the expression");
    return value;
}

Pipeline parse_pipeline(std::string_view text) {
    ParseContext context;
    try {
        DefinitionParser parser(text, context);
        parser.run();
        if (parser.defined.empty())
            throw UserError(
                "the text defines nothing; a definition is written y[n,c] = 2 * x[n,c], after x: f32[64,32]");
        const Pipeline whole = Pipeline::of(parser.defined);  // refuses cyclic reads, outside of the outputs too
        return Pipeline::of(parser.outputs ? *parser.outputs : unread(parser.defined));
    } catch (...) {
        // Tensors that read one another would keep each other alive.
        for (const auto& [name, tensor] : context.tensors) tensor.node()->definitions.clear();
        throw;
    }
}

}  // namespace heddle
