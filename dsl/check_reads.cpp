// dsl/check_reads.cpp -- proofs that reads stay inside their tensors, or within reach of their boundary.
#include <fmt/format.h>

#include <set>

#include "dsl/domain.h"
#include "dsl/print.h"
#include "dsl/visit.h"
#include "runtime/text.h"

namespace heddle {
namespace {

/// Expressions known to be at least 0 where a read happens.
using Facts = std::vector<Expr>;

/// What follows from `condition` having the value `holds`.
void append_facts(const Expr& condition, bool holds, Facts& facts) {
    if (const Unary* negation = condition.as<Unary>(); negation && negation->op == UnaryOp::logical_not)
        return append_facts(negation->operand, !holds, facts);
    const Binary* binary = condition.as<Binary>();
    if (!binary) return;
    if (binary->op == (holds ? BinaryOp::logical_and : BinaryOp::logical_or)) {
        append_facts(binary->a, holds, facts);
        append_facts(binary->b, holds, facts);
    }
    if (binary->a.type() != i64) return;
    const Expr difference = binary->b - binary->a;
    if (binary->op == BinaryOp::lt) facts.push_back(holds ? difference - 1 : -difference);
    if (binary->op == BinaryOp::le) facts.push_back(holds ? difference : -difference - 1);
    if (binary->op == (holds ? BinaryOp::eq : BinaryOp::ne)) {
        facts.push_back(difference);
        facts.push_back(-difference);
    }
}

bool at_least_zero(const Expr& e, const Ranges& ranges, const Facts& facts) {
    if (prove(Expr(0) <= e, ranges) == true) return true;
    for (const Expr& fact : facts)
        if (prove(fact <= e, ranges) == true) return true;
    return false;
}

std::string text_of(const Interval& interval) {
    const bool low = interval.min != Interval::minus_infinity, high = interval.max != Interval::plus_infinity;
    return fmt::format("[{}, {}]", low ? std::to_string(interval.min) : "...",
                       high ? std::to_string(interval.max) : "...");
}

std::string variables_of(const Expr& index) {
    std::vector<std::string> names;
    for (const Symbol& symbol : symbols_of(index))
        if (symbol.kind() != SymbolKind::parameter) names.push_back(symbol.name());
    return join(names, " or ");
}

bool reads_data(const Expr& index) {
    bool found = false;
    for_each_node(index, [&](const Expr& e) { found = found || e.kind() == ExprKind::Read; });
    return found;
}

class Checker {
public:
    Checker(const std::vector<DomainVar>& domain, const SourceLocation& where)
        : ranges_(ranges_of(domain)), where_(where) {}

    void walk(const Expr& e, const Facts& facts) {
        if (facts.empty() && !seen_.insert(e.get()).second) return;
        if (const Select* select = e.as<Select>()) {
            walk(select->condition, facts);
            walk_where(select->condition, true, select->when_true, facts);
            walk_where(select->condition, false, select->when_false, facts);
            return;
        }
        if (const Binary* binary = e.as<Binary>();
            binary && (binary->op == BinaryOp::logical_and || binary->op == BinaryOp::logical_or)) {
            walk(binary->a, facts);
            walk_where(binary->a, binary->op == BinaryOp::logical_and, binary->b, facts);
            return;
        }
        for (const Expr& operand : operands_of(e)) walk(operand, facts);
        if (const Read* read = e.as<Read>())
            for (std::size_t d = 0; d < read->indices.size(); ++d) check(*read, d, facts);
    }

private:
    void walk_where(const Expr& condition, bool holds, const Expr& e, Facts facts) {
        append_facts(condition, holds, facts);
        walk(e, facts);
    }

    void check(const Read& read, std::size_t d, const Facts& facts) const {
        const Expr extent = (*read.tensor->shape)[d].expr();
        Expr low(0), high = extent - 1;  // what the index may be, both included
        switch (read.boundary.mode) {
            case BoundaryMode::none:
                break;
            case BoundaryMode::zero:
            case BoundaryMode::constant:
            case BoundaryMode::skip:
                return;
            case BoundaryMode::replicate:
                if (!is_const(extent, 0)) return;
                break;
            case BoundaryMode::reflect:
                low = 1 - extent;
                high = 2 * extent - 2;
                break;
            case BoundaryMode::symmetric:
            case BoundaryMode::circular:
                low = -extent;
                high = 2 * extent - 1;
        }
        const Expr& index = read.indices[d];
        if (at_least_zero(index - low, ranges_, facts) && at_least_zero(high - index, ranges_, facts)) return;
        refuse(read, d, low, high);
    }

    [[noreturn]] void refuse(const Read& read, std::size_t d, const Expr& low, const Expr& high) const {
        const Expr& index = read.indices[d];
        const std::string &name = read.tensor->name, extent = print((*read.tensor->shape)[d].expr());
        const std::string range = text_of(interval_of(index, ranges_));
        if (read.boundary.mode == BoundaryMode::none && reads_data(index))
            throw UserError(where_,
                            fmt::format("{0} is read at dimension {1} by `{2}`, an index read from data, over {3}, "
                                        "its extent is {4}: write index(..., {4}) around the data to check each "
                                        "value, or add IndexMode::clamped to move it inside",
                                        name, d, print(index), range, extent));
        const std::string variables = variables_of(index);
        const std::string shrink = variables.empty() ? "" : " or shrink " + variables;
        if (read.boundary.mode == BoundaryMode::none)
            throw UserError(where_,
                            fmt::format("{0} is read at dimension {1} over {2}, its extent is {3}: add zero({0}), "
                                        "constant({0}, v), replicate({0}), reflect({0}), symmetric({0}), "
                                        "circular({0}) or skip({0}),{4}",
                                        name, d, range, extent, shrink.empty() ? " or read another element" : shrink));
        const std::string_view mode = name_of(read.boundary.mode);
        if (read.boundary.mode == BoundaryMode::replicate)
            throw UserError(where_,
                            fmt::format("replicate({0}) is read at dimension {1}, whose extent is 0: there is no "
                                        "element to repeat",
                                        name, d));
        throw UserError(
            where_, fmt::format("{0}({1}) is read at dimension {2} over {3}, its extent is {4}, and {0} reaches "
                                "[{5}, {6}]: use replicate({1}) or zero({1}),{7}",
                                mode, name, d, range, extent, print(simplified(low)), print(simplified(high)), shrink));
    }

    static Expr simplified(const Expr& e) { return Extent(e).expr(); }

    const Ranges ranges_;
    const SourceLocation& where_;
    std::set<const ExprNode*> seen_;
};

}  // namespace

void check_reads(const Expr& e, const std::vector<DomainVar>& domain, const SourceLocation& where) {
    for (const DomainVar& variable : domain)
        if (is_const(variable.extent.expr(), 0)) return;  // no point, no read
    Checker(domain, where).walk(e, {});
}

}  // namespace heddle
