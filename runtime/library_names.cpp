// runtime/library_names.cpp -- names and folders, in the order in which they are tried.
#include "runtime/library_names.h"

#include <cstdlib>
#include <initializer_list>

namespace heddle {

std::vector<std::string> library_names(const char* variable, const std::vector<std::string>& names) {
    if (const char* given = std::getenv(variable); given != nullptr && *given != '\0') return {given};
    std::vector<std::string> all = names;
    for (const char* folder :
         std::initializer_list<const char*>{std::getenv("CUDA_HOME"), std::getenv("CUDA_PATH"), "/usr/local/cuda"})
        if (folder != nullptr && *folder != '\0')
            for (const std::string& name : names) all.push_back(std::string(folder) + "/lib64/" + name);
    return all;
}

}  // namespace heddle
