// codegen/shared_layout.cpp -- where the elements of a tile in a CUDA block's shared memory lie.
#include "codegen/shared_layout.h"

#include "schedules/directive_support.h"

namespace heddle {

Layout shared_layout(const CacheIn& cache, const std::vector<std::int64_t>& shape, const std::vector<bool>& outside) {
    const std::int64_t bytes = bytes_of(cache.tensor.type());
    Layout layout;
    layout.shape = shape;
    layout.strides.assign(shape.size(), 1);
    layout.swizzle = cache.swizzle;
    if (shape.empty()) return layout;
    const std::size_t last = shape.size() - 1;
    const std::int64_t width = cache.swizzle.bits > 0 ? (std::int64_t{16} << cache.swizzle.bits) / bytes : 0;
    std::int64_t stride = shape[last] + cache.pad;
    if (width > 0) {
        stride = width;  // a narrower tile leaves the rest of its rows empty
        if (shape[last] > width) layout.block = width;
    }
    const auto place = [&](bool outer) {
        for (std::size_t d = last; d-- > 0;)
            if (outside[d] == outer) {
                layout.strides[d] = stride;
                stride *= shape[d];
            }
    };
    place(false);
    if (layout.block > 0) {
        layout.block_stride = stride;
        stride *= (shape[last] + width - 1) / width;
    }
    place(true);
    return layout;
}

bool shorter_than_a_row(const Loop& loop, ScalarType type) {
    const std::optional<std::int64_t> extent = static_extent(loop);
    return extent && *extent * bytes_of(type) < 16;
}

}  // namespace heddle
