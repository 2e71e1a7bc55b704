// ops/groups.cpp -- channels in groups.
#include "ops/groups.h"

#include <fmt/format.h>

#include "dsl/print.h"

namespace heddle {

bool differ(const Extent& a, const Extent& b) { return a.is_static() && b.is_static() && a.value() != b.value(); }

void check_groups(const std::string& operation, int groups, const Divided& a, const Divided& b,
                  const SourceLocation& where) {
    if (groups < 1) throw UserError(where, fmt::format("{}: groups is {}; it is 1 or more", operation, groups));
    if (groups == 1) return;
    for (const Divided& divided : {a, b})
        if (!divided.size.is_static() || divided.size.value() % groups != 0)
            throw UserError(where, fmt::format("{}: groups={} does not divide {}'s {} ({})", operation, groups,
                                               divided.tensor, divided.what, print(divided.size.expr())));
}

void check_filter_channels(const std::string& operation, const AnyTensor& x, const Extent& channels, const AnyTensor& w,
                           const Extent& channels_of_group, int groups, const SourceLocation& where) {
    const Extent expected = groups == 1 ? channels : Extent(channels.value() / groups);
    if (differ(expected, channels_of_group))
        throw UserError(
            where, fmt::format("{}: {} has {} channels in {} group{}, so that a filter of {} needs {}; it has {}",
                               operation, x.name(), print(channels.expr()), groups, groups == 1 ? "" : "s", w.name(),
                               print(expected.expr()), print(channels_of_group.expr())));
}

void check_bias(const std::string& operation, const AnyTensor& bias, const AnyTensor& w, const Extent& filters,
                const SourceLocation& where) {
    if (bias.rank() != 1 || differ(bias.shape()[0], filters))
        throw UserError(where, fmt::format("{}: {} has {} elements, {} has {} filters", operation, bias.name(),
                                           bias.rank() == 1 ? print(bias.shape()[0].expr()) : "several dimensions of",
                                           w.name(), print(filters.expr())));
}

GroupIndices group_indices(int groups, const Extent& channels, const Extent& filters, const Expr& channel,
                           const Expr& filter) {
    if (groups == 1) return {filter, filter, channel, channel};
    const std::int64_t in = channels.value() / groups, out = filters.value() / groups;
    const Expr g = Var("g", groups), i = Var("i", out);
    GroupIndices of{g * out + i, i, g * in + channel, channel};
    if (out == 1) {
        of.filter = g;
        of.filter_of_group = 0;
    }
    if (in == 1) {
        of.channel = g;
        of.channel_of_group = 0;
    }
    return of;
}

}  // namespace heddle
