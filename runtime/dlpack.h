// runtime/dlpack.h -- tensors handed over in memory between libraries, by DLPack's C structures
// (dmlc.github.io/dlpack).
#pragma once

#include "runtime/buffer.h"

/// DLPack's own structure: callers who include <dlpack/dlpack.h> pass theirs.
struct DLManagedTensor;

namespace heddle {

/// A view of the tensor's memory, of the host or of a CUDA device. Takes the tensor over: its deleter is called with
/// the last copy of the buffer. Throws UserError, and leaves the tensor to the caller, for an element type that Heddle
/// lacks, vectors of several lanes, memory of another kind of device, and sizes or strides that make no view.
Buffer from_dlpack(DLManagedTensor* tensor);

/// The buffer as a tensor that keeps its memory alive until whoever takes it calls its deleter. Memory that the buffer
/// only views must outlive the tensor. Throws UserError for a buffer without memory.
DLManagedTensor* to_dlpack(const Buffer& buffer);

}  // namespace heddle
