// runtime/library_names.h -- where the libraries opened on demand are looked for.
#pragma once

#include <string>
#include <vector>

namespace heddle {

/// The file that the environment variable names, alone; where it is not set, `names` as the loader finds them, then in
/// the folders of the toolkit ($CUDA_HOME, $CUDA_PATH, /usr/local/cuda).
std::vector<std::string> library_names(const char* variable, const std::vector<std::string>& names);

}  // namespace heddle
