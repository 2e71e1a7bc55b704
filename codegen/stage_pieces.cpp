// codegen/stage_pieces.cpp -- products whose operands are split into two narrower pieces.
//
// x = high + rest, where high has the bits that tf32 keeps; the products high * high + high * rest + rest * high are as
// exact as those of f32 (Markidis et al. 2018, section IV). A first operand is split in registers, on its way to the
// tensor cores. A second one that tensor cores read from shared memory is copied there twice: as it is, for they leave
// out the low bits themselves, and its rest, which a launch before has computed.
#include "codegen/stage_builder.h"
#include "dsl/simplify.h"
#include "schedules/atom.h"

namespace heddle {

void StageBuilder::plan_pieces() {
    const Atom* atom = stage_.tensorize ? find_atom(stage_.tensorize->atom, nest_.target.kind) : nullptr;
    if (!multiplies() || !atom || atom->accuracy != AccuracyClass::tf32 || stage_.precision.pieces != 2)
        throw UserError(stage_.stage.name() + ": precision(..., pieces=" + std::to_string(stage_.precision.pieces) +
                        ") is emitted for two pieces of f32 on atoms of class tf32");
    if (atom->issuer != "warpgroup") return;
    const auto* product = definition_.right[0].as<Binary>();
    const auto *a = product->a.as<Read>(), *b = product->b.as<Read>();
    const AnyTensor left(a->tensor), right(b->tensor), named_a = stage_.tensorize->a, named_b = stage_.tensorize->b;
    const bool swapped = (named_a.defined() && named_a == right) || (named_b.defined() && named_b == left);
    split_ = swapped ? left : right;
    std::vector<Expr> shape;
    for (const Extent& extent : split_.shape()) shape.push_back(extent.expr());
    rest_ = make_storage(split_.name() + "_rest", f32, shape);
}

Stmt StageBuilder::fill_rest(const Stmt& fill, const Allocate& like, Allocate& tile) {
    Copy copy = *fill.as<Copy>();
    std::vector<Expr> shape;
    for (const Extent& extent : like.storage.shape()) shape.push_back(extent.expr());
    tile.storage = make_storage(rest_.name() + "_tile", f32, shape);
    tile.memory = like.memory;
    tile.layout = like.layout;
    rest_tile_ = tile.storage;
    copy.to.storage = tile.storage;
    copy.source = load(rest_, copy.source.as<Read>()->indices);
    return Stmt::make(std::move(copy));
}

Stmt StageBuilder::prepare_rest() const {
    const Symbol element("element", SymbolKind::loop);
    std::vector<Expr> indices;
    Expr rest = Expr(element), count = Expr::integer(1);
    for (int d = split_.rank() - 1; d >= 0; --d) {
        const Expr& extent = split_.shape()[d].expr();
        indices.insert(indices.begin(), d == 0 ? rest : rest % extent);
        rest = rest / extent;
        count = count * extent;
    }
    Call call;
    call.function = "rest_of_tf32";
    call.operands.emplace_back();
    call.operands[0].value = load(split_, indices);
    call.to = {rest_, indices};
    For loop;
    loop.var = element;
    loop.min = Expr::integer(0);
    loop.extent = simplify(count);
    loop.kind = LoopKind::parallel;
    loop.body = Stmt::make(std::move(call));
    return Stmt::make(std::move(loop));
}

}  // namespace heddle
