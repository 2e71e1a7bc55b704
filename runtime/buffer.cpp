// runtime/buffer.cpp -- allocation, checks and element access of Buffer.
#include "runtime/buffer.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <cstring>
#include <limits>
#include <new>

#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle {
namespace {

constexpr std::size_t alignment = 64;

/// Number of elements of a shape; throws for a negative extent and for a size in bytes past 2^63 - 1.
std::int64_t checked_elements(ScalarType type, const std::vector<std::int64_t>& shape) {
    bool empty = false;
    for (std::size_t d = 0; d < shape.size(); ++d) {
        if (shape[d] < 0)
            throw UserError(fmt::format("buffer {}: extent {} of dimension {} is negative; extents are 0 or more",
                                        describe_shape(shape), shape[d], d));
        empty |= shape[d] == 0;
    }
    if (empty) return 0;
    std::int64_t elements = 1, bytes = 0;
    bool overflow = false;
    for (std::int64_t extent : shape) overflow |= __builtin_mul_overflow(elements, extent, &elements);
    overflow |= __builtin_mul_overflow(elements, static_cast<std::int64_t>(bytes_of(type)), &bytes);
    if (overflow)
        throw UserError(fmt::format("buffer {} {}: its size passes 2^63 - 1 bytes, the largest that can be addressed",
                                    name_of(type), describe_shape(shape)));
    return elements;
}

/// Strides of a shape without gaps, the last dimension fastest. The strides of an empty shape mean nothing and may
/// wrap.
std::vector<std::int64_t> row_major_strides(const std::vector<std::int64_t>& shape) {
    std::vector<std::int64_t> strides(shape.size());
    std::uint64_t stride = 1;
    for (std::size_t d = shape.size(); d-- > 0;) {
        strides[d] = static_cast<std::int64_t>(stride);
        stride *= static_cast<std::uint64_t>(shape[d]);
    }
    return strides;
}

/// Lowest and highest offset in elements that a non-empty view touches; false when one does not fit 63 bits in bytes.
bool offset_range(const Buffer& buffer, std::int64_t& lowest, std::int64_t& highest) {
    lowest = highest = 0;
    bool overflow = false;
    for (int d = 0; d < buffer.rank(); ++d) {
        std::int64_t reach = 0;
        overflow |= __builtin_mul_overflow(buffer.shape()[d] - 1, buffer.strides()[d], &reach);
        std::int64_t& end = reach < 0 ? lowest : highest;
        overflow |= __builtin_add_overflow(end, reach, &end);
    }
    const std::int64_t limit = std::numeric_limits<std::int64_t>::max() / bytes_of(buffer.type()) - 1;
    return !overflow && lowest >= -limit && highest <= limit;
}

void check_on_host(const Buffer& buffer) {
    if (buffer.device())
        throw UserError(
            fmt::format("buffer {}: its elements are in the memory of CUDA device {}; copy them with "
                        "to_host() to work with them here",
                        describe(buffer), *buffer.device()));
}

/// Calls visit(address, n) for all elements, n counting them in row-major order of the index.
template <class F>
void for_each_element(const Buffer& buffer, F&& visit) {
    check_on_host(buffer);
    if (buffer.elements() == 0) return;
    require(buffer.data() != nullptr, "element access to a buffer without memory");
    const std::int64_t bytes = bytes_of(buffer.type());
    std::vector<std::int64_t> rows = buffer.shape();
    std::int64_t extent = 1, stride = 0;
    if (!rows.empty()) {
        extent = rows.back();
        stride = buffer.strides().back() * bytes;
        rows.back() = 1;
    }
    std::int64_t n = 0;
    for_each_index(rows, [&](const std::vector<std::int64_t>& index) {
        std::byte* address = static_cast<std::byte*>(buffer.data()) + buffer.offset(index) * bytes;
        for (std::int64_t i = 0; i < extent; ++i) visit(static_cast<void*>(address + i * stride), n++);
    });
}

/// Toward zero; NaN gives 0 and a value outside i64 the nearest limit.
std::int64_t whole(double value) {
    if (value != value) return 0;
    if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
    if (value < -0x1p63) return std::numeric_limits<std::int64_t>::min();
    return static_cast<std::int64_t>(value);
}

void store_element(ScalarType type, void* address, double value) {
    if (is_float(type))
        store_float(type, address, value);
    else if (type == boolean)
        store_int(type, address, value != 0);
    else
        store_int(type, address, whole(value));
}

/// SplitMix64 (Steele, Lea, Flood 2014) as a hash of a position: element n does not depend on the layout.
std::uint64_t random_bits(std::uint64_t seed, std::int64_t n) {
    std::uint64_t z = seed * 0xd1342543de82ef95ULL + static_cast<std::uint64_t>(n + 1) * 0x9e3779b97f4a7c15ULL;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
    return z ^ z >> 31;
}

void check_index(const Buffer& buffer, const std::vector<std::int64_t>& index) {
    check_on_host(buffer);
    if (!buffer.defined()) throw UserError(fmt::format("buffer {} has no memory", describe(buffer)));
    if (static_cast<int>(index.size()) != buffer.rank())
        throw UserError(fmt::format("buffer {}: index ({}) has {} coordinates; rank {} takes {}", describe(buffer),
                                    fmt::join(index, ", "), index.size(), buffer.rank(), buffer.rank()));
    for (int d = 0; d < buffer.rank(); ++d)
        if (index[d] < 0 || index[d] >= buffer.shape()[d])
            throw UserError(
                fmt::format("buffer {}: index ({}) is outside: coordinate {} is {}, and must be at least 0 and "
                            "less than {}",
                            describe(buffer), fmt::join(index, ", "), d, index[d], buffer.shape()[d]));
}

}  // namespace

