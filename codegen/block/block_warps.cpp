// codegen/block/block_warps.cpp -- products of tiles by warps (mma.sync): operands through registers.
#include "codegen/block/tile_operand.h"
#include "schedules/atom.h"

namespace heddle {

Stmt BlockLowering::warp_product(const Mma& mma, const Fragment& fragment) const {
    const Atom& atom = *find_atom(mma.atom, TargetKind::cuda);
    const ProductDims dims = dims_of(mma);
    const TileOperand a(mma.a, dims.rows, dims.reduced, tile_layout(mma.a)),
        b(mma.b, dims.columns, dims.reduced, tile_layout(mma.b));
    const int down = fragment.down, across = fragment.across;
    const int steps = static_cast<int>(points_of(dims.reduced) / atom.k);
    const Expr lane = thread_id_ % Expr::integer(32), warp = thread_id_ / Expr::integer(32);
    const Expr row0 =
        simplify(warp % Expr::integer(warps_m_) * Expr::integer(static_cast<std::int64_t>(down) * atom.m));
    const Expr column0 =
        simplify(warp / Expr::integer(warps_m_) * Expr::integer(static_cast<std::int64_t>(across) * 8));
    const Symbol k("k", SymbolKind::loop), i("i", SymbolKind::loop), j("j", SymbolKind::loop);
    const Expr k0 = Expr(k) * Expr::integer(atom.k);
    const auto number = [](std::int64_t value) { return Expr::integer(value); };
    const ScalarType type = AnyTensor(mma.a.as<Read>()->tensor).type();

    if (atom.operands[0] == f64) {
        const AnyTensor left = make_storage("a", f64, {number(down)}), right = make_storage("b", f64, {number(across)});
        const Expr k_here = k0 + lane % number(4);
        const auto element = [&](const TileOperand& operand, const Expr& row) {
            return load(operand.storage(), operand.indices(simplify(row + lane / number(4)), simplify(k_here)));
        };
        Stmt body = block({unrolled(i, down, store(left, {Expr(i)}, element(a, row0 + Expr(i) * number(8)))),
                           unrolled(j, across, store(right, {Expr(j)}, element(b, column0 + Expr(j) * number(8))))});
        const Symbol p("i", SymbolKind::loop), q("j", SymbolKind::loop);
        body = block(
            {body, unrolled(p, down,
                            unrolled(q, across,
                                     call("mma_m8n8k4_f64", {array_operand(fragment.registers, {Expr(p), Expr(q)}),
                                                             value_operand(load(left, {Expr(p)})),
                                                             value_operand(load(right, {Expr(q)}))})))});
        for (const AnyTensor& storage : {left, right}) {
            Allocate node;
            node.storage = storage;
            node.memory = Memory::registers;
            node.body = body;
            body = Stmt::make(std::move(node));
        }
        return unrolled(k, steps, body);
    }

    const AnyTensor left = make_storage("a", i32, {number(down), number(4)});
    const AnyTensor right = make_storage("b", i32, {number(across), number(2)});
    const Symbol p("i", SymbolKind::loop), q("j", SymbolKind::loop);
    Stmt loads;
    if (bytes_of(type) == 2) {
        const auto fetch = [&](const TileOperand& operand, const AnyTensor& into, const Expr& row, bool is_a) -> Stmt {
            const bool k_major = operand.contiguous(true, 8);
            if (!k_major && !operand.contiguous(false, 8))
                throw UserError("tensorize(" + atom.name + "): eight elements of " + operand.storage().name() +
                                " in shared memory are contiguous neither along the sum nor across it");
            // Each lane names a row of eight elements; which rows make up which register: PTX ISA, "ldmatrix".
            const Expr within = lane % number(8), second = lane / number(8) % number(2), half = lane / number(16);
            const Expr along_row = is_a ? second : half, along_k = is_a ? half : second;
            const Expr at_row = row + along_row * number(8) + (k_major ? within : number(0));
            const Expr at_k = k0 + along_k * number(8) + (k_major ? number(0) : within);
            return call(k_major ? "load_matrix_x4" : "load_matrix_x4_transposed",
                        {array_operand(into, {}), operand.address(simplify(at_row), simplify(at_k))});
        };
        Stmt load_a = fetch(a, left, row0 + Expr(i) * number(16), true);
        Call into_a = *load_a.as<Call>();
        into_a.operands[0] = array_operand(left, {Expr(i)});
        if (across % 2 != 0)
            throw UserError("tensorize(" + atom.name + "): a warp takes its columns in pairs of 8; it has " +
                            std::to_string(across) + " of them");
        // Two neighbours across at a time: registers of the second follow those of the first.
        const AnyTensor pairs = make_storage("b", i32, {number(across / 2), number(4)});
        Stmt load_b = fetch(b, pairs, column0 + Expr(j) * number(16), false);
        Call into_b = *load_b.as<Call>();
        into_b.operands[0] = array_operand(pairs, {Expr(j)});
        // The pair of registers of one product is taken out of the four.
        const AnyTensor one = make_storage("b_one", i32, {number(2)});
        Stmt products = unrolled(
            q, across,
            block({store(one, {number(0)}, load(pairs, {Expr(q) / number(2), Expr(q) % number(2) * number(2)})),
                   store(one, {number(1)},
                         load(pairs, {Expr(q) / number(2), Expr(q) % number(2) * number(2) + number(1)})),
                   unrolled(p, down,
                            call("mma_m16n8k" + std::to_string(atom.k) + "_" + std::string(name_of(type)),
                                 {array_operand(fragment.registers, {Expr(p), Expr(q)}), array_operand(left, {Expr(p)}),
                                  array_operand(one)}))}));
        Stmt body = block({unrolled(i, down, Stmt::make(std::move(into_a))),
                           unrolled(j, across / 2, Stmt::make(std::move(into_b))), products});
        for (const AnyTensor& storage : {left, pairs, one}) {
            Allocate node;
            node.storage = storage;
            node.memory = Memory::registers;
            node.declared = "unsigned";
            node.body = body;
            body = Stmt::make(std::move(node));
        }
        return unrolled(k, steps, body);
    }
    if (type != f32) throw UserError("tensorize(" + atom.name + ") is not emitted for " + std::string(name_of(type)));
    // tf32: one element a register.
    const Symbol r("r", SymbolKind::loop);
    const auto bits = [&](const TileOperand& operand, const AnyTensor& into, std::vector<Expr> at, const Expr& row,
                          const Expr& kk) {
        Call node;
        node.function = "__float_as_uint";
        node.operands = {value_operand(load(operand.storage(), operand.indices(simplify(row), simplify(kk))))};
        node.to = {into, std::move(at)};
        return Stmt::make(std::move(node));
    };
    const Expr quad = lane / number(4), within = lane % number(4);
    loads = block({unrolled(i, down,
                            unrolled(r, 4,
                                     bits(a, left, {Expr(i), Expr(r)},
                                          row0 + Expr(i) * number(16) + quad + Expr(r) % number(2) * number(8),
                                          k0 + within + Expr(r) / number(2) * number(4)))),
                   unrolled(j, across,
                            unrolled(Symbol(r), 2,
                                     bits(b, right, {Expr(j), Expr(r)}, column0 + Expr(j) * number(8) + quad,
                                          k0 + within + Expr(r) * number(4))))});
    Stmt body =
        block({loads, unrolled(p, down,
                               unrolled(q, across,
                                        call("mma_m16n8k8_tf32",
                                             {array_operand(fragment.registers, {Expr(p), Expr(q)}),
                                              array_operand(left, {Expr(p)}), array_operand(right, {Expr(q)})})))});
    for (const AnyTensor& storage : {left, right}) {
        Allocate node;
        node.storage = storage;
        node.memory = Memory::registers;
        node.declared = "unsigned";
        node.body = body;
        body = Stmt::make(std::move(node));
    }
    return unrolled(k, steps, body);
}

}  // namespace heddle
