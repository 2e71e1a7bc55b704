// codegen/emit_cuda_vectors.cpp -- which accesses of a vectorized loop of emitted CUDA move several elements at once.
#include "codegen/emit_cuda_vectors.h"

#include <algorithm>

#include "codegen/passes/conditions.h"
#include "dsl/simplify.h"
#include "dsl/visit.h"

namespace heddle {
namespace {

bool multiple_of(std::int64_t value, std::int64_t n) { return value % n == 0; }

// The same modulo n, with fewer atoms: of e % m, where n divides m, e stays.
Linear modulo(const Linear& sum, std::int64_t n) {
    Linear result;
    result.constant = sum.constant;
    result.overflow = sum.overflow;
    for (const LinearTerm& term : sum.terms) {
        const auto* rest = term.product.as<Binary>();
        const auto* by = rest && rest->op == BinaryOp::mod ? rest->b.as<IntImm>() : nullptr;
        if (by && by->value > 0 && multiple_of(by->value, n)) {
            result = result + modulo(linear_of(rest->a), n) * term.factor;
            continue;
        }
        Linear one;
        one.terms = {term};
        result = result + one;
    }
    return result;
}

// sum = factor * lane + a multiple of n + rest: the rest in [0, n); nothing where that is not known.
struct Residue {
    std::int64_t factor, rest;
};
std::optional<Residue> residue(const Linear& whole, const Symbol& lane, std::int64_t n) {
    const Linear sum = modulo(whole, n);
    if (sum.overflow) return std::nullopt;
    const std::optional<std::int64_t> factor = factor_of(sum, lane);
    if (!factor) return std::nullopt;
    for (const LinearTerm& term : sum.terms)
        if (!uses(term.product, lane) && !multiple_of(term.factor, n)) return std::nullopt;
    return Residue{*factor, (sum.constant % n + n) % n};
}

// Whether a remainder that moves with the lanes may start anew among n of them: then they are not side by side.
bool wraps(const Linear& sum, const Symbol& lane, std::int64_t n) {
    return std::any_of(sum.terms.begin(), sum.terms.end(), [&](const LinearTerm& term) {
        const auto* rest = term.product.as<Binary>();
        if (!rest || rest->op != BinaryOp::mod || !uses(rest->a, lane)) return false;
        const auto* by = rest->b.as<IntImm>();
        const Linear inner = linear_of(rest->a);
        const std::optional<Residue> of = residue(inner, lane, n);
        if (!of || !by || !multiple_of(by->value, n) || wraps(inner, lane, n)) return true;
        const std::int64_t last = of->factor * (n - 1) + of->rest;
        return last < 0 || last >= n;
    });
}

class Analysis {
public:
    Analysis(const For& loop, const CudaText& text, std::int64_t lanes) : loop_(loop), text_(text), lanes_(lanes) {}

    std::optional<VectorLoop> run() {
        VectorLoop result;
        result.body = loop_.body;
        while (const auto* test = result.body.as<If>()) {
            for (const Expr& term : terms_of(test->condition)) {
                const Expr common = in_all_lanes(term);
                if (!common.defined()) {
                    if (!add_every(term, result)) return std::nullopt;
                    continue;
                }
                result.condition =
                    result.condition.defined() ? binary(BinaryOp::logical_and, result.condition, common) : common;
            }
            result.body = test->then;
        }
        if (!result.condition.defined() && !result.every.defined()) split_choice(result);
        for_each_stmt(result.body, [&](const Stmt& s) {
            plain_ = plain_ && !s.as<For>() && !s.as<If>() && !s.as<Check>() && !s.as<Shuffle>() && !s.as<Barrier>();
            if (const auto* store = s.as<Store>()) written_.push_back(store->to.storage.node().get());
        });
        if (!plain_) return std::nullopt;
        for_each_stmt(result.body, [&](const Stmt& s) {
            const auto* store = s.as<Store>();
            if (!store) return;
            find_reads(store->value, {}, true, result);
            if (std::count(written_.begin(), written_.end(), store->to.storage.node().get()) == 1 &&
                at_once(store->to.storage, store->to.indices))
                result.stores.push_back(store);
        });
        if (result.reads.empty() && result.stores.empty() && !(aligned_row_ && lanes_ > 4)) return std::nullopt;
        return result;
    }

private:
    // to = choice ? value : otherwise, where all lanes choose alike.
    void split_choice(VectorLoop& result) {
        const auto* store = result.body.as<Store>();
        const auto* choice = store ? store->value.as<Select>() : nullptr;
        if (!choice) return;
        VectorLoop split;
        for (const Expr& term : terms_of(choice->condition)) {
            const Expr common = in_all_lanes(term);
            if (common.defined())
                split.condition =
                    split.condition.defined() ? binary(BinaryOp::logical_and, split.condition, common) : common;
            else if (!add_every(term, split))
                return;
        }
        if (!split.condition.defined() && !split.every.defined()) return;
        Store chosen = *store;
        chosen.value = choice->when_true;
        split.body = Stmt::make(std::move(chosen));
        split.range = split.range && !split.condition.defined();
        if (split.every.defined())  // where it fails, the lanes choose
            split.every =
                split.condition.defined() ? binary(BinaryOp::logical_and, split.condition, split.every) : split.every;
        else
            split.otherwise = choice->when_false;
        if (split.every.defined()) split.condition = Expr();
        result = std::move(split);
    }

