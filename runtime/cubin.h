// runtime/cubin.h -- what a kernel takes of the device, read from compiled CUDA code; needs neither driver nor device.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace heddle {

struct KernelResources {
    std::string name;
    int registers = 0;                 ///< of a thread
    int shared_bytes = 0;              ///< static, of a block; what the system reserves does not count
    int local_bytes = 0;               ///< stack frame of a thread: arrays in local memory, and spills
    int spill_bytes = -1;              ///< stores and loads of spilled registers in the code; -1: unknown
    std::vector<int> parameter_bytes;  ///< size of each parameter, in order
};

/// The kernels of a cubin (an ELF image), in its order. Spills are not recorded in it.
/// Throws InternalError when the bytes are no cubin.
std::vector<KernelResources> read_resources(std::span<const std::byte> cubin);

/// Takes the spills, and where given the static shared memory, from the assembler's report (`--ptxas-options=-v`).
void add_assembler_report(std::vector<KernelResources>& kernels, std::string_view log);
/// The log without that report: what is left are warnings. Empty when there are none.
std::string without_assembler_report(std::string_view log);

}  // namespace heddle
