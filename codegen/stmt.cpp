// codegen/stmt.cpp -- builders of statements, walking and rewriting them.
#include "codegen/stmt.h"

#include <functional>

namespace heddle {

Stmt block(std::vector<Stmt> statements) {
    Block result;
    for (Stmt& s : statements) {
        if (s.empty()) continue;
        if (const auto* inner = s.as<Block>())
            result.statements.insert(result.statements.end(), inner->statements.begin(), inner->statements.end());
        else
            result.statements.push_back(std::move(s));
    }
    if (result.statements.empty()) return {};
    if (result.statements.size() == 1) return result.statements[0];
    return Stmt::make(std::move(result));
}

Stmt store(const AnyTensor& storage, std::vector<Expr> indices, Expr value) {
    Store s;
    s.to = {storage, std::move(indices)};
    s.value = std::move(value);
    return Stmt::make(std::move(s));
}

Expr load(const AnyTensor& storage, std::vector<Expr> indices) {
    return Expr(
        std::make_shared<const Read>(storage.node(), std::move(indices), Boundary{}, compute_type(storage.type())));
}

AnyTensor make_storage(const std::string& name, ScalarType type, const std::vector<Expr>& shape) {
    std::vector<Extent> extents;
    for (const Expr& extent : shape) extents.push_back(Extent(extent));
    return AnyTensor(name, type, extents);
}

Expr combine(UpdateOp op, Expr a, Expr b) {
    switch (op) {
        case UpdateOp::assign:
            return b;
        case UpdateOp::add:
            return binary(BinaryOp::add, std::move(a), std::move(b));
        case UpdateOp::mul:
            return binary(BinaryOp::mul, std::move(a), std::move(b));
        case UpdateOp::max:
            return binary(BinaryOp::max, std::move(a), std::move(b));
        case UpdateOp::min:
            return binary(BinaryOp::min, std::move(a), std::move(b));
        case UpdateOp::argmax:
        case UpdateOp::tuple:
            break;
    }
    throw InternalError("combine: a tuple has no single operator");
}

namespace {

// The children of a node rebuilt by the mutator; the same handle when none changed.
class Rebuild {
public:
    explicit Rebuild(const Mutator& mutator) : mutator_(mutator) {}

    Stmt operator()(const Stmt& s) {
        if (s.empty()) return s;
        Stmt rebuilt = children(s);
        if (rebuilt.empty() || !mutator_.statement) return rebuilt;
        return mutator_.statement(rebuilt);
    }

private:
    template <class T>
    Stmt finish(const Stmt& old, T copy) {
        if (!changed_) return old;
        return Stmt::make(std::move(copy));
    }
    void expr(Expr& e) {
        if (!mutator_.expression || !e.defined()) return;
        Expr next = mutator_.expression(e);
        if (next.same_as(e)) return;
        e = std::move(next);
        changed_ = true;
    }
    void exprs(std::vector<Expr>& list) {
        for (Expr& e : list) expr(e);
    }
    void dims(std::vector<TileDim>& list) {
        for (TileDim& d : list) expr(d.extent);
    }
    void places(std::vector<Place>& list) {
        for (Place& p : list) exprs(p.indices);
    }
    void statement(Stmt& s) {
        Rebuild nested(mutator_);
        Stmt next = nested(s);
        if (next.same_as(s)) return;
        s = std::move(next);
        changed_ = true;
    }