    // A test that moves with the lanes holds in all of them where it holds in the first or the last.
    bool add_every(const Expr& term, VectorLoop& result) {
        const std::optional<Linear> sum = at_least_zero(term);
        const std::optional<std::int64_t> factor = sum ? factor_of(*sum, loop_.var) : std::nullopt;
        if (!factor) return false;
        aligned_row_ = aligned_row_ || std::any_of(sum->terms.begin(), sum->terms.end(), [](const LinearTerm& term) {
                           const auto* shift = term.product.as<Binary>();
                           return shift && shift->op == BinaryOp::mod;
                       });
        const Expr lane = Expr::integer(*factor > 0 ? 0 : lanes_ - 1);
        const auto at = [&](const Expr& of) { return simplify(substitute(term, {{loop_.var, of}}), text_.ranges); };
        const bool first = !result.every.defined();
        result.every = both(result.every, at(lane));
        // factor * lane + rest >= 0, of which there may be one a side.
        const Expr rest = simplify(substitute(to_expr(*sum), {{loop_.var, Expr::integer(0)}}), text_.ranges);
        Expr& side = *factor > 0 ? result.first : result.end;
        result.range = (first || result.range) && std::abs(*factor) == 1 && !side.defined();
        side = *factor > 0 ? simplify(-rest, text_.ranges) : simplify(rest + Expr::integer(1), text_.ranges);
        result.some = both(result.some, at(Expr::integer(lanes_ - 1) - lane));
        return true;
    }

    // A test that gives the same in all lanes, without the lane; undefined where it may differ.
    Expr in_all_lanes(const Expr& term) const {
        if (!uses(term, loop_.var)) return term;
        const std::optional<Linear> sum = at_least_zero(term);
        const std::optional<Residue> of = sum ? residue(*sum, loop_.var, lanes_) : std::nullopt;
        const bool same = of && !wraps(*sum, loop_.var, lanes_) &&
                          ((of->factor == 1 && of->rest == 0) || (of->factor == -1 && of->rest == lanes_ - 1));
        return same ? simplify(substitute(term, {{loop_.var, Expr::integer(0)}}), text_.ranges) : Expr();
    }

    bool at_once(const AnyTensor& storage, const std::vector<Expr>& indices) const {
        if (!text_.knows(storage) || text_.is_local(storage)) return false;
        const std::int64_t most = 16 / bytes_of(storage.type());
        if (text_.is_swizzled(storage) && lanes_ > most) return false;  // units of 16 bytes are moved
        const Linear offset = linear_of(text_.offset(storage, indices));
        const std::int64_t together = std::min(lanes_, most);
        const std::optional<Residue> of = residue(offset, loop_.var, together);
        return of && of->factor == 1 && of->rest == 0 && !wraps(offset, loop_.var, lanes_);
    }

    static Expr both(const Expr& a, const Expr& b) {
        return !a.defined() ? b : !b.defined() ? a : binary(BinaryOp::logical_and, a, b);
    }

    // Reads where `where` holds, the same in all lanes; `certain`: nothing else decides whether they are carried out.
    void find_reads(const Expr& e, const Expr& where, bool certain, VectorLoop& found) const {
        if (const auto* choice = e.as<Select>()) {
            find_reads(choice->condition, where, certain, found);
            Expr common;
            bool known = true;
            for (const Expr& term : terms_of(choice->condition)) {
                const Expr same = in_all_lanes(term);
                if (same.defined() && !has_reads(same))
                    common = both(common, same);
                else
                    known = false;
            }
            return find_reads(choice->when_true, both(where, common), certain && known, found);
        }
        if (const auto* operation = e.as<Binary>();
            operation && (operation->op == BinaryOp::logical_and || operation->op == BinaryOp::logical_or))
            return find_reads(operation->a, where, certain, found);
        if (e.kind() == ExprKind::PrintWhen) return;
        const auto* read = e.as<Read>();
        if (!read) {
            for (const Expr& operand : operands_of(e)) find_reads(operand, where, certain, found);
            return;
        }
        const AnyTensor tensor(read->tensor);
        if (std::find(written_.begin(), written_.end(), tensor.node().get()) != written_.end()) return;
        if (!at_once(tensor, read->indices) || !(certain || is_inside(tensor, read->indices, where))) return;
        for (std::size_t i = 0; i < found.reads.size(); ++i) {
            if (!equal(found.reads[i], e)) continue;
            Expr& earlier = found.where[i];
            if (!where.defined() || !earlier.defined())
                earlier = Expr();
            else if (!equal(earlier, where))
                earlier = binary(BinaryOp::logical_or, earlier, where);
            return;
        }
        found.reads.push_back(e);
        found.where.push_back(where);
    }

