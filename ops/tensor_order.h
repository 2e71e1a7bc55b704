// ops/tensor_order.h -- orders of dimensions of activations and filters, for one, two and three spatial dimensions.
#pragma once

#include <string>
#include <vector>

#include "dsl/tensor.h"

namespace heddle {

/// Orders of dimensions. Activations: N (batch), C (channels), then H, W (one spatial dimension: W, three: D, H, W).
/// Filters: K (filters), C (channels of a group), R (rows), S (columns); one spatial dimension: S, three: T, R, S.
/// The names are those of two; of another number they say the same: N, C, spatial or N, spatial, C.
enum class ActivationLayout : std::uint8_t { nchw, nhwc };
enum class WeightLayout : std::uint8_t { kcrs, krsc, rsck };

/// Values of N, C and the spatial dimensions in the order of the layout.
template <class T>
std::vector<T> arranged(ActivationLayout layout, T n, T c, const std::vector<T>& spatial) {
    std::vector<T> all{n};
    if (layout == ActivationLayout::nchw) all.push_back(c);
    all.insert(all.end(), spatial.begin(), spatial.end());
    if (layout == ActivationLayout::nhwc) all.push_back(c);
    return all;
}
template <class T>
std::vector<T> arranged(WeightLayout layout, T k, T c, const std::vector<T>& taps) {
    std::vector<T> all;
    if (layout != WeightLayout::rsck) all.push_back(k);
    if (layout == WeightLayout::kcrs) all.push_back(c);
    all.insert(all.end(), taps.begin(), taps.end());
    if (layout != WeightLayout::kcrs) all.push_back(c);
    if (layout == WeightLayout::rsck) all.push_back(k);
    return all;
}

/// Sizes of a tensor by what they are, whatever its layout.
struct ActivationSizes {
    Extent batch = 0, channels = 0;
    std::vector<Extent> spatial;
};
struct FilterSizes {
    Extent filters = 0, channels = 0;
    std::vector<Extent> taps;
};
ActivationSizes sizes_of(const AnyTensor& x, ActivationLayout layout);
FilterSizes sizes_of(const AnyTensor& w, WeightLayout layout);

/// Number of spatial dimensions of `x`; throws UserError, which names `operation`, unless it is 1, 2 or 3.
int spatial_dimensions(const AnyTensor& x, std::string_view operation, const SourceLocation& where);

/// Variables by their customary names: outputs q; p, q; z, p, q. Taps s; r, s; t, r, s. Declared where sizes are given.
std::vector<Var> output_variables(int dimensions);
std::vector<Var> output_variables(const std::vector<Extent>& sizes);
std::vector<RVar> tap_variables(int dimensions);
std::vector<RVar> tap_variables(const std::vector<Extent>& sizes);
/// "columns"; "rows", "columns"; "planes", "rows", "columns".
std::string axis_name(int dimensions, int d);

template <class T>
std::vector<Expr> expressions(const std::vector<T>& values) {
    return std::vector<Expr>(values.begin(), values.end());
}

/// Letters of a layout for the table of operators: "ncw", "nchw", "ncdhw", ...; "kcs", "kcrs", "kctrs", ...
std::vector<std::string> activation_letters(int dimensions);
std::vector<std::string> filter_letters(int dimensions);

}  // namespace heddle
