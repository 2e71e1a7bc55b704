// schedules/nest_access.cpp -- index expressions as programs, and the elements that loops touch.
#include "schedules/nest_access.h"

#include <algorithm>
#include <cstdlib>
#include <set>

#include "dsl/visit.h"
#include "schedules/definition_facts.h"
#include "schedules/directive_support.h"

namespace heddle {
namespace {

using Span = IndexProgram::Span;
constexpr std::size_t most_slots = 64;

std::int64_t value_of(const Expr& e, std::int64_t otherwise) {
    if (const auto* literal = e.as<IntImm>()) return literal->value;
    const Interval range = interval_of(e, {});
    return range.max == Interval::plus_infinity ? otherwise : std::max(range.min, std::min(range.max, assumed_extent));
}

double weight_of(const Expr& e) {
    if (const auto* unary = e.as<Unary>()) {
        switch (unary->op) {
            case UnaryOp::negate:
            case UnaryOp::logical_not:
            case UnaryOp::abs:
            case UnaryOp::floor:
            case UnaryOp::ceil:
            case UnaryOp::round:
                return 1;
            case UnaryOp::sqrt:
            case UnaryOp::rsqrt:
                return 6;
            default:
                return 14;
        }
    }
    if (const auto* binary = e.as<Binary>())
        return binary->op == BinaryOp::div ? 4 : binary->op == BinaryOp::pow ? 20 : 1;
    return e.as<Select>() ? 1 : 0;
}

double operations_of(const Expr& e) {
    double count = weight_of(e);
    if (e.as<Read>()) return 0;
    for (const Expr& operand : operands_of(e)) count += operations_of(operand);
    return count;
}

std::vector<std::int64_t> row_major(const std::vector<std::int64_t>& shape) {
    std::vector<std::int64_t> strides(shape.size(), 1);
    for (std::size_t d = shape.size(); d-- > 1;) strides[d - 1] = strides[d] * std::max<std::int64_t>(1, shape[d]);
    return strides;
}

class Collector {
public:
    Collector(const LoopNest& nest, const StageNest& stage) : nest_(nest) {
        result_.stage = &stage;
        add_loops(stage);
        for (const NestLoop& loop : result_.loops) slots_.push_back(loop.var);
    }

    StageAccesses run() {
        const StageNest& stage = *result_.stage;
        const Definition& definition = *stage.stage.definition;
        result_.operations = definition.op == UpdateOp::assign ? 0 : 1;
        for (const Expr& right : definition.right) {
            const auto* product = right.as<Binary>();
            result_.is_product = definition.op == UpdateOp::add && product && product->op == BinaryOp::mul;
            result_.operations += operations_of(right) - (result_.is_product ? 1 : 0);
            collect(right, stage.index);
        }
        if (definition.op == UpdateOp::tuple)
            for (const Expr& combine : definition.reducer.combine) result_.operations += operations_of(combine);
        if (definition.op == UpdateOp::argmax) result_.operations += 3;
        for (std::size_t i = 0; i < definition.right.size() && i < definition.targets.size(); ++i) {
            NestAccess access = access_of(definition.target(static_cast<int>(i)), definition.left, stage.index, {});
            access.writes = true;
            result_.writes.push_back(std::move(access));
        }
        for (const StageNest& other : nest_.stages)
            if (other.placement == Placement::epilogue && other.placed_in == stage.stage.name()) epilogue(other);
        result_.operations = std::max(result_.operations, 0.5);
        return std::move(result_);
    }

private:
    void add_loops(const StageNest& stage) {
        if (stage.placement == Placement::at)
            if (const StageNest* around = nest_.find(stage.placed_in)) {
                add_loops(*around);
                std::size_t inside = 0;
                while (inside < result_.loops.size() && !(result_.loops[inside].var == stage.placed_at)) ++inside;
                if (inside < result_.loops.size()) result_.loops.resize(inside + 1);
            }
        result_.own = static_cast<int>(result_.loops.size());
        for (const Loop& loop : stage.loops) {
            if (result_.loops.size() == most_slots) break;
            result_.loops.push_back({loop.var, std::max<std::int64_t>(1, value_of(loop.extent, assumed_extent)),
                                     loop.kind, loop.reduced, loop.partitioned, loop.clipped, loop.unroll,
                                     loop.pipeline});
        }
    }