Buffer::Buffer(ScalarType type, std::vector<std::int64_t> shape)
    : type_(type), shape_(std::move(shape)), strides_(row_major_strides(shape_)) {
    const auto bytes =
        static_cast<std::size_t>(checked_elements(type_, shape_)) * static_cast<std::size_t>(bytes_of(type));
    // calloc gives fresh pages of the system without touching them; it aligns to 16 bytes only.
    void* block = std::calloc(bytes + alignment, 1);
    if (block == nullptr)
        throw UserError(
            fmt::format("buffer {}: cannot allocate {}", describe(*this), format_bytes(static_cast<double>(bytes))));
    memory_ = std::shared_ptr<void>(block, [](void* p) { std::free(p); });
    const auto address = reinterpret_cast<std::uintptr_t>(block);
    data_ = static_cast<std::byte*>(block) + (alignment - address % alignment) % alignment;
}

Buffer::Buffer(ScalarType type, std::vector<std::int64_t> shape, void* data, std::vector<std::int64_t> strides)
    : type_(type), shape_(std::move(shape)), strides_(std::move(strides)), data_(data) {
    const std::int64_t elements = checked_elements(type_, shape_);
    if (strides_.empty()) strides_ = row_major_strides(shape_);
    if (strides_.size() != shape_.size())
        throw UserError(
            fmt::format("buffer {}: {} strides ({}) for {} dimensions; give one for each, or none for row-major",
                        describe(*this), strides_.size(), fmt::join(strides_, ", "), shape_.size()));
    std::int64_t lowest = 0, highest = 0;
    if (elements > 0 && !offset_range(*this, lowest, highest))
        throw UserError(fmt::format("buffer {}: the strides ({}) reach past 2^63 - 1 bytes, the largest offset",
                                    describe(*this), fmt::join(strides_, ", ")));
}

Buffer::Buffer(ScalarType type, std::vector<std::int64_t> shape, void* data, std::vector<std::int64_t> strides,
               std::optional<int> device, std::shared_ptr<void> memory)
    : Buffer(type, std::move(shape), data, std::move(strides)) {
    device_ = device;
    memory_ = std::move(memory);
}

std::int64_t Buffer::elements() const {
    std::uint64_t product = 1;  // of an empty shape it may wrap on the way to 0
    for (std::int64_t extent : shape_) product *= static_cast<std::uint64_t>(extent);
    return static_cast<std::int64_t>(product);
}

bool Buffer::contiguous() const {
    if (elements() == 0) return true;
    std::int64_t expected = 1;
    for (int d = rank() - 1; d >= 0; --d) {
        if (shape_[d] == 1) continue;  // never multiplied by more than 0
        if (strides_[d] != expected) return false;
        expected *= shape_[d];
    }
    return true;
}

std::pair<const std::byte*, const std::byte*> Buffer::byte_range() const {
    const auto* base = static_cast<const std::byte*>(data_);
    if (data_ == nullptr || elements() == 0) return {base, base};
    std::int64_t lowest = 0, highest = 0;
    require(offset_range(*this, lowest, highest), "a buffer's strides overflow");
    const std::int64_t bytes = bytes_of(type_);
    return {base + lowest * bytes, base + (highest + 1) * bytes};
}