    Stmt children(const Stmt& s) {
        changed_ = false;
        switch (s.kind()) {
            case StmtKind::Block: {
                Block copy = *s.as<Block>();
                for (Stmt& child : copy.statements) statement(child);
                return changed_ ? block(std::move(copy.statements)) : s;
            }
            case StmtKind::For: {
                For copy = *s.as<For>();
                expr(copy.min);
                expr(copy.extent);
                expr(copy.step);
                exprs(copy.facts);
                statement(copy.body);
                if (copy.body.empty()) return {};
                return finish(s, std::move(copy));
            }
            case StmtKind::If: {
                If copy = *s.as<If>();
                expr(copy.condition);
                statement(copy.then);
                if (copy.then.empty()) return {};
                return finish(s, std::move(copy));
            }
            case StmtKind::Allocate: {
                Allocate copy = *s.as<Allocate>();
                statement(copy.body);
                if (copy.body.empty()) return {};
                return finish(s, std::move(copy));
            }
            case StmtKind::Store: {
                Store copy = *s.as<Store>();
                exprs(copy.to.indices);
                expr(copy.value);
                return finish(s, std::move(copy));
            }
            case StmtKind::Check: {
                Check copy = *s.as<Check>();
                expr(copy.condition);
                exprs(copy.values);
                return finish(s, std::move(copy));
            }
            case StmtKind::Shuffle: {
                Shuffle copy = *s.as<Shuffle>();
                exprs(copy.to.indices);
                expr(copy.value);
                return finish(s, std::move(copy));
            }
            case StmtKind::Barrier:
                return s;
            case StmtKind::Copy: {
                Copy copy = *s.as<Copy>();
                dims(copy.dims);
                exprs(copy.to.indices);
                expr(copy.source);
                expr(copy.predicate);
                expr(copy.fill);
                return finish(s, std::move(copy));
            }
            case StmtKind::Map: {
                Map copy = *s.as<Map>();
                dims(copy.dims);
                places(copy.to);
                exprs(copy.values);
                expr(copy.predicate);
                return finish(s, std::move(copy));
            }
            case StmtKind::Mma: {
                Mma copy = *s.as<Mma>();
                dims(copy.dims);
                exprs(copy.to.indices);
                expr(copy.a);
                expr(copy.b);
                expr(copy.b_rest);
                expr(copy.predicate);
                return finish(s, std::move(copy));
            }
            case StmtKind::Reduce: {
                Reduce copy = *s.as<Reduce>();
                dims(copy.dims);
                places(copy.to);
                return finish(s, std::move(copy));
            }
            case StmtKind::Let: {
                Let copy = *s.as<Let>();
                expr(copy.value);
                statement(copy.body);
                if (copy.body.empty()) return {};
                return finish(s, std::move(copy));
            }
            case StmtKind::Call: {
                Call copy = *s.as<Call>();
                for (CallOperand& operand : copy.operands) {
                    expr(operand.value);
                    exprs(operand.place.indices);
                }
                exprs(copy.to.indices);
                expr(copy.predicate);
                return finish(s, std::move(copy));
            }
            case StmtKind::Team: {
                Team copy = *s.as<Team>();
                statement(copy.body);
                if (copy.body.empty()) return {};
                return finish(s, std::move(copy));
            }
        }
        throw InternalError("mutate: unknown statement");
    }

    const Mutator& mutator_;
    bool changed_ = false;
};

}  // namespace

Stmt mutate(const Stmt& s, const Mutator& mutator) { return Rebuild(mutator)(s); }

void for_each_stmt(const Stmt& s, const std::function<void(const Stmt&)>& visit) {
    if (s.empty()) return;
    visit(s);
    if (const auto* node = s.as<Block>()) {
        for (const Stmt& child : node->statements) for_each_stmt(child, visit);
    } else if (const auto* loop = s.as<For>()) {
        for_each_stmt(loop->body, visit);
    } else if (const auto* test = s.as<If>()) {
        for_each_stmt(test->then, visit);
    } else if (const auto* allocate = s.as<Allocate>()) {
        for_each_stmt(allocate->body, visit);
    } else if (const auto* let = s.as<Let>()) {
        for_each_stmt(let->body, visit);
    } else if (const auto* team = s.as<Team>()) {
        for_each_stmt(team->body, visit);
    }
}

void for_each_expr(const Stmt& s, const std::function<void(const Expr&)>& visit) {
    Mutator mutator;
    mutator.expression = [&](const Expr& e) {
        visit(e);
        return e;
    };
    mutate(s, mutator);
}

Stmt substitute(const Stmt& s, const Substitution& values) {
    Mutator mutator;
    mutator.expression = [&](const Expr& e) { return substitute(e, values); };
    return mutate(s, mutator);
}

}  // namespace heddle
