// codegen/verify.cpp -- the verifier: definitions before uses, accesses inside their storage, loops of legal kinds.
#include "codegen/verify.h"

#include <numeric>
#include <set>
#include <tuple>

#include "codegen/build_stage.h"
#include "codegen/holds_at_points.h"
#include "codegen/passes/conditions.h"
#include "dsl/integer.h"
#include "dsl/interval.h"
#include "dsl/print.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"
#include "schedules/thread_axes.h"

namespace heddle {
namespace {

class Verifier {
public:
    Verifier(const Function& function, std::string_view pass) : pass_(pass) {
        for (const AnyTensor& parameter : function.parameters) storage_.insert(parameter.node());
        for (const Symbol& size : function.sizes) symbols_.insert(size);
    }

    void run(const Stmt& s) {
        if (s.empty()) return;
        statement_ = s;
        if (const auto* list = s.as<Block>()) {
            for (const Stmt& child : list->statements) run(child);
        } else if (const auto* loop = s.as<For>()) {
            run_loop(*loop);
        } else if (const auto* test = s.as<If>()) {
            expression(test->condition);
            apart(divides(test->condition), [&] { with_facts(test->condition, [&] { run(test->then); }); });
        } else if (const auto* allocate = s.as<Allocate>()) {
            storage_.insert(allocate->storage.node());
            run(allocate->body);
            storage_.erase(allocate->storage.node());
        } else if (const auto* write = s.as<Store>()) {
            expression(write->value);
            access(write->to.storage, write->to.indices);
        } else if (const auto* shuffle = s.as<Shuffle>()) {
            meet();
            expression(shuffle->value);
            access(shuffle->to.storage, shuffle->to.indices);
        } else if (s.as<Barrier>()) {
            meet();
        } else if (const auto* let = s.as<Let>()) {
            expression(let->value);
            run_let(*let);
        } else if (const auto* call = s.as<Call>()) {
            run_call(*call);
        } else if (const auto* team = s.as<Team>()) {
            run_team(*team);
        } else if (const auto* check = s.as<Check>()) {
            for (const Expr& value : check->values) expression(value);
        } else {
            run_tile(s);
        }
    }

private:
    [[noreturn]] void object(const std::string& problem) const {
        std::string text = print(statement_, 0);
        if (text.size() > 600) text = text.substr(0, 600) + "...";
        throw InternalError("after " + std::string(pass_) + ": " + problem + " in\n" + text);
    }

    // A name's range in numbers, where there are some: what it stands for is proved once.
    void run_let(const Let& let) {
        in_scope(let.var, let.value, Expr::integer(1), [&] {
            const Interval range = interval_of(let.value, ranges_);
            if (range.min != Interval::minus_infinity && range.max != Interval::plus_infinity)
                ranges_[let.var] = {Expr::integer(range.min), Expr::integer(range.max)};
            run(let.body);
        });
    }

    // Of stream_k work, the parts' first dimension is the block's.
    void run_team(const Team& team) {
        if (!team.first.defined()) return run(team.body);
        Expr blocks = Expr::integer(1);
        for_each_stmt(team.body, [&](const Stmt& s) {
            const auto* map = s.as<Map>();
            if (!map || map->to[0].indices.empty()) return;
            const auto* variable = map->to[0].indices[0].as<Variable>();
            if (variable && variable->symbol == team.block) blocks = map->to[0].storage.shape()[0].expr();
        });
        in_scope(team.block, Expr::integer(0), blocks, [&] {
            symbols_.insert({team.first, team.last, team.tile});
            run(team.body);
            for (const Symbol& symbol : {team.first, team.last, team.tile}) symbols_.erase(symbol);
        });
    }

    // Addresses are inside where the predicate holds; an array is what its leading indices leave.
    void run_call(const Call& call) {
        if (call.function == "cluster_sync") meet();
        for (const CallOperand& operand : call.operands) expression(operand.value);
        if (call.to.storage.defined()) access(call.to.storage, call.to.indices);
        with_facts(call.predicate.defined() ? call.predicate : Expr(true), [&] {
            for (const CallOperand& operand : call.operands) {
                if (!operand.place.storage.defined()) continue;
                if (operand.address)
                    access(operand.place.storage, operand.place.indices);
                else
                    for (const Expr& index : operand.place.indices) expression(index);
            }
        });
    }

