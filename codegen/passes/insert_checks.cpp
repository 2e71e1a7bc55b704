// codegen/passes/insert_checks.cpp -- tests of indices that come from data, and of all accesses on a checked target.
#include "codegen/passes/insert_checks.h"

#include <algorithm>
#include <set>

#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

Stmt check(const Expr& condition, const std::string& message, std::vector<Expr> values) {
    Check node;
    node.condition = condition;
    node.message = message;
    node.values = std::move(values);
    return Stmt::make(std::move(node));
}

class Inserter {
public:
    explicit Inserter(bool all_accesses) : all_(all_accesses) {}

    Stmt run(const Stmt& body) {
        for_each_stmt(body, [&](const Stmt& s) {
            if (const auto* allocate = s.as<Allocate>()) local_.insert(allocate->storage.node());
        });
        Mutator mutator;
        mutator.statement = [&](const Stmt& s) { return statement(s); };
        return mutate(body, mutator);
    }

private:
    Stmt statement(const Stmt& s) {
        if (const auto* store = s.as<Store>()) return with_checks(*store);
        const auto* loop = s.as<For>();
        if (!loop || loop->kind != LoopKind::vectorized) return s;
        bool checked = false;
        for_each_stmt(loop->body, [&](const Stmt& inner) { checked = checked || inner.as<Check>(); });
        if (!checked) return s;
        For points = *loop;  // a check reports one point: its loop runs point by point
        points.kind = LoopKind::serial;
        if (!may_check_before(loop->body)) return Stmt::make(std::move(points));
        For vectors = *loop;
        points.body = part_of(loop->body, true);
        vectors.body = part_of(loop->body, false);
        return block({Stmt::make(std::move(points)), Stmt::make(std::move(vectors))});
    }

    // Checks of all lanes can go before what the lanes store: nothing that is stored is part of a test.
    static bool may_check_before(const Stmt& body) {
        std::set<const TensorNode*> stored, tested;
        bool plain = true;
        for_each_stmt(body, [&](const Stmt& s) {
            if (const auto* store = s.as<Store>()) stored.insert(store->to.storage.node().get());
            if (const auto* check = s.as<Check>())
                for_each_node(check->condition, [&](const Expr& e) {
                    if (const auto* read = e.as<Read>()) tested.insert(read->tensor.get());
                });
            plain = plain && (s.as<Store>() || s.as<Check>() || s.as<Block>());
        });
        return plain && std::none_of(tested.begin(), tested.end(), [&](auto* t) { return stored.count(t) > 0; });
    }

    // The checks among statements, or the others.
    static Stmt part_of(const Stmt& s, bool checks) {
        const auto* list = s.as<Block>();
        if (!list) return (s.as<Check>() != nullptr) == checks ? s : Stmt();
        std::vector<Stmt> kept;
        for (const Stmt& child : list->statements)
            if (Stmt part = part_of(child, checks); !part.empty()) kept.push_back(std::move(part));
        return block(std::move(kept));
    }

    Stmt with_checks(const Store& store) {
        std::vector<Stmt> checks;
        Store copy = store;
        copy.value = protect(store.value, checks);
        for (Expr& index : copy.to.indices) index = protect(index, checks);
        if (all_ && local_.count(copy.to.storage.node()) == 0)
            checks.push_back(inside(copy.to.storage, copy.to.indices, "written"));
        if (checks.empty()) return Stmt::make(std::move(copy));
        checks.push_back(Stmt::make(std::move(copy)));
        return block(std::move(checks));
    }

    // Replaces indices from data by clamped ones, whose tests go to `checks`; reads under a select keep their guard.
    Expr protect(const Expr& e, std::vector<Stmt>& checks, const Expr& condition = Expr(true)) {
        if (const auto* choice = e.as<Select>()) {
            const Expr test = protect(choice->condition, checks, condition);
            return select(test, protect(choice->when_true, checks, both(condition, test)),
                          protect(choice->when_false, checks, both(condition, !test)));
        }
        std::vector<Expr> operands = operands_of(e);
        for (Expr& operand : operands) operand = protect(operand, checks, condition);
        const Expr rebuilt = with_operands(e, operands);
        if (const auto* data = rebuilt.as<DataIndex>()) {
            const Expr value = cast(ScalarType::i64, data->value);
            if (data->mode != IndexMode::clamped) add_data_check(*data, condition, checks);
            return clamp(value, Expr::integer(0), data->extent - Expr::integer(1));
        }
        if (const auto* read = rebuilt.as<Read>(); read && all_ && local_.count(read->tensor) == 0)
            checks.push_back(with_condition(condition, inside(AnyTensor(read->tensor), read->indices, "read")));
        return rebuilt;
    }

    // One test is enough of an index that stands in several places; one without a condition, for those with one.
    static void add_data_check(const DataIndex& data, const Expr& condition, std::vector<Stmt>& checks) {
        const Stmt always = data_check(data, Expr(true)), here = data_check(data, condition);
        const bool known = std::any_of(checks.begin(), checks.end(), [&](const Stmt& other) {
            const Expr& tested = other.as<Check>()->condition;
            return equal(tested, always.as<Check>()->condition) || equal(tested, here.as<Check>()->condition);
        });
        if (!known) checks.push_back(here);
    }

    static Expr both(const Expr& a, const Expr& b) { return is_const(a, 1) ? b : a && b; }
    static Expr unless(const Expr& condition, const Expr& test) {
        return is_const(condition, 1) ? test : !condition || test;
    }
    static Stmt with_condition(const Expr& condition, const Stmt& test) {
        if (is_const(condition, 1)) return test;
        Check copy = *test.as<Check>();
        copy.condition = unless(condition, copy.condition);
        return Stmt::make(std::move(copy));
    }

    // "an index read from t[4] is -7, outside of [0, 10)".
    static Stmt data_check(const DataIndex& data, const Expr& condition) {
        const Expr value = cast(ScalarType::i64, data.value);
        std::string message = "an index from data";
        std::vector<Expr> values;
        const auto* source = data.value.as<Read>();
        if (const auto* converted = data.value.as<Cast>()) source = converted->operand.as<Read>();
        if (source) {
            message = "an index read from " + source->tensor->name + "[";
            for (const Expr& index : source->indices) {
                message += values.empty() ? "{}" : ", {}";
                values.push_back(index);
            }
            message += "]";
        }
        values.push_back(value);
        values.push_back(data.extent);
        return check(unless(condition, Expr::integer(0) <= value && value < data.extent),
                     message + " is {}, outside of [0, {})", std::move(values));
    }

    static Stmt inside(const AnyTensor& tensor, const std::vector<Expr>& indices, const char* verb) {
        Expr condition = Expr(true);
        std::string message = tensor.name() + " is " + verb + " at [";
        std::vector<Expr> values;
        std::string extents;
        for (int d = 0; d < tensor.rank(); ++d) {
            const Expr& extent = tensor.shape()[d].expr();
            condition = both(condition, Expr::integer(0) <= indices[d] && indices[d] < extent);
            message += d ? ", {}" : "{}";
            values.push_back(indices[d]);
        }
        message += "], outside of its shape [";
        for (int d = 0; d < tensor.rank(); ++d) {
            message += d ? ", {}" : "{}";
            values.push_back(tensor.shape()[d].expr());
        }
        return check(condition, message + "]", std::move(values));
    }

    bool all_;
    std::set<std::shared_ptr<TensorNode>> local_;
};

}  // namespace

Stmt insert_checks(const Stmt& body, const Target& target) { return Inserter(target.checks).run(body); }

}  // namespace heddle
