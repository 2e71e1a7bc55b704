// runtime/device_buffer.cpp -- allocation on the device, and copies of the bytes that a view spans.
#include "runtime/device_buffer.h"

#include <fmt/format.h>

#include "runtime/cuda_driver.h"
#include "runtime/cuda_stream.h"
#include "runtime/error.h"
#include "runtime/text.h"

namespace heddle {
namespace {

std::string bytes_text(std::size_t bytes) {
    return fmt::format("{} B ({})", bytes, format_bytes(static_cast<double>(bytes)));
}

/// Memory of the current context; `what` names the buffer in the message.
std::shared_ptr<void> allocate(std::size_t bytes, const Buffer& what) {
    const CudaContext context = cuda_context();
    const CudaDevice& device = current_cuda_device();
    const CudaApi& api = cuda_api();
    CudaAddress address = 0;
    const CudaResult result = api.allocate(&address, bytes > 0 ? bytes : 1);
    if (result == cuda_out_of_memory) {
        std::size_t free = 0, total = 0;
        api.memory_info(&free, &total);
        throw UserError(fmt::format("buffer {}: cannot allocate {} on CUDA device {} ({}): {} free of {}",
                                    describe(what), bytes_text(bytes), device.index, device.name, bytes_text(free),
                                    bytes_text(total)));
    }
    check_cuda(result, fmt::format("buffer {}: allocating {} on CUDA device {}", describe(what), bytes_text(bytes),
                                   device.index));
    return {reinterpret_cast<void*>(address), [context](void* memory) {
                if (const CudaContextScope scope(context); scope.entered())
                    cuda_api().release(reinterpret_cast<std::uintptr_t>(memory));
            }};
}

std::size_t span_bytes(const Buffer& buffer) {
    const auto [first, end] = buffer.byte_range();
    return static_cast<std::size_t>(end - first);
}

/// `buffer` over other memory that holds the bytes of its view from `memory` on.
Buffer over(const Buffer& buffer, std::shared_ptr<void> memory, std::optional<int> device) {
    const auto before = static_cast<const std::byte*>(buffer.data()) - buffer.byte_range().first;
    void* data = static_cast<std::byte*>(memory.get()) + before;
    return {buffer.type(), buffer.shape(), data, buffer.strides(), device, std::move(memory)};
}

}  // namespace

Buffer device_buffer(ScalarType type, const std::vector<std::int64_t>& shape) {
    const Buffer view(type, shape, nullptr);
    const auto bytes = static_cast<std::size_t>(view.elements()) * static_cast<std::size_t>(bytes_of(type));
    std::shared_ptr<void> memory = allocate(bytes, view);
    void* data = memory.get();
    return {type, shape, data, view.strides(), current_cuda_device().index, std::move(memory)};
}

Buffer to_device(const Buffer& buffer, CudaStream stream) {
    cuda_context();
    const int device = current_cuda_device().index;
    if (buffer.device() == device) return buffer;
    if (buffer.device())
        throw UserError(
            fmt::format("buffer {}: it is on CUDA device {} and the current context's is {}; copy it with "
                        "to_host() first",
                        describe(buffer), *buffer.device(), device));
    if (!buffer.defined()) throw UserError(fmt::format("buffer {} has no memory", describe(buffer)));
    const std::size_t bytes = span_bytes(buffer);
    Buffer result = over(buffer, allocate(bytes, buffer), device);
    copy_to_device(const_cast<std::byte*>(result.byte_range().first), buffer.byte_range().first, bytes, stream);
    synchronize(stream);
    return result;
}

Buffer to_host(const Buffer& buffer, CudaStream stream) {
    if (!buffer.device()) return buffer;
    const std::size_t bytes = span_bytes(buffer);
    const Buffer bytes_buffer(u8, {static_cast<std::int64_t>(bytes)});
    const auto owner = std::make_shared<Buffer>(bytes_buffer);
    Buffer result = over(buffer, std::shared_ptr<void>(owner, bytes_buffer.data()), {});
    copy_to_host(bytes_buffer.data(), buffer.byte_range().first, bytes, stream);
    synchronize(stream);
    return result;
}

}  // namespace heddle