    void run_loop(const For& loop) {
        const Stmt self = statement_;
        expression(loop.min);
        expression(loop.extent);
        const bool fixed = loop.extent.as<IntImm>() != nullptr;
        if ((loop.kind == LoopKind::unrolled || loop.kind == LoopKind::vectorized) && !fixed)
            object(std::string(name_of(loop.kind)) + " loop " + loop.var.name() + " has no constant extent");
        if (in_lanes_) object("loop " + loop.var.name() + " is inside of a vectorized loop");
        in_lanes_ = loop.kind == LoopKind::vectorized;
        const bool thread = is_thread_axis(loop.kind) || loop.kind == LoopKind::cluster;
        if (thread) threads_.insert(loop.var);
        apart(!thread && (divides(loop.min) || divides(loop.extent)), [&] {
            in_scope(loop.var, loop.min, loop.extent,
                     [&] { with_facts(conjunction_of(loop.facts), [&] { run(loop.body); }); });
        });
        threads_.erase(loop.var);
        in_lanes_ = false;
        statement_ = self;
    }

    // Threads of a block may differ in it: their index, what they hold or read.
    bool divides(const Expr& e) const {
        bool differs = false;
        for_each_node(e, [&](const Expr& node) {
            const auto* variable = node.as<Variable>();
            differs = differs || node.as<Read>() || (variable && threads_.count(variable->symbol));
        });
        return differs;
    }
    template <class Body>
    void apart(bool divided, Body body) {
        const bool before = apart_;
        apart_ = apart_ || divided;
        body();
        apart_ = before;
    }
    void meet() const {
        if (apart_) object("not all threads of the block come to a barrier or shuffle");
    }

    void run_tile(const Stmt& s) {
        const std::vector<TileDim>* dims = nullptr;
        Expr predicate = Expr(true);
        std::vector<Place> places;
        std::vector<Expr> values, guarded;
        if (const auto* copy = s.as<Copy>()) {
            dims = &copy->dims;
            places = {copy->to};
            values = {copy->fill};
            guarded = {copy->source};
            predicate = copy->predicate;
        } else if (const auto* map = s.as<Map>()) {
            dims = &map->dims;
            places = map->to;
            guarded = map->values;
            predicate = map->predicate;
        } else if (const auto* mma = s.as<Mma>()) {
            dims = &mma->dims;
            places = {mma->to};
            guarded = {mma->a, mma->b, mma->b_rest};
            predicate = mma->predicate;
        } else if (const auto* reduce = s.as<Reduce>()) {
            if (reduce->axis != LoopKind::serial) meet();
            dims = &reduce->dims;
            places = reduce->to;
        }
        require(dims != nullptr, "verify: unknown statement");
        tile_scope(*dims, 0, [&] {
            for (const Expr& value : values) expression(value);
            with_facts(predicate, [&] {
                for (const Expr& value : guarded) expression(value);
                if (!s.as<Copy>())
                    for (const Place& place : places) access(place.storage, place.indices);
            });
            if (const auto* copy = s.as<Copy>())  // without a fill, nothing is written where the predicate fails
                with_facts(copy->fill.defined() ? Expr(true) : predicate,
                           [&] { access(places[0].storage, places[0].indices); });
        });
    }
    template <class Body>
    void tile_scope(const std::vector<TileDim>& dims, std::size_t i, Body body) {
        if (i == dims.size()) return body();
        in_scope(dims[i].var, Expr::integer(0), dims[i].extent, [&] { tile_scope(dims, i + 1, body); });
    }

    template <class Body>
    void in_scope(const Symbol& var, const Expr& min, const Expr& extent, Body body) {
        if (!symbols_.insert(var).second) object("variable " + var.name() + " is defined twice");
        ranges_[var] = {min, simplify(min + extent - Expr::integer(1))};
        const auto* count = extent.as<IntImm>();
        if (!count || count->value > 0) body();  // what never runs breaks no promise
        ranges_.erase(var);
        symbols_.erase(var);
    }
    /// With a symbol in the place of each number from memory that is taken into a range: wherever it stands, the same.
    Expr named(const Expr& e) {
        return rewrite(e, [&](const Expr& node) {
            const auto* outer = node.as<Binary>();
            const bool bounds = outer && (outer->op == BinaryOp::max || outer->op == BinaryOp::min);
            if (!bounds || (!outer->a.as<IntImm>() && !outer->b.as<IntImm>())) return Expr();
            const Expr& rest = outer->a.as<IntImm>() ? outer->b : outer->a;  // max(0, min(number, 9)), or min(max(...))
            const auto* inner = rest.as<Binary>();
            if (!inner || !inner->b.as<IntImm>() || !checked_index(inner->a)) return Expr();
            if (inner->op != (outer->op == BinaryOp::max ? BinaryOp::min : BinaryOp::max)) return Expr();
            const Interval range = interval_of(node, ranges_);
            if (range.min == Interval::minus_infinity || range.max == Interval::plus_infinity) return Expr();
            for (const auto& [known, symbol] : named_)
                if (equal(known, node)) return Expr(symbol);
            named_.emplace_back(node, Symbol("number" + std::to_string(named_.size()), SymbolKind::loop));
            ranges_[named_.back().second] = {Expr::integer(range.min), Expr::integer(range.max)};
            return Expr(named_.back().second);
        });
    }