std::int64_t Buffer::offset(const std::vector<std::int64_t>& index) const {
    std::int64_t sum = 0;
    for (std::size_t d = 0; d < shape_.size(); ++d) sum += index[d] * strides_[d];
    return sum;
}

double Buffer::get(const std::vector<std::int64_t>& index) const {
    check_index(*this, index);
    const void* address = static_cast<const std::byte*>(data_) + offset(index) * bytes_of(type_);
    return is_float(type_) ? load_float(type_, address) : static_cast<double>(load_int(type_, address));
}

void Buffer::set(const std::vector<std::int64_t>& index, double value) const {
    check_index(*this, index);
    store_element(type_, static_cast<std::byte*>(data_) + offset(index) * bytes_of(type_), value);
}

void Buffer::check_element_size(std::size_t bytes) const {
    if (bytes != static_cast<std::size_t>(bytes_of(type_)))
        throw UserError(fmt::format("buffer {}: read through a pointer to elements of {} bytes; one of {} has {}",
                                    describe(*this), bytes, name_of(type_), bytes_of(type_)));
}

Buffer Buffer::permuted(const std::vector<int>& order) const {
    std::vector<bool> seen(shape_.size(), false);
    bool valid = order.size() == shape_.size();
    for (int d : order) {
        valid = valid && d >= 0 && d < rank() && !seen[static_cast<std::size_t>(d)];
        if (valid) seen[static_cast<std::size_t>(d)] = true;
    }
    if (!valid)
        throw UserError(fmt::format("buffer {}: ({}) is no order of its dimensions; name each of 0 to {} once",
                                    describe(*this), fmt::join(order, ", "), rank() - 1));
    Buffer result = *this;
    for (std::size_t d = 0; d < order.size(); ++d) {
        result.shape_[d] = shape_[static_cast<std::size_t>(order[d])];
        result.strides_[d] = strides_[static_cast<std::size_t>(order[d])];
    }
    return result;
}

Buffer Buffer::copy() const {
    check_on_host(*this);
    Buffer result(type_, shape_);
    const auto bytes = static_cast<std::size_t>(bytes_of(type_));
    if (contiguous() && defined()) {
        if (elements() > 0) std::memcpy(result.data_, data_, static_cast<std::size_t>(elements()) * bytes);
        return result;
    }
    auto* target = static_cast<std::byte*>(result.data_);
    for_each_element(*this, [&](const void* address, std::int64_t n) {
        std::memcpy(target + static_cast<std::size_t>(n) * bytes, address, bytes);
    });
    return result;
}

void Buffer::fill(double value) const {
    for_each_element(*this, [&](void* address, std::int64_t) { store_element(type_, address, value); });
}

void Buffer::poison() const {
    if (is_float(type_)) return fill(std::numeric_limits<double>::quiet_NaN());
    const auto bytes = static_cast<std::size_t>(bytes_of(type_));
    for_each_element(*this, [&](void* address, std::int64_t) { std::memset(address, 0xA5, bytes); });
}

void Buffer::fill_random(std::uint64_t seed, bool integers) const {
    for_each_element(*this, [&](void* address, std::int64_t n) {
        const std::uint64_t bits = random_bits(seed, n) >> 40;  // 24 bits: exact in f32
        if (type_ == boolean) {
            store_int(type_, address, static_cast<std::int64_t>(bits & 1));
        } else if (integers || !is_float(type_)) {
            const std::int64_t lowest = is_signed(type_) ? -3 : 0;
            store_element(type_, address, static_cast<double>(lowest + static_cast<std::int64_t>(bits % (4 - lowest))));
        } else {
            store_float(type_, address, static_cast<double>(bits) * 0x1p-24 - 0.5);
            if (load_float(type_, address) == 0.5) store_float(type_, address, -0.5);  // a 16-bit format rounded up
        }
    });
}

std::string describe_shape(const std::vector<std::int64_t>& shape) {
    return shape.empty() ? std::string("scalar") : fmt::format("{}", fmt::join(shape, "x"));
}

std::string describe(const Buffer& buffer) {
    return fmt::format("{} {}", name_of(buffer.type()), describe_shape(buffer.shape()));
}

}  // namespace heddle
