// runtime/nvrtc_version.h -- NVRTC's version without opening it, which takes longer than loading compiled code.
#pragma once

#include <filesystem>
#include <string>

#include "runtime/kernel_cache.h"

namespace heddle {

/// nvrtc_version(), from the cache while the file that it was read from has the same size and time: NVRTC is opened
/// otherwise, and remembered. Throws UserError where there is no NVRTC.
std::string remembered_nvrtc_version(const KernelCache& cache);

/// Notes for HEDDLE_NVRTC's present value that NVRTC is this file, of this version.
void remember_nvrtc_version(const KernelCache& cache, const std::filesystem::path& file, const std::string& version);

}  // namespace heddle