    template <class Body>
    void with_facts(const Expr& condition, Body body) {
        const std::size_t before = facts_.size(), others = other_facts_.size();
        const std::vector<Expr> terms = terms_of(named(condition));
        const auto fails = [&](const Expr& term) { return prove(term, ranges_) == false; };
        if (std::any_of(terms.begin(), terms.end(), fails)) return;  // never reached: a later pass drops it
        for (const Expr& term : terms) {
            const auto* equality = term.as<Binary>();
            if (equality && equality->op == BinaryOp::eq && equality->a.type() == i64) {
                const Linear difference = linear_of(equality->a) - linear_of(equality->b);
                facts_.push_back(difference);
                facts_.push_back(difference * -1);
            } else if (const auto sum = at_least_zero(term))
                facts_.push_back(reduced(*sum));
            else
                other_facts_.push_back(term);
        }
        body();
        facts_.resize(before);
        other_facts_.resize(others);
    }

    void expression(const Expr& e) {
        if (!e.defined()) return;
        if (const auto* choice = e.as<Select>()) {
            expression(choice->condition);
            with_facts(choice->condition, [&] { expression(choice->when_true); });
            expression(choice->when_false);
            return;
        }
        if (const auto* both = e.as<Binary>(); both && both->op == BinaryOp::logical_and) {
            expression(both->a);
            with_facts(both->a, [&] { expression(both->b); });
            return;
        }
        if (const auto* variable = e.as<Variable>(); variable && !symbols_.count(variable->symbol))
            object("variable " + variable->symbol.name() + " is used outside of its loop");
        if (const auto* read = e.as<Read>()) {
            if (read->boundary.mode != BoundaryMode::none)
                object("a read of " + read->tensor->name + " has a boundary");
            return access(AnyTensor(read->tensor), read->indices);
        }
        for (const Expr& operand : operands_of(e)) expression(operand);
    }

    void access(const AnyTensor& storage, const std::vector<Expr>& indices) {
        if (!storage_.count(storage.node())) object("storage " + storage.name() + " is not defined");
        for (const Expr& index : indices) expression(index);
        if (const int count = static_cast<int>(indices.size()); count != storage.rank() && count + 1 != storage.rank())
            object(storage.name() + " is accessed with " + std::to_string(indices.size()) + " indices");
        for (std::size_t d = 0; d < indices.size(); ++d) {
            const Expr& extent = storage.shape()[d].expr();
            const Expr index = named(indices[d]);
            if (!holds(Expr::integer(0) <= index) || !holds(index < extent))
                object(storage.name() + " may be accessed outside: index " + print(indices[d]) + " of dimension " +
                       std::to_string(d) + ", extent " + print(extent));
        }
    }

