// runtime/nvrtc_version.cpp -- a note in the cache of compiled code: which file NVRTC is, and its version.
#include "runtime/nvrtc_version.h"

#include <cstdlib>
#include <cstring>
#include <sstream>

#include "runtime/nvrtc.h"

namespace heddle {
namespace {

/// What decides which library is opened.
std::string key() {
    std::string text = "the NVRTC of";
    for (const char* name : {"HEDDLE_NVRTC", "LD_LIBRARY_PATH", "CUDA_HOME", "CUDA_PATH"}) {
        const char* value = std::getenv(name);
        text += std::string("\n") + (value ? value : "");
    }
    return text;
}

/// Size and time of a file; empty where there is none.
std::string stamp(const std::filesystem::path& file) {
    std::error_code error;
    const auto bytes = std::filesystem::file_size(file, error);
    if (error) return {};
    const auto time = std::filesystem::last_write_time(file, error).time_since_epoch().count();
    return error ? std::string() : std::to_string(bytes) + " " + std::to_string(time);
}

}  // namespace

std::string remembered_nvrtc_version(const KernelCache& cache) {
    if (const auto note = cache.load(key())) {
        std::istringstream text(std::string(reinterpret_cast<const char*>(note->data()), note->size()));
        std::string file, stamped, version;
        if (std::getline(text, file) && std::getline(text, stamped) && std::getline(text, version) &&
            !stamped.empty() && stamp(file) == stamped)
            return version;
    }
    const std::string version = nvrtc_version();
    remember_nvrtc_version(cache, nvrtc_file(), version);
    return version;
}

void remember_nvrtc_version(const KernelCache& cache, const std::filesystem::path& file, const std::string& version) {
    const std::string text = file.string() + "\n" + stamp(file) + "\n" + version;
    std::vector<std::byte> note(text.size());
    std::memcpy(note.data(), text.data(), text.size());
    cache.store(key(), note);
}

}  // namespace heddle
