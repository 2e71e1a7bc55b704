// runtime/dlpack.cpp -- buffers from and to DLPack's structures.
#include "runtime/dlpack.h"

#include <fmt/format.h>

#include <array>
#include <memory>

#include "runtime/dlpack_layout.h"
#include "runtime/error.h"

namespace heddle {
namespace {

using dlpack::ManagedTensor;

struct TypeRow {
    ScalarType type;
    std::uint8_t code, bits;
};
constexpr std::array type_rows = {
    TypeRow{ScalarType::f16, dlpack::floating, 16},       TypeRow{ScalarType::bf16, dlpack::brain_floating, 16},
    TypeRow{ScalarType::f32, dlpack::floating, 32},       TypeRow{ScalarType::f64, dlpack::floating, 64},
    TypeRow{ScalarType::i8, dlpack::signed_integer, 8},   TypeRow{ScalarType::u8, dlpack::unsigned_integer, 8},
    TypeRow{ScalarType::i16, dlpack::signed_integer, 16}, TypeRow{ScalarType::u16, dlpack::unsigned_integer, 16},
    TypeRow{ScalarType::i32, dlpack::signed_integer, 32}, TypeRow{ScalarType::i64, dlpack::signed_integer, 64},
    TypeRow{ScalarType::boolean, dlpack::truth, 8}};

[[noreturn]] void refuse(const std::string& reason) { throw UserError("DLPack tensor: " + reason); }

ScalarType type_of(const dlpack::DataType& type) {
    if (type.lanes != 1)
        refuse(fmt::format("its elements are vectors of {} lanes; only single values are taken", type.lanes));
    for (const TypeRow& row : type_rows)
        if (row.code == type.code && row.bits == type.bits) return row.type;
    refuse(fmt::format("its element type has code {} and {} bits, which is none of {}", type.code, type.bits,
                       all_type_names()));
}

std::optional<int> device_of(const dlpack::Device& device) {
    if (device.kind == dlpack::cpu || device.kind == dlpack::cuda_host) return {};
    if (device.kind != dlpack::cuda && device.kind != dlpack::cuda_managed)
        refuse(fmt::format("it lies on a device of kind {}; taken are the host (1, 3) and CUDA devices (2, 13)",
                           device.kind));
    return device.index;
}

/// What to_dlpack hands out, with all that it points to.
struct Exported {
    ManagedTensor managed{};
    Buffer buffer;
    std::vector<std::int64_t> shape, strides;
};

}  // namespace

Buffer from_dlpack(DLManagedTensor* tensor) {
    auto* const managed = reinterpret_cast<ManagedTensor*>(tensor);
    if (managed == nullptr) refuse("a null pointer");
    const dlpack::Tensor& given = managed->tensor;
    const ScalarType type = type_of(given.type);
    const std::optional<int> device = device_of(given.device);
    if (given.rank < 0) refuse(fmt::format("its rank is {}", given.rank));
    if (given.rank > 0 && given.shape == nullptr) refuse(fmt::format("of rank {}, it has no shape", given.rank));
    const std::vector<std::int64_t> shape(given.shape, given.shape + given.rank);
    for (int d = 0; d < given.rank; ++d)
        if (shape[static_cast<std::size_t>(d)] < 0)
            refuse(fmt::format("its extent {} in dimension {} is negative", shape[static_cast<std::size_t>(d)], d));
    std::vector<std::int64_t> strides;
    if (given.strides != nullptr) strides.assign(given.strides, given.strides + given.rank);
    const Buffer unowned(type, shape, nullptr, strides);
    if (given.data == nullptr && unowned.elements() > 0)
        refuse(fmt::format("of {} elements, it has no memory", unowned.elements()));
    void* const data = static_cast<std::byte*>(given.data) + given.byte_offset;
    const std::shared_ptr<void> owner(given.data, [managed](void*) {
        if (managed->release != nullptr) managed->release(managed);
    });
    return {type, shape, data, strides, device, owner};
}

DLManagedTensor* to_dlpack(const Buffer& buffer) {
    if (!buffer.defined()) throw UserError(fmt::format("buffer {} has no memory", describe(buffer)));
    auto exported = std::make_unique<Exported>();
    exported->buffer = buffer;
    exported->shape = buffer.shape();
    exported->strides = buffer.strides();
    dlpack::Tensor& tensor = exported->managed.tensor;
    tensor.data = buffer.data();
    tensor.device = {buffer.device() ? dlpack::cuda : dlpack::cpu, buffer.device().value_or(0)};
    tensor.rank = buffer.rank();
    for (const TypeRow& row : type_rows)
        if (row.type == buffer.type()) tensor.type = {row.code, row.bits, 1};
    tensor.shape = exported->shape.data();
    tensor.strides = exported->strides.data();
    exported->managed.owner = exported.get();
    exported->managed.release = [](ManagedTensor* managed) { delete static_cast<Exported*>(managed->owner); };
    return reinterpret_cast<DLManagedTensor*>(&exported.release()->managed);
}

}  // namespace heddle