    // From the ranges alone, or from the facts around.
    bool holds(const Expr& test) const {
        if (prove(test, ranges_) == true) return true;
        for (const Expr& fact : other_facts_)
            if (equal(fact, test)) return true;
        // What is false everywhere is right where the facts contradict each other: it is never reached.
        const auto target = is_const(test, 0) ? std::optional(Linear{{}, -1, false}) : at_least_zero(test);
        if (!target) return checked_index(test);
        if (at_points(*target, 20000) == true) return true;
        tried_.clear();
        if (follows(*target, 0)) return true;
        const auto apart = at_least_zero(in_parts(test));  // as loops are divided by: (H - 1) / 2 + 1 is (H + 1) / 2
        return (apart && follows(*apart, 0)) || at_points(*target, 2000000) == true;
    }
    std::optional<bool> at_points(const Linear& target, std::int64_t most) const {
        std::vector<Expr> facts = other_facts_;
        for (const Linear& fact : facts_) facts.push_back(Expr::integer(0) <= to_expr(fact));
        return holds_at_points(Expr::integer(0) <= to_expr(target), facts, ranges_, most);
    }
    // sum >= 0 in smallest whole numbers.
    static Linear reduced(Linear sum) {
        const std::int64_t common = common_factor(sum);
        if (common <= 1 || sum.overflow) return sum;
        sum.constant -= (sum.constant % common + common) % common;
        return divide_exactly(std::move(sum), common);
    }
    // target >= 0 from a sum of facts, each as often as cancels one of the target's terms, and from what quotients are.
    bool follows(Linear target, std::size_t first) const {
        if (target.overflow || tried_.size() > 5000) return false;
        target = reduced(std::move(target));
        const Expr sum = to_expr(target);
        if (!tried_.emplace(print(sum), symbols_of(sum), first).second) return false;  // it is not proved from here
        if (prove(Expr::integer(0) <= sum, ranges_) == true) return true;
        for (std::size_t i = first; i < facts_.size(); ++i) {
            for (const LinearTerm& mine : target.terms)
                for (const LinearTerm& given : facts_[i].terms) {
                    if ((mine.factor > 0) != (given.factor > 0) || !equal(mine.product, given.product)) continue;
                    // times * target + times - 1 >= 0 is as good, in whole numbers.
                    const std::int64_t common = std::gcd(mine.factor, given.factor);
                    const std::int64_t times = std::abs(given.factor) / common;
                    Linear rest = target * times - facts_[i] * (std::abs(mine.factor) / common);
                    rest.constant += times - 1;
                    if (follows(rest, i + 1)) return true;
                }
        }
        for (const LinearTerm& term : target.terms)
            if (const auto* atom = term.product.as<Binary>(); atom && follows_within(target, term, *atom, first))
                return true;
        return false;
    }
    // The same with one term replaced by what bounds it.
    bool follows_within(const Linear& target, const LinearTerm& term, const Binary& atom, std::size_t first) const {
        Linear rest = target;
        std::erase_if(rest.terms, [&](const LinearTerm& t) { return equal(t.product, term.product); });
        const auto* divisor = atom.b.as<IntImm>();
        if (atom.op == BinaryOp::div && divisor && divisor->value > 0) {
            // k * floor(a / c) lies between k * (a - c + 1) / c and k * a / c; whole numbers over -1 are at least 0.
            const std::int64_t c = divisor->value;
            const Linear dividend = linear_of(atom.a);
            for (const Linear& fact : facts_) {  // a <= end, or begin <= a: the quotient has a bound of its own
                const Linear sum = term.factor < 0 ? fact + dividend : dividend - fact;
                if (sum.overflow || !sum.terms.empty()) continue;
                Linear bounded = rest;
                bounded.constant += term.factor * floor_div(sum.constant, c);
                if (follows(bounded, first)) return true;
            }
            Linear bound = dividend;
            if (term.factor > 0) bound.constant -= c - 1;
            bound = rest * c + bound * term.factor;
            bound.constant += c - 1;
            return !bound.overflow && follows(bound, first);
        }
        if (atom.op == BinaryOp::mod && divisor && divisor->value > 0) {
            // a % c = a - c * (a / c): parts of a fused variable meet again.
            const Linear quotient = linear_of(simplify(atom.a / atom.b));
            return follows(rest + (linear_of(atom.a) - quotient * divisor->value) * term.factor, first);
        }
        if (atom.op != BinaryOp::min && atom.op != BinaryOp::max) return false;
        // Boundaries fold indices with min and max: one operand is it; the larger is at least half of the sum.
        const Linear a = linear_of(atom.a) * term.factor, b = linear_of(atom.b) * term.factor;
        if ((term.factor > 0) == (atom.op == BinaryOp::min))
            return follows(rest + a, first) && follows(rest + b, first);
        Linear half = rest * 2 + a + b;
        half.constant += 1;
        return follows(rest + a, first) || follows(rest + b, first) || follows(half, first);
    }
    // An index from data is tested at run time (insert_checks); folded indices (min, max) are decided by ranges only.
    static bool checked_index(const Expr& test) {
        bool data = false;
        for_each_node(test, [&](const Expr& node) { data = data || node.as<DataIndex>() || node.as<Read>(); });
        return data;
    }

    std::string_view pass_;
    Stmt statement_;
    std::set<std::shared_ptr<TensorNode>> storage_;
    std::set<Symbol> symbols_;
    Ranges ranges_;
    std::vector<Linear> facts_;
    std::vector<Expr> other_facts_;
    std::vector<std::pair<Expr, Symbol>> named_;
    std::set<Symbol> threads_;  ///< indices of threads, and of blocks of a cluster
    bool in_lanes_ = false, apart_ = false;
    mutable std::set<std::tuple<std::string, std::vector<Symbol>, std::size_t>> tried_;  ///< in vain, from a fact on
};

}  // namespace

void verify(const Function& function, std::string_view after_pass) {
    Verifier(function, after_pass).run(function.body);
}

}  // namespace heddle
