// runtime/shared_library.cpp -- dlopen and what goes with it.
#include "runtime/shared_library.h"

#include <dlfcn.h>

#include <filesystem>

namespace heddle {

SharedLibrary::SharedLibrary(const std::vector<std::string>& names) {
    for (const std::string& name : names) {
        handle_ = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL);
        if (handle_ != nullptr) {
            name_ = name;
            problem_.clear();
            return;
        }
        const char* reason = dlerror();
        if (problem_.empty()) problem_ = reason != nullptr ? reason : name + " does not open";
    }
}

void* SharedLibrary::address(const char* function) const {
    return handle_ != nullptr ? dlsym(handle_, function) : nullptr;
}

std::string file_of_code(const void* address) {
    Dl_info info{};
    if (dladdr(address, &info) == 0 || info.dli_fname == nullptr) return {};
    std::error_code ignored;
    const std::filesystem::path file = std::filesystem::canonical(info.dli_fname, ignored);
    return ignored ? std::string(info.dli_fname) : file.string();
}

}  // namespace heddle
