// runtime/npy.h -- NumPy's .npy files, in and out.
#pragma once

#include <filesystem>

#include "runtime/buffer.h"

namespace heddle {

/// Reads a .npy file of version 1, 2 or 3 in C or Fortran order, little-endian, as a row-major buffer. bf16 has no
/// NumPy type: it is written as '<V2' and read as bf16 from that. Throws UserError naming file, place and what is
/// expected for anything else, a truncated file and a header that promises more than the file holds included.
Buffer read_npy(const std::filesystem::path& path);
/// Writes through a temporary file and a rename: the file is whole or not there. Throws UserError naming the path.
void write_npy(const std::filesystem::path& path, const Buffer& buffer);

}  // namespace heddle