    static bool has_reads(const Expr& e) {
        bool found = false;
        for_each_node(e, [&](const Expr& node) { found = found || node.as<Read>(); });
        return found;
    }

    // The element exists in all lanes, by what holds.
    bool is_inside(const AnyTensor& tensor, const std::vector<Expr>& indices, const Expr& where) const {
        std::vector<Linear> given;
        if (where.defined())
            for (const Expr& term : terms_of(where))
                if (const std::optional<Linear> sum = at_least_zero(term)) given.push_back(*sum);
        Ranges ranges = text_.ranges;
        ranges[loop_.var] = range_of_extent(loop_.extent);
        const auto holds = [&](const Linear& sum) {
            if (interval_of(to_expr(sum), ranges).min >= 0) return true;
            return std::any_of(given.begin(), given.end(),
                               [&](const Linear& known) { return interval_of(to_expr(sum - known), ranges).min >= 0; });
        };
        for (std::size_t d = 0; d < indices.size(); ++d) {
            const Linear index = linear_of(indices[d]);
            const Linear last = linear_of(tensor.shape()[static_cast<int>(d)].expr() - Expr::integer(1));
            if (!holds(index) || !holds(last - index)) return false;
        }
        return true;
    }

    const For& loop_;
    const CudaText& text_;
    const std::int64_t lanes_;
    bool plain_ = true;
    bool aligned_row_ = false;  ///< all lanes but those at a row's ends pass: one test for many is worth it by itself
    std::vector<const TensorNode*> written_;
};

// Where the first access that moves along the lanes stands between the multiples of n elements.
std::optional<std::int64_t> first_residue(const For& loop, const CudaText& text, std::int64_t n) {
    std::optional<std::int64_t> found;
    const auto look = [&](const AnyTensor& storage, const std::vector<Expr>& indices) {
        if (found || !text.knows(storage) || text.is_local(storage) || n * bytes_of(storage.type()) > 16) return;
        const std::optional<Residue> of = residue(linear_of(text.offset(storage, indices)), loop.var, n);
        if (of && of->factor == 1) found = of->rest;
    };
    for_each_expr(loop.body, [&](const Expr& e) {
        for_each_node(e, [&](const Expr& node) {
            if (const auto* read = node.as<Read>()) look(AnyTensor(read->tensor), read->indices);
        });
    });
    for_each_stmt(loop.body, [&](const Stmt& s) {
        if (const auto* store = s.as<Store>()) look(store->to.storage, store->to.indices);
    });
    return found;
}

// The iterations [first, first + count).
Stmt part_of(const For& loop, std::int64_t first, std::int64_t count, LoopKind kind, const CudaText& text) {
    For part = loop;
    part.extent = Expr::integer(count);
    part.kind = kind;
    Ranges ranges = text.ranges;
    ranges[loop.var] = range_of_extent(part.extent);
    const Expr iteration = count == 1 ? Expr::integer(first) : Expr(loop.var) + Expr::integer(first);
    Mutator move;
    move.expression = [&](const Expr& e) { return simplify(substitute(e, {{loop.var, iteration}}), ranges); };
    part.body = mutate(loop.body, move);
    return count == 1 ? part.body : Stmt::make(std::move(part));
}

}  // namespace

std::vector<Stmt> vector_parts(const For& loop, const CudaText& text) {
    const auto* extent = loop.extent.as<IntImm>();
    if (loop.kind != LoopKind::vectorized || !extent || !is_const(loop.min, 0)) return {};
    for (const std::int64_t lanes : {16, 8, 4, 2}) {
        const std::optional<std::int64_t> rest = first_residue(loop, text, lanes);
        if (!rest) continue;
        const std::int64_t head = (lanes - *rest) % lanes, whole = (extent->value - head) / lanes;
        if (extent->value <= head || whole == 0 || (head == 0 && whole * lanes == extent->value && whole == 1))
            continue;
        std::vector<Stmt> parts;
        if (head > 0) parts.push_back(part_of(loop, 0, head, LoopKind::unrolled, text));
        bool gains = false;
        for (std::int64_t i = 0; i < whole; ++i) {
            parts.push_back(part_of(loop, head + i * lanes, lanes, LoopKind::vectorized, text));
            gains = gains || vector_loop(*parts.back().as<For>(), text).has_value();
        }
        const std::int64_t done = head + whole * lanes;
        if (done < extent->value) parts.push_back(part_of(loop, done, extent->value - done, LoopKind::unrolled, text));
        if (gains) return parts;
    }
    return {};
}

std::optional<VectorLoop> vector_loop(const For& loop, const CudaText& text) {
    const auto* extent = loop.extent.as<IntImm>();
    const bool side_by_side = loop.kind == LoopKind::vectorized || loop.kind == LoopKind::unrolled;
    if (!side_by_side || !extent || !is_const(loop.min, 0)) return std::nullopt;
    const std::int64_t lanes = extent->value;
    if (lanes < 2 || lanes > 64 || (lanes & (lanes - 1)) != 0) return std::nullopt;
    return Analysis(loop, text, lanes).run();
}

}  // namespace heddle
