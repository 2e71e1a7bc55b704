// codegen/workspace.cpp -- the scratch memory of a kernel's calls.
#include "codegen/workspace.h"

#include <fmt/format.h>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "runtime/error.h"

namespace heddle {
namespace {

/// "x.packed f32 4x16, y.partial f32 8".
std::string names_of(const ScratchLayout& layout) {
    std::string text;
    for (std::size_t i = 0; i < layout.tensors.size(); ++i)
        text += fmt::format("{}{} {} {}", i ? ", " : "", layout.tensors[i].name(), name_of(layout.tensors[i].type()),
                            describe_shape(layout.shapes[i]));
    return text;
}

}  // namespace

ScratchLayout scratch_layout(const std::vector<AnyTensor>& scratch, const RunTimeSizes& sizes) {
    ScratchLayout layout;
    layout.tensors = scratch;
    for (const AnyTensor& tensor : scratch) {
        layout.shapes.push_back(shape_of(tensor, sizes));
        layout.offsets.push_back(layout.bytes);
        const std::int64_t bytes =
            Buffer(tensor.type(), layout.shapes.back(), nullptr).elements() * bytes_of(tensor.type());
        layout.bytes += (bytes + workspace_alignment - 1) / workspace_alignment * workspace_alignment;
    }
    return layout;
}

void Workspace::place(const ScratchLayout& layout, void* data, std::optional<int> device) {
    scratch.clear();
    for (std::size_t i = 0; i < layout.tensors.size(); ++i)
        scratch.emplace_back(layout.tensors[i].type(), layout.shapes[i],
                             static_cast<std::byte*>(data) + layout.offsets[i], std::vector<std::int64_t>{}, device);
}

Workspace allocate_workspace(const ScratchLayout& layout, const Target& target) {
    Workspace workspace;
    if (layout.bytes > 0) try {
            workspace.memory = target.kind == TargetKind::cuda ? device_buffer(u8, {layout.bytes})
                                                               : Buffer(u8, std::vector<std::int64_t>{layout.bytes});
        } catch (const UserError& error) {
            throw UserError(fmt::format("scratch memory for {}: {}", names_of(layout), error.message()));
        }
    workspace.place(layout, workspace.memory.data(), workspace.memory.device());
    return workspace;
}

Workspace callers_workspace(const ScratchLayout& layout, const Target& target, const CallersMemory& memory) {
    const auto& [data, bytes] = memory;
    if (bytes < layout.bytes)
        throw UserError(fmt::format("a workspace of {} B was given, the call needs {} B for {}", bytes, layout.bytes,
                                    names_of(layout)));
    if (layout.bytes > 0 && data == nullptr)
        throw UserError(fmt::format("a workspace of {} B was given without memory", bytes));
    if (reinterpret_cast<std::uintptr_t>(data) % workspace_alignment != 0)
        throw UserError(
            fmt::format("the workspace at {} does not start at a multiple of {} B", data, workspace_alignment));
    Workspace workspace;
    std::optional<int> device;
    if (target.kind == TargetKind::cuda) device = current_cuda_device().index;
    workspace.place(layout, data, device);
    return workspace;
}

}  // namespace heddle
