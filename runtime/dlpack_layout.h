// runtime/dlpack_layout.h -- the layout of DLPack's structures, version 0.2 and later, and the numbers in them.
#pragma once

#include <cstddef>
#include <cstdint>

namespace heddle::dlpack {

struct Device {
    std::int32_t kind, index;
};
inline constexpr std::int32_t cpu = 1, cuda = 2, cuda_host = 3, cuda_managed = 13;

struct DataType {
    std::uint8_t code, bits;
    std::uint16_t lanes;
};
inline constexpr std::uint8_t signed_integer = 0, unsigned_integer = 1, floating = 2, brain_floating = 4, truth = 6;

struct Tensor {
    void* data;
    Device device;
    std::int32_t rank;
    DataType type;
    std::int64_t *shape, *strides;  ///< in elements; no strides: row-major
    std::uint64_t byte_offset;      ///< of the first element from `data`
};

struct ManagedTensor {
    Tensor tensor;
    void* owner;
    void (*release)(ManagedTensor*);  ///< may be null
};

static_assert(sizeof(Device) == 8 && sizeof(DataType) == 4);
static_assert(offsetof(Tensor, device) == 8 && offsetof(Tensor, rank) == 16 && offsetof(Tensor, type) == 20 &&
              offsetof(Tensor, shape) == 24 && offsetof(Tensor, strides) == 32 && offsetof(Tensor, byte_offset) == 40);
static_assert(offsetof(ManagedTensor, owner) == 48 && offsetof(ManagedTensor, release) == 56 &&
              sizeof(ManagedTensor) == 64);

}  // namespace heddle::dlpack
