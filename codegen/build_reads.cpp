// codegen/build_reads.cpp -- boundaries, inlined stages, tiles and packed copies behind the reads of a stage.
#include "codegen/build_reads.h"

#include <set>

#include "dsl/visit.h"

namespace heddle {
namespace {

// Zero reads that are factors of the whole of a sum's term: a padded zero there adds nothing.
void collect_factors(const Expr& e, std::set<const ExprNode*>& factors) {
    if (const auto* product = e.as<Binary>(); product && product->op == BinaryOp::mul) {
        collect_factors(product->a, factors);
        collect_factors(product->b, factors);
    } else if (const auto* negation = e.as<Unary>(); negation && negation->op == UnaryOp::negate) {
        collect_factors(negation->operand, factors);
    } else if (const auto* conversion = e.as<Cast>()) {
        collect_factors(conversion->operand, factors);
    } else if (const auto* constant = e.as<StopGradient>()) {
        collect_factors(constant->operand, factors);
    } else if (const auto* read = e.as<Read>(); read && read->boundary.mode == BoundaryMode::zero) {
        factors.insert(e.get());
    }
}

class Resolver {
public:
    Resolver(const LoopNest& nest, const ReadSources& sources) : nest_(nest), sources_(sources) {}

    ResolvedValue run(const Expr& e, const std::vector<DomainVar>& domain, UpdateOp op) {
        if (op == UpdateOp::assign) return {assigned(e, domain), Expr(true)};
        std::set<const ExprNode*> factors;
        if (op == UpdateOp::add) collect_factors(e, factors);
        Expr participates = Expr(true);
        const Expr value = resolve(e, domain, factors, participates);
        return {value, participates};
    }

private:
    // The value of an `=`: elements whose point takes no part are 0.
    Expr assigned(const Expr& e, const std::vector<DomainVar>& domain) {
        Expr participates = Expr(true);
        const Expr value = resolve(e, domain, {}, participates);
        return is_const(participates, 1) ? value : select(participates, value, cast(value.type(), Expr::integer(0)));
    }

    Expr resolve(const Expr& e, const std::vector<DomainVar>& domain, const std::set<const ExprNode*>& factors,
                 Expr& participates) {
        if (const auto* read = e.as<Read>()) return resolve_read(e, *read, domain, factors, participates);
        std::vector<Expr> operands = operands_of(e);
        for (Expr& operand : operands) operand = resolve(operand, domain, factors, participates);
        return with_operands(e, operands);
    }

    Expr resolve_read(const Expr& e, const Read& read, const std::vector<DomainVar>& domain,
                      const std::set<const ExprNode*>& factors, Expr& participates) {
        const AnyTensor tensor(read.tensor);
        const auto source = sources_.find(read.tensor);
        std::set<const ExprNode*> none;
        ResolvedRead resolved = resolve_boundary(read, domain);
        for (Expr& index : resolved.indices) index = resolve(index, domain, none, participates);
        if (source != sources_.end() && source->second.in_loops) {
            // The copy holds what the boundary gives, but points that are left out stay out: of a packed copy those of
            // padded factors too, which a tile's zeros stand for.
            if (!resolved.outside.defined() || (factors.count(e.get()) && !source->second.padded))
                participates = conjunction(participates, resolved.inside);
            return load(source->second.storage, source->second.indices);
        }
        Expr value;
        if (source != sources_.end()) {
            std::vector<Expr> local;
            for (std::size_t d = 0; d < resolved.indices.size(); ++d)
                local.push_back(binary(BinaryOp::sub, resolved.indices[d], source->second.origin[d]));
            value = load(source->second.storage, std::move(local));
        } else if (const StageNest* producer = inlined(tensor)) {
            value = inline_stage(*producer, resolved.indices);
        } else {
            value = load(tensor, resolved.indices);
        }
        if (is_const(resolved.inside, 1)) return value;
        // A tile holds the padding of its box as well.
        const BoundaryMode mode = read.boundary.mode;
        if (source != sources_.end() && source->second.padded &&
            (mode == BoundaryMode::zero || mode == BoundaryMode::constant))
            return value;
        const bool skipped = !resolved.outside.defined();
        if (skipped || factors.count(e.get())) {
            participates = conjunction(participates, resolved.inside);
            return value;
        }
        return select(resolved.inside, value, resolved.outside);
    }

    const StageNest* inlined(const AnyTensor& tensor) const {
        for (const StageNest& stage : nest_.stages)
            if (stage.placement == Placement::inlined && stage.stage.targets[0] == tensor) return &stage;
        return nullptr;
    }

    Expr inline_stage(const StageNest& producer, const std::vector<Expr>& indices) {
        const Definition& definition = *producer.stage.definition;
        Expr value = assigned(definition.right[0], definition.domain);
        Substitution substitution;
        for (std::size_t d = 0; d < indices.size(); ++d) {
            const auto* variable = definition.left[d].as<Variable>();
            require(variable != nullptr, "an inlined stage has bare left indices");
            substitution[variable->symbol] = indices[d];
        }
        value = substitute(value, substitution);
        // What memory would have rounded, the inlined value rounds too.
        const ScalarType type = producer.stage.targets[0].type();
        return compute_type(type) == type ? value : cast(type, value);
    }

    const LoopNest& nest_;
    const ReadSources& sources_;
};

}  // namespace

Expr conjunction(const Expr& a, const Expr& b) {
    if (!a.defined() || is_const(a, 1)) return b;
    if (!b.defined() || is_const(b, 1)) return a;
    return binary(BinaryOp::logical_and, a, b);
}

ResolvedValue resolve_reads(const Expr& e, const std::vector<DomainVar>& domain, UpdateOp op, const LoopNest& nest,
                            const ReadSources& sources) {
    return Resolver(nest, sources).run(e, domain, op);
}

}  // namespace heddle
