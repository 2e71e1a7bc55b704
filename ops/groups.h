// ops/groups.h -- channels in groups: checks, and indices of a filter and of the channels that it sees.
#pragma once

#include <string>

#include "dsl/tensor.h"

namespace heddle {

/// A size that groups must divide, with what it is called: "x's channels".
struct Divided {
    std::string tensor, what;
    Extent size;
};
/// Throws UserError unless groups is 1 or more and divides both.
void check_groups(const std::string& operation, int groups, const Divided& a, const Divided& b,
                  const SourceLocation& where);
/// Throws UserError unless a filter of `w` has the channels of one group of `x`.
void check_filter_channels(const std::string& operation, const AnyTensor& x, const Extent& channels, const AnyTensor& w,
                           const Extent& channels_of_group, int groups, const SourceLocation& where);
/// Throws UserError unless the bias has an element for each filter of `w`.
void check_bias(const std::string& operation, const AnyTensor& bias, const AnyTensor& w, const Extent& filters,
                const SourceLocation& where);
/// Both known, and not the same.
bool differ(const Extent& a, const Extent& b);

/// Indices of filter k and channel c. In several groups a free variable g goes over them: k = g * (K / groups) + i.
struct GroupIndices {
    Expr filter, filter_of_group, channel, channel_of_group;
};
/// `channel` (a reduction variable) runs over the channels of a group, `filter` over all filters where there is one
/// group.
GroupIndices group_indices(int groups, const Extent& channels, const Extent& filters, const Expr& channel,
                           const Expr& filter);

}  // namespace heddle
