// codegen/matrix_views.cpp -- which variables become rows, columns and depth.
#include "codegen/matrix_views.h"

#include <fmt/format.h>

#include <algorithm>

#include "dsl/product_sum.h"
#include "runtime/matrix_operand.h"

namespace heddle {
namespace {

using Dimension = MatrixViews::Dimension;

std::int64_t stride_of(const Symbol& symbol, const std::vector<Expr>& indices,
                       const std::vector<std::int64_t>& strides) {
    for (std::size_t d = 0; d < indices.size(); ++d)
        if (const auto* variable = indices[d].as<Variable>(); variable && variable->symbol == symbol) return strides[d];
    return 0;
}

/// Variables of one group, with those joined that lie behind each other in every tensor that has them.
std::vector<Dimension> joined(std::vector<Dimension> group) {
    std::erase_if(group, [](const Dimension& d) { return d.extent == 1; });
    const auto stride = [](const Dimension& d) { return std::max({d.c, d.a, d.b}); };
    std::stable_sort(group.begin(), group.end(),
                     [&](const Dimension& x, const Dimension& y) { return stride(x) > stride(y); });
    std::vector<Dimension> result;
    for (const Dimension& d : group) {
        const auto behind = [&](std::int64_t outer, std::int64_t inner) { return outer == inner * d.extent; };
        if (!result.empty() && behind(result.back().c, d.c) && behind(result.back().a, d.a) &&
            behind(result.back().b, d.b))
            result.back() = {result.back().extent * d.extent, d.c, d.a, d.b};
        else
            result.push_back(d);
    }
    return result;
}

bool is_matrix(std::int64_t rows, std::int64_t columns, std::int64_t row_stride, std::int64_t column_stride) {
    static std::byte anywhere;
    return matrix_operand(Buffer(u8, {rows, columns}, &anywhere, {row_stride, column_stride})).has_value();
}

}  // namespace

std::int64_t MatrixViews::products() const {
    std::int64_t count = 1;
    for (const Dimension& loop : loops) count *= loop.extent;
    return count;
}

std::string MatrixViews::text() const {
    return fmt::format("{}[{},{}] * [{},{}]", products() == 1 ? "" : fmt::format("{} x ", products()), m.extent,
                       k.extent, k.extent, n.extent);
}

std::optional<MatrixViews> matrix_views(const Definition& definition, const MatrixProduct& product,
                                        const std::vector<std::int64_t>& c_strides,
                                        const std::vector<std::int64_t>& a_strides,
                                        const std::vector<std::int64_t>& b_strides) {
    const ProductSum reads = *product_sum_of(definition);
    const auto dimensions = [&](const std::vector<DomainVar>& group) {
        std::vector<Dimension> result;
        for (const DomainVar& v : group)
            result.push_back({v.extent.value(), stride_of(v.symbol, definition.left, c_strides),
                              stride_of(v.symbol, reads.a->indices, a_strides),
                              stride_of(v.symbol, reads.b->indices, b_strides)});
        return joined(result);
    };
    for (const DomainVar& v : definition.domain)
        if (!v.extent.is_static() || v.extent.value() == 0) return {};
    std::vector<Dimension> groups[3] = {dimensions(product.m), dimensions(product.n), dimensions(product.k)};
    for (auto& group : groups)
        if (group.empty()) group.push_back({});
    std::optional<MatrixViews> best;
    double most = 1;
    for (const Dimension& m : groups[0])
        for (const Dimension& n : groups[1])
            for (const Dimension& k : groups[2]) {
                const double size =
                    static_cast<double>(m.extent) * static_cast<double>(n.extent) * static_cast<double>(k.extent);
                if (size <= most || !is_matrix(m.extent, n.extent, m.c, n.c) ||
                    !is_matrix(m.extent, k.extent, m.a, k.a) || !is_matrix(k.extent, n.extent, k.b, n.b))
                    continue;
                most = size;
                best = MatrixViews{m, n, k, {}};
                for (const auto& [group, chosen] : {std::pair{&groups[2], &k}, {&groups[0], &m}, {&groups[1], &n}})
                    for (const Dimension& other : *group)
                        if (&other != chosen) best->loops.push_back(other);
            }
    if (best)
        for (const Dimension& d : dimensions(product.batch)) best->loops.push_back(d);
    return best;
}

std::vector<MatrixTriple> matrices_of(const MatrixViews& views, const Buffer& a, const Buffer& b, const Buffer& c) {
    const auto view = [](const Buffer& of, std::int64_t offset, std::vector<std::int64_t> shape,
                         std::vector<std::int64_t> strides) {
        return Buffer(of.type(), std::move(shape), static_cast<std::byte*>(of.data()) + offset * bytes_of(of.type()),
                      std::move(strides), of.device());
    };
    std::vector<std::int64_t> extents;
    for (const Dimension& loop : views.loops) extents.push_back(loop.extent);
    const auto& [m, n, k, loops] = views;
    std::vector<MatrixTriple> triples;
    for_each_index(extents, [&, &m = m, &n = n, &k = k, &loops = loops](const std::vector<std::int64_t>& at) {
        Dimension offset;
        bool accumulate = false;
        for (std::size_t i = 0; i < at.size(); ++i) {
            offset.a += at[i] * loops[i].a, offset.b += at[i] * loops[i].b, offset.c += at[i] * loops[i].c;
            accumulate = accumulate || (loops[i].c == 0 && at[i] > 0);
        }
        triples.push_back({view(a, offset.a, {m.extent, k.extent}, {m.a, k.a}),
                           view(b, offset.b, {k.extent, n.extent}, {k.b, n.b}),
                           view(c, offset.c, {m.extent, n.extent}, {m.c, n.c}), accumulate});
    });
    return triples;
}

}  // namespace heddle
