// schedules/layout.cpp -- where the elements of a tile lie.
#include "schedules/layout.h"

#include <algorithm>
#include <cstdlib>

#include "runtime/text.h"

namespace heddle {
namespace {

std::string list(const std::vector<std::int64_t>& values) {
    std::vector<std::string> parts;
    for (const std::int64_t value : values) parts.push_back(std::to_string(value));
    return "[" + join(parts, ",") + "]";
}

}  // namespace

std::int64_t Swizzle::apply(std::int64_t byte_address) const {
    if (bits == 0) return byte_address;
    const std::int64_t mask = (std::int64_t{1} << bits) - 1;
    return byte_address ^ ((byte_address >> (base + shift) & mask) << base);
}

Layout Layout::row_major(std::vector<std::int64_t> shape, std::int64_t pad) {
    Layout layout;
    layout.strides.assign(shape.size(), 1);
    std::int64_t stride = 1;
    for (std::size_t d = shape.size(); d-- > 0;) {
        layout.strides[d] = stride;
        stride *= shape[d];
        if (d + 1 == shape.size()) stride += pad;
    }
    layout.shape = std::move(shape);
    return layout;
}

std::int64_t Layout::offset(const std::vector<std::int64_t>& indices) const {
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < indices.size(); ++d) {
        const bool blocks = block > 0 && d + 1 == indices.size();
        sum += blocks ? indices[d] / block * block_stride + indices[d] % block : indices[d] * strides[d];
    }
    return sum;
}

std::int64_t Layout::span() const {
    std::vector<std::int64_t> last;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (shape[d] == 0) return 0;
        last.push_back(strides[d] < 0 ? 1 - shape[d] : shape[d] - 1);
    }
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < last.size(); ++d)
        if (d + 1 < last.size() || block == 0) sum += std::abs(last[d] * strides[d]);
    if (block > 0) sum += last.back() / block * block_stride + std::min(last.back(), block - 1);
    return sum + 1;
}

std::string Layout::text() const {
    std::string text = list(shape) + ":" + list(strides);
    if (swizzle.bits > 0)
        text += " xor " + std::to_string(swizzle.bits) + "," + std::to_string(swizzle.base) + "," +
                std::to_string(swizzle.shift);
    if (block > 0) text += " in blocks of " + std::to_string(block) + ":" + std::to_string(block_stride);
    return text;
}

}  // namespace heddle
