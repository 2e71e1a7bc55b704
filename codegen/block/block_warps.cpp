// codegen/block/block_warps.cpp -- products of tiles by warps (mma.sync): operands through registers.
#include "codegen/block/tile_operand.h"
#include "schedules/atom.h"

namespace heddle {

Stmt in_registers(const std::vector<AnyTensor>& arrays, const std::string& declared, Stmt body) {
    for (const AnyTensor& storage : arrays) {
        Allocate node;
        node.storage = storage;
        node.memory = Memory::registers;
        node.declared = declared;
        node.body = std::move(body);
        body = Stmt::make(std::move(node));
    }
    return body;
}

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
        body =
            block({body, unrolled(p, down,
                                  unrolled(q, across,
                                           call("mma_m8n8k4_f64", {array_operand(fragment.sums(), {Expr(p), Expr(q)}),
                                                                   value_operand(load(left, {Expr(p)})),
                                                                   value_operand(load(right, {Expr(q)}))})))});
        return unrolled(k, steps, in_registers({left, right}, "", body));
    }

    const Symbol p("i", SymbolKind::loop), q("j", SymbolKind::loop);
    const std::string multiply = "mma_m16n8k" + std::to_string(atom.k) + "_";
    const int bytes = bytes_of(type), unit = 16 / bytes;  // a row of a matrix is 16 bytes
    // The hardware transposes pairs of bytes only: bytes that do not lie along the sum are gathered one by one.
    if (bytes == 2 || (bytes == 1 && a.has_rows(true, unit) && b.has_rows(true, unit))) {
        const AnyTensor left = make_storage("a", i32, {number(down), number(4)});
        const auto fetch = [&](const TileOperand& operand, const AnyTensor& into, const Expr& row, bool is_a) -> Stmt {
            const bool k_major = operand.contiguous(true, unit);
            if (!k_major && !operand.contiguous(false, unit))
                throw UserError("tensorize(" + atom.name + "): eight elements of " + operand.storage().name() +
                                " in shared memory are contiguous neither along the sum nor across it");
            if (!operand.aligned(unit))
                throw UserError("tensorize(" + atom.name + "): rows of " + operand.storage().name() +
                                " in shared memory start at single elements, and are loaded at multiples of 16 bytes: "
                                "pad by multiples of 8, and cache what is read shifted in loop_coordinates");
            // Each lane names a row of a matrix; which rows make up which register: PTX ISA, "ldmatrix".
            const Expr within = lane % number(8), second = lane / number(8) % number(2), half = lane / number(16);
            const Expr along_row = is_a ? second : half, along_k = is_a ? half : second;
            const Expr at_row = row + along_row * number(8) + (k_major ? within : number(0));
            const Expr at_k = k0 + along_k * number(unit) + (k_major ? number(0) : within);
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
                            call(multiply + std::string(name_of(type)),
                                 {array_operand(fragment.sums(), {Expr(p), Expr(q)}), array_operand(left, {Expr(p)}),
                                  array_operand(one)}))}));
        Stmt body = block({unrolled(i, down, Stmt::make(std::move(into_a))),
                           unrolled(j, across / 2, Stmt::make(std::move(into_b))), products});
        return unrolled(k, steps, in_registers({left, pairs, one}, "unsigned", body));
    }
    if (type != f32 && bytes != 1)
        throw UserError("tensorize(" + atom.name + ") is not emitted for " + std::string(name_of(type)));
    // Four bytes, neighbours along the sum, or one f32 make a register; of f32 in two pieces, one register each.
    const std::int64_t packed = 4 / bytes;
    const Symbol r("r", SymbolKind::loop);
    const Expr quad = lane / number(4), within = lane % number(4);
    std::vector<AnyTensor> arrays;
    std::vector<Stmt> parts;
    const auto fetch = [&](const std::string& function, const TileOperand& operand, const std::string& name,
                           bool is_a) {
        const int count = is_a ? down : across, registers = is_a ? 4 : 2;
        const AnyTensor into = make_storage(name, i32, {number(count), number(registers)});
        const Symbol at(is_a ? "i" : "j", SymbolKind::loop);
        const Expr row = is_a ? row0 + Expr(at) * number(16) + quad + Expr(r) % number(2) * number(8)
                              : column0 + Expr(at) * number(8) + quad;
        const Expr k_here = k0 + within * number(packed) + (is_a ? Expr(r) / number(2) : Expr(r)) * number(4 * packed);
        Call node;
        node.function = function;
        for (std::int64_t e = 0; e < packed; ++e)
            node.operands.push_back(
                value_operand(load(operand.storage(), operand.indices(simplify(row), simplify(k_here + number(e))))));
        node.to = {into, {Expr(at), Expr(r)}};
        parts.push_back(unrolled(at, count, unrolled(r, registers, Stmt::make(std::move(node)))));
        arrays.push_back(into);
        return into;
    };
    const bool pieces = mma.pieces > 1;
    const std::string whole = bytes == 1 ? "pack_bytes" : pieces ? "high_of_tf32" : "__float_as_uint";
    const AnyTensor high_a = fetch(whole, a, "a", true), high_b = fetch(whole, b, "b", false);
    std::vector<std::pair<AnyTensor, AnyTensor>> products;  // the small ones first
    if (pieces) {
        products.emplace_back(fetch("rest_bits_of_tf32", a, "a_rest", true), high_b);
        products.emplace_back(high_a, fetch("rest_bits_of_tf32", b, "b_rest", false));
    }
    products.emplace_back(high_a, high_b);
    std::vector<Stmt> multiplies;
    for (const auto& [left, right] : products)
        multiplies.push_back(call(multiply + (bytes == 1 ? std::string(name_of(type)) : "tf32"),
                                  {array_operand(fragment.sums(), {Expr(p), Expr(q)}), array_operand(left, {Expr(p)}),
                                   array_operand(right, {Expr(q)})}));
    parts.push_back(unrolled(p, down, unrolled(q, across, block(std::move(multiplies)))));
    return unrolled(k, steps, in_registers(arrays, "unsigned", block(std::move(parts))));
}

}  // namespace heddle