    NestAccess access_of(const AnyTensor& tensor, const std::vector<Expr>& indices, const std::map<Symbol, Expr>& at,
                         const Boundary& boundary) const {
        NestAccess access;
        access.tensor = tensor;
        access.bytes = bytes_of(tensor.type());
        access.boundary = boundary.mode;
        for (std::size_t d = 0; d < indices.size(); ++d) {
            const std::int64_t extent = value_of(tensor.shape()[d].expr(), assumed_extent);
            access.shape.push_back(extent);
            access.index.emplace_back(substitute(indices[d], at), slots_, extent);
        }
        access.strides = row_major(access.shape);
        return access;
    }

    void collect(const Expr& e, const std::map<Symbol, Expr>& at) {
        if (const auto* read = e.as<Read>()) {
            for (const Expr& index : read->indices) collect(index, at);
            const AnyTensor tensor(read->tensor);
            for (const StageNest& other : nest_.stages)
                if (other.placement == Placement::inlined && other.stage.targets[0] == tensor)
                    return collect_inlined(other, *read, at);
            for (const Pack& pack : result_.stage->packs)
                if (pack.tensor == tensor) {
                    result_.reads.push_back(packed(pack));
                    return;
                }
            result_.reads.push_back(access_of(tensor, read->indices, at, read->boundary));
            return;
        }
        for (const Expr& operand : operands_of(e)) collect(operand, at);
    }

    void collect_inlined(const StageNest& producer, const Read& read, const std::map<Symbol, Expr>& at) {
        const Definition& definition = *producer.stage.definition;
        std::map<Symbol, Expr> inner;
        for (std::size_t d = 0; d < definition.left.size(); ++d)
            if (const auto* variable = definition.left[d].as<Variable>())
                inner[variable->symbol] = substitute(read.indices[d], at);
        for (const Expr& right : definition.right) {
            result_.operations += operations_of(right);
            collect(right, inner);
        }
    }

    NestAccess packed(const Pack& pack) const {
        NestAccess access;
        access.tensor = pack.tensor;
        access.bytes = bytes_of(pack.tensor.type());
        access.packed = true;
        for (const Symbol& loop : pack.order) {
            std::int64_t extent = 1;
            for (const NestLoop& each : result_.loops)
                if (each.var == loop) extent = each.extent;
            Expr at(loop);
            if (const DomainVar* variable = result_.stage->stage.definition->find(loop)) {
                extent = value_of(variable->extent.expr(), assumed_extent);
                at = result_.stage->index.at(loop);
            }
            access.shape.push_back(extent);
            access.index.emplace_back(at, slots_, extent);
        }
        access.strides = row_major(access.shape);
        return access;
    }

    // Runs over the elements of the stage: its result is the one that is written.
    void epilogue(const StageNest& other) {
        const Definition& definition = *other.stage.definition;
        if (definition.targets.empty() || result_.writes.empty()) return;
        const Definition& stage = *result_.stage->stage.definition;
        std::map<Symbol, Expr> at;
        for (std::size_t d = 0; d < std::min(definition.left.size(), stage.left.size()); ++d)
            if (const auto* variable = definition.left[d].as<Variable>())
                at[variable->symbol] = substitute(stage.left[d], result_.stage->index);
        NestAccess access = access_of(definition.target(0), definition.left, at, {});
        access.writes = true;
        result_.writes.assign(1, std::move(access));
    }

