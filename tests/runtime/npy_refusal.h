// tests/runtime/npy_refusal.h -- .npy files made of given bytes, and what reading them says.
#pragma once

#include <string>

#include "runtime/npy.h"
#include "tests/runtime/error_text.h"
#include "tests/support/temporary_folder.h"

namespace heddle::test {

/// What reading a file with this content says, without the path; "no error" when it is read.
inline std::string refusal(const std::string& content) {
    const TemporaryFolder folder;
    const auto path = folder.path() / "a.npy";
    write_file(path, content);
    const std::string text = error_text([&] { read_npy(path); });
    const std::string prefix = path.string() + ": ";
    return text.rfind(prefix, 0) == 0 ? text.substr(prefix.size()) : text;
}

/// A file of version 1 with this dictionary and so many bytes of data.
inline std::string file_with(const std::string& dictionary, std::size_t data_bytes) {
    return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(dictionary.size()) + '\0' + dictionary +
           std::string(data_bytes, '\0');
}

inline std::string file_of_shape(const std::string& shape, std::size_t data_bytes) {
    return file_with("{'descr': '<f4', 'fortran_order': False, 'shape': " + shape + "}", data_bytes);
}

}  // namespace heddle::test
