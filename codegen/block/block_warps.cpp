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

    const Symbol p("i", SymbolKind::loop), q("j", SymbolKind::loop), r("r", SymbolKind::loop);
    const std::string multiply = "mma_m16n8k" + std::to_string(atom.k) + "_";
    const int bytes = bytes_of(type), unit = 16 / bytes;  // a row of a matrix is 16 bytes
    const std::int64_t packed = std::max(1, 4 / bytes);   // elements of a register, neighbours along the sum
    const Expr quad = lane / number(4), within = lane % number(4);
    // Elements that have no rows are gathered; of f32 in two pieces, one register each.
    const auto gather = [&](const std::string& function, const TileOperand& operand, const AnyTensor& into, bool is_a) {
        const int count = is_a ? down : across, registers = is_a ? 4 : 2;
        const Symbol at(is_a ? "i" : "j", SymbolKind::loop);
        const Expr row = is_a ? row0 + Expr(at) * number(16) + quad + Expr(r) % number(2) * number(8)
                              : column0 + Expr(at) * number(8) + quad;
        const Expr k_here = k0 + within * number(packed) + (is_a ? Expr(r) / number(2) : Expr(r)) * number(4 * packed);
        const bool neighbours = bytes == 2 && operand.has_pairs(is_a ? down * 16 : across * 8, steps * atom.k);
        Call node;
        node.function = neighbours ? "load_pair" : function;
        for (std::int64_t e = 0; e < (neighbours ? 1 : packed); ++e) {
            const std::vector<Expr> at_element = operand.indices(simplify(row), simplify(k_here + number(e)));
            node.operands.push_back(bytes == 2 ? address_operand(operand.storage(), at_element)
                                               : value_operand(load(operand.storage(), at_element)));
        }
        node.to = {into, {Expr(at), Expr(r)}};
        return unrolled(at, count, unrolled(r, registers, Stmt::make(std::move(node))));
    };
    // The hardware transposes pairs of bytes only: bytes that do not lie along the sum are gathered one by one.
    const auto has_matrices = [&](const TileOperand& operand) {
        return operand.has_rows(true, unit) || operand.has_rows(false, unit);
    };
    if (bytes == 2 || (bytes == 1 && a.has_rows(true, unit) && b.has_rows(true, unit))) {
        const AnyTensor left = make_storage("a", i32, {number(down), number(4)});
        const auto fetch = [&](const TileOperand& operand, CallOperand into, const Expr& row, bool is_a) -> Stmt {
            const bool k_major = operand.contiguous(true, unit);
            // Each lane names a row of a matrix; which rows make up which register: PTX ISA, "ldmatrix".
            const Expr of_matrix = lane % number(8), second = lane / number(8) % number(2), half = lane / number(16);
            const Expr along_row = is_a ? second : half, along_k = is_a ? half : second;
            const Expr at_row = row + along_row * number(8) + (k_major ? of_matrix : number(0));
            const Expr at_k = k0 + along_k * number(unit) + (k_major ? number(0) : of_matrix);
            return call(k_major ? "load_matrix_x4" : "load_matrix_x4_transposed",
                        {std::move(into), operand.address(simplify(at_row), simplify(at_k))});
        };
        const Stmt load_a =
            has_matrices(a)
                ? unrolled(i, down, fetch(a, array_operand(left, {Expr(i)}), row0 + Expr(i) * number(16), true))
                : gather("pack_pair", a, left, true);
        const auto products = [&](const CallOperand& right) {
            return unrolled(
                p, down,
                call(multiply + std::string(name_of(type)),
                     {array_operand(fragment.sums(), {Expr(p), Expr(q)}), array_operand(left, {Expr(p)}), right}));
        };
        if (!has_matrices(b)) {
            const AnyTensor right = make_storage("b", i32, {number(across), number(2)});
            return unrolled(k, steps,
                            in_registers({left, right}, "unsigned",
                                         block({load_a, gather("pack_pair", b, right, false),
                                                unrolled(q, across, products(array_operand(right, {Expr(q)})))})));
        }
        if (across % 2 != 0)
            throw UserError("tensorize(" + atom.name + "): a warp takes its columns in pairs of 8; it has " +
                            std::to_string(across) + " of them");
        // Two neighbours across at a time: registers of the second follow those of the first.
        const AnyTensor pairs = make_storage("b", i32, {number(across / 2), number(4)});
        const Stmt load_b =
            unrolled(j, across / 2, fetch(b, array_operand(pairs, {Expr(j)}), column0 + Expr(j) * number(16), false));
        // The pair of registers of one product is taken out of the four.
        const AnyTensor one = make_storage("b_one", i32, {number(2)});
        const auto half_of = [&](int e) {
            return load(pairs, {Expr(q) / number(2), simplify(Expr(q) % number(2) * number(2) + number(e))});
        };
        const Stmt multiplied = unrolled(q, across,
                                         block({store(one, {number(0)}, half_of(0)),
                                                store(one, {number(1)}, half_of(1)), products(array_operand(one))}));
        return unrolled(k, steps, in_registers({left, pairs, one}, "unsigned", block({load_a, load_b, multiplied})));
    }
    if (type != f32 && bytes != 1)
        throw UserError("tensorize(" + atom.name + ") is not emitted for " + std::string(name_of(type)));
    std::vector<AnyTensor> arrays;
    std::vector<Stmt> parts;
    const auto fetch = [&](const std::string& function, const TileOperand& operand, const std::string& name,
                           bool is_a) {
        arrays.push_back(make_storage(name, i32, {number(is_a ? down : across), number(is_a ? 4 : 2)}));
        parts.push_back(gather(function, operand, arrays.back(), is_a));
        return arrays.back();
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
