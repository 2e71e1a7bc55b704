// tools/bound_kernel.cpp -- a kernel with its buffers, wherever its target keeps them.
#include "tools/bound_kernel.h"

#include <cstring>

#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"

namespace heddle::tools {

BoundKernel::BoundKernel(Kernel kernel, const NamedBuffers& inputs, const NamedBuffers& outputs)
    : kernel_(std::move(kernel)) {
    const bool device = kernel_.target().kind == TargetKind::cuda;
    const auto add = [&](const Buffer& buffer) { arguments_.push_back(device ? to_device(buffer) : buffer); };
    for (const AnyTensor& input : kernel_.pipeline().inputs) add(inputs.at(input.name()));
    for (const AnyTensor& output : kernel_.pipeline().outputs) {
        outputs_.emplace_back(outputs.at(output.name()), arguments_.size());
        add(outputs.at(output.name()));
    }
}

void BoundKernel::operator()() const {
    kernel_.run(arguments_);
    if (kernel_.target().kind == TargetKind::cuda) synchronize();
}

void BoundKernel::fetch() const {
    if (kernel_.target().kind != TargetKind::cuda) return;
    for (const auto& [host, position] : outputs_) {
        const Buffer back = to_host(arguments_[position]);  // outputs are made here, row-major
        std::memcpy(host.data(), back.data(), static_cast<std::size_t>(host.elements() * bytes_of(host.type())));
    }
}

}  // namespace heddle::tools
