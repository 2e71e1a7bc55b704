// ops/pad.cpp -- padding is one read with a boundary.
#include "ops/pad.h"

#include <fmt/format.h>

#include "dsl/print.h"
#include "dsl/simplify.h"
#include "ops/operator_rows.h"

namespace heddle {
namespace {

/// Points that a mode can put before or after N elements; -1: any number.
std::int64_t reach(BoundaryMode mode, std::int64_t extent) {
    if (mode == BoundaryMode::reflect) return extent - 1;
    return mode == BoundaryMode::symmetric || mode == BoundaryMode::circular ? extent : -1;
}

void check_amount(const AnyTensor& x, int d, int before, int after, const Boundary& mode, const SourceLocation& where) {
    const bool cuts = mode.mode == BoundaryMode::constant || mode.mode == BoundaryMode::zero;
    if (std::min(before, after) < 0 && !cuts)
        throw UserError(where, fmt::format("pad: {},{} in dimension {} of {}: only the modes constant and zero cut "
                                           "points off",
                                           before, after, d, x.name()));
    const Extent& extent = x.shape()[d];
    if (!extent.is_static()) return;
    const std::int64_t most = reach(mode.mode, extent.value());
    if (most >= 0 && std::max(before, after) > most)
        throw UserError(where, fmt::format("pad: {},{} in dimension {} of {}, whose extent is {}: {} fills {} points "
                                           "at most",
                                           before, after, d, x.name(), extent.value(), name_of(mode.mode), most));
    if (extent.value() + before + after < 0)
        throw UserError(where, fmt::format("pad: {},{} cut more than there is from dimension {} of {} ({})", before,
                                           after, d, x.name(), extent.value()));
}

}  // namespace

AnyTensor pad(const AnyTensor& x, const std::vector<int>& amounts, Boundary mode, std::string name,
              const CallSite& call) {
    const SourceLocation where(call);
    const int rank = x.rank(), padded = static_cast<int>(amounts.size()) / 2;
    if (amounts.size() % 2 != 0 || padded > rank)
        throw UserError(where, fmt::format("pad: {} numbers; it takes two for each padded dimension, last dimension "
                                           "first, and {} has {} dimension{}",
                                           amounts.size(), x.name(), rank, rank == 1 ? "" : "s"));
    if (mode.mode == BoundaryMode::none || mode.mode == BoundaryMode::skip)
        throw UserError(where, fmt::format("pad: the mode {} fills nothing", name_of(mode.mode)));
    if (mode == Boundary{BoundaryMode::constant, 0}) mode = {BoundaryMode::zero, 0};
    std::vector<Extent> shape = x.shape();
    std::vector<Expr> to, from;
    for (int d = 0; d < rank; ++d) {
        const bool is_padded = d >= rank - padded;
        if (is_padded) {
            const int before = amounts[2 * (rank - 1 - d)], after = amounts[2 * (rank - 1 - d) + 1];
            check_amount(x, d, before, after, mode, where);
            shape[d] = Expr(shape[d]) + (before + after);
        }
        const Var i(fmt::format("i{}", d), shape[d]);
        to.push_back(i);
        from.push_back(is_padded ? simplify(i - amounts[2 * (rank - 1 - d)]) : i);
    }
    const AnyTensor y(std::move(name), x.type(), shape, call);
    y.at(to) = {Access(x.node(), from, mode), call};
    return y;
}

void append_pad_rows(std::vector<OperatorRow>& rows) {
    rows.push_back({"pad",
                    "points added around a tensor, as PyTorch's",
                    {{"x", {}, true, "of any number of dimensions"}},
                    {{"pad", "1,1 or 1,1,2,2", "", "before and after the last dimension, then the one before it, ..."},
                     {"mode", "constant", "constant", "constant, reflect, replicate, circular; also symmetric"},
                     {"value", "0", "0", "of the mode constant"}},
                    "pad x=f32:8x16x28x28 pad=3,3,2,2 mode=reflect",
                    [](const OperatorArguments& arguments) -> std::vector<AnyTensor> {
                        if (!arguments.stated("pad")) throw UserError("pad needs pad=..., for example pad=1,1,2,2");
                        Boundary mode;
                        if (arguments.text("mode") == "constant")
                            mode = {BoundaryMode::constant, arguments.number("value")};
                        else
                            mode = arguments.boundary("mode");
                        return {pad(arguments.tensor("x"), arguments.integers("pad"), mode)};
                    },
                    "Every mode pads any number of dimensions, the batch included."});
}

}  // namespace heddle
