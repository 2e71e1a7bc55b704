// runtime/buffer.h -- a strided view of memory with a type, a shape and, where it allocated it, the memory itself.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "runtime/type.h"

namespace heddle {

/// Elements of one type at `data + sum(index[d] * strides[d])`. Copies share the memory. Shape and strides are in
/// elements; the last dimension varies fastest when no strides are given. A stride may be any integer, 0 and negative
/// included. A rank-0 buffer has one element. The memory is the host's or a CUDA device's (runtime/device_buffer.h);
/// the functions here that touch elements throw UserError for the latter.
class Buffer {
public:
    Buffer() = default;
    /// Allocates, zero-filled, aligned to 64 bytes. Throws UserError for a negative extent or a size past 2^63 bytes.
    Buffer(ScalarType type, std::vector<std::int64_t> shape);
    /// A view of the caller's memory, which must outlive it. No strides: row-major.
    /// Throws UserError when the number of strides is not that of the shape.
    Buffer(ScalarType type, std::vector<std::int64_t> shape, void* data, std::vector<std::int64_t> strides = {});
    /// The same over memory of CUDA device `device` (nothing: the host's), kept alive by `memory` where that is not
    /// null. `data` is the element with all indices 0.
    Buffer(ScalarType type, std::vector<std::int64_t> shape, void* data, std::vector<std::int64_t> strides,
           std::optional<int> device, std::shared_ptr<void> memory = nullptr);

    ScalarType type() const { return type_; }
    int rank() const { return static_cast<int>(shape_.size()); }
    const std::vector<std::int64_t>& shape() const { return shape_; }
    const std::vector<std::int64_t>& strides() const { return strides_; }
    /// Address of the element with all indices 0.
    void* data() const { return data_; }
    /// Index of the CUDA device whose memory this is; nothing: the host's.
    std::optional<int> device() const { return device_; }
    bool defined() const { return data_ != nullptr || elements() == 0; }
    /// Number of elements.
    std::int64_t elements() const;
    /// Row-major without gaps.
    bool contiguous() const;
    /// First and one past the last byte that the view can touch.
    std::pair<const std::byte*, const std::byte*> byte_range() const;

    /// Offset in elements of an index; unchecked.
    std::int64_t offset(const std::vector<std::int64_t>& index) const;
    /// Element access by value, converting; throws UserError for an index of the wrong rank or outside.
    double get(const std::vector<std::int64_t>& index) const;
    void set(const std::vector<std::int64_t>& index, double value) const;

    /// Typed pointer to the first element; T must have the element's size (checked).
    template <class T>
    T* as() const {
        check_element_size(sizeof(T));
        return static_cast<T*>(data_);
    }

    /// The same memory with the dimensions in another order: result dimension d is this one's order[d].
    Buffer permuted(const std::vector<int>& order) const;
    /// A row-major copy in memory of its own.
    Buffer copy() const;
    /// Sets every element to `value` (converted); poison() writes NaN to floats and a marker (0xA5 bytes) to integers.
    void fill(double value) const;
    void poison() const;
    /// Pseudo-random: floats uniform in [-0.5, 0.5); or, `integers` set, whole numbers in [-3, 3] ([0, 3] if unsigned).
    void fill_random(std::uint64_t seed, bool integers = false) const;

private:
    void check_element_size(std::size_t bytes) const;
    ScalarType type_ = ScalarType::f32;
    std::vector<std::int64_t> shape_, strides_;
    void* data_ = nullptr;
    std::optional<int> device_;
    std::shared_ptr<void> memory_;
};

/// "64x56x56"; "scalar" for rank 0.
std::string describe_shape(const std::vector<std::int64_t>& shape);
/// "f32 64x56x56".
std::string describe(const Buffer& buffer);
/// Visits all indices of a shape in row-major order.
template <class F>
void for_each_index(const std::vector<std::int64_t>& shape, F&& visit) {
    for (std::int64_t extent : shape)
        if (extent <= 0) return;
    std::vector<std::int64_t> index(shape.size(), 0);
    while (true) {
        visit(static_cast<const std::vector<std::int64_t>&>(index));
        int d = static_cast<int>(shape.size()) - 1;
        while (d >= 0 && ++index[d] == shape[d]) index[d--] = 0;
        if (d < 0) return;
    }
}

}  // namespace heddle