    const LoopNest& nest_;
    StageAccesses result_;
    std::vector<Symbol> slots_;
};

}  // namespace

bool NestAccess::moves_with(int loop) const {
    return std::any_of(index.begin(), index.end(), [&](const IndexProgram& each) { return each.moves_with(loop); });
}

std::int64_t NestAccess::address(const std::vector<std::int64_t>& loops) const {
    std::int64_t address = 0;
    for (std::size_t d = 0; d < index.size(); ++d) address += index[d].at(loops) * strides[d];
    return address;
}

std::int64_t NestAccess::stride(int loop, const std::vector<NestLoop>& loops) const {
    const auto slot = static_cast<std::size_t>(loop);
    if (!moves_with(loop) || loops[slot].extent < 2) return 0;
    std::vector<std::int64_t> at(loops.size(), 0);
    const std::int64_t first = address(at);
    at[slot] = 1;
    return address(at) - first;
}

NestAccess::Footprint NestAccess::footprint(const std::vector<bool>& running, const std::vector<NestLoop>& loops,
                                            int line_bytes) const {
    std::vector<Span> spans(loops.size());
    for (std::size_t i = 0; i < loops.size(); ++i)
        if (running[i]) spans[i].max = loops[i].extent - 1;
    Footprint result;
    double rows = 1;
    std::int64_t run = 1;
    bool contiguous = true;  // what lies further in is taken whole
    for (std::size_t d = index.size(); d-- > 0;) {
        const Span span = index[d].span(spans);
        const std::int64_t extent =
            std::clamp<std::int64_t>(span.max - span.min + 1, 1, std::max<std::int64_t>(1, shape[d]));
        result.elements *= static_cast<double>(extent);
        if (contiguous)
            run *= extent;
        else
            rows *= static_cast<double>(extent);
        contiguous = contiguous && extent == shape[d];
    }
    result.run_bytes = static_cast<double>(run * bytes);
    result.lines = rows * std::max(1.0, (result.run_bytes + line_bytes - bytes) / line_bytes);
    return result;
}

NestAccess::Footprint NestAccess::footprint(int depth, const std::vector<NestLoop>& loops, int line_bytes) const {
    std::vector<bool> running(loops.size());
    for (std::size_t i = static_cast<std::size_t>(depth); i < loops.size(); ++i) running[i] = true;
    return footprint(running, loops, line_bytes);
}

double NestAccess::places(int first, int last, const std::vector<NestLoop>& loops, int most) const {
    double count = 1;
    for (int i = first; i < last; ++i) count *= static_cast<double>(loops[static_cast<std::size_t>(i)].extent);
    if (count > most) return count;
    std::set<std::int64_t> seen;
    std::vector<std::int64_t> at(loops.size(), 0);
    for (int step = 0; step < static_cast<int>(count); ++step) {
        std::int64_t rest = step;
        for (auto i = static_cast<std::size_t>(last); i-- > static_cast<std::size_t>(first);) {
            at[i] = rest % loops[i].extent;
            rest /= loops[i].extent;
        }
        seen.insert(address(at));
    }
    return static_cast<double>(seen.size());
}

bool NestAccess::leaves(std::size_t d, const std::vector<NestLoop>& loops) const {
    std::vector<Span> spans(loops.size());
    for (std::size_t i = 0; i < loops.size(); ++i) spans[i].max = loops[i].extent - 1;
    const Span span = index[d].span(spans);
    return span.min < 0 || span.max >= shape[d];
}

int StageAccesses::depth_of(const Symbol& loop) const {
    for (std::size_t i = 0; i < loops.size(); ++i)
        if (loops[i].var == loop) return static_cast<int>(i) + 1;
    return 0;
}

double StageAccesses::trips(int from, int to) const {
    double product = 1;
    for (int i = from; i < to; ++i) product *= static_cast<double>(loops[static_cast<std::size_t>(i)].extent);
    return product;
}

StageAccesses accesses_of(const LoopNest& nest, const StageNest& stage) { return Collector(nest, stage).run(); }

}  // namespace heddle
