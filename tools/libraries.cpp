// tools/libraries.cpp -- dlopen, and the few functions that tell versions and names.
#include "tools/libraries.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace heddle::tools {
namespace {

// The first of several names that opens; stays open.
void* open_first(const std::vector<std::string>& names, std::string& opened) {
    for (const std::string& name : names)
        if (void* library = dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {
            opened = name;
            return library;
        }
    return nullptr;
}

template <class F>
F* function(void* library, const char* name) {
    return reinterpret_cast<F*>(dlsym(library, name));
}

// Versions 13 down to 11 of a library, then whatever has the plain name.
std::vector<std::string> versioned(const std::string& name, const std::vector<std::string>& versions) {
    std::vector<std::string> names;
    for (const std::string& version : versions) names.push_back(fmt::format("{}.{}", name, version));
    names.push_back(name);
    for (const std::string& version : versions)
        names.push_back(fmt::format("/usr/local/cuda/lib64/{}.{}", name, version));
    return names;
}

LibraryReport missing(const std::string& name, const std::string& file) {
    return {name, "", fmt::format("not found ({})", file)};
}

LibraryReport driver(std::vector<GpuReport>& gpus) {
    std::string file;
    void* library = open_first({"libcuda.so.1"}, file);
    if (!library) return missing("driver", "libcuda.so.1");
    auto* init = function<int(unsigned)>(library, "cuInit");
    auto* driver_version = function<int(int*)>(library, "cuDriverGetVersion");
    auto* count_devices = function<int(int*)>(library, "cuDeviceGetCount");
    auto* name_of_device = function<int(char*, int, int)>(library, "cuDeviceGetName");
    auto* attribute = function<int(int*, int, int)>(library, "cuDeviceGetAttribute");
    auto* memory = function<int(std::size_t*, int)>(library, "cuDeviceTotalMem_v2");
    int version = 0, count = 0;
    if (!init || !driver_version || driver_version(&version) != 0) return {"driver", "", file + " does not answer"};
    LibraryReport report{"driver", fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10), file};
    if (const int status = init(0); status != 0) {
        report.note += fmt::format("; no device can be used (cuInit gives {})", status);
        return report;
    }
    if (!count_devices || !name_of_device || !attribute || !memory || count_devices(&count) != 0) return report;
    constexpr int capability_major = 75, capability_minor = 76;
    for (int device = 0; device < count; ++device) {
        char name[128] = {};
        int major = 0, minor = 0;
        std::size_t bytes = 0;
        name_of_device(name, sizeof name - 1, device);
        attribute(&major, capability_major, device);
        attribute(&minor, capability_minor, device);
        memory(&bytes, device);
        gpus.push_back({name, major * 10 + minor, static_cast<double>(bytes)});
    }
    return report;
}

LibraryReport nvrtc() {
    std::string file;
    void* library = open_first(versioned("libnvrtc.so", {"13", "12", "11.2"}), file);
    if (!library) return missing("NVRTC", "libnvrtc.so");
    auto* version = function<int(int*, int*)>(library, "nvrtcVersion");
    int major = 0, minor = 0;
    if (!version || version(&major, &minor) != 0) return {"NVRTC", "", file + " does not answer"};
    return {"NVRTC", fmt::format("{}.{}", major, minor), file};
}

LibraryReport cublas() {
    std::string file;
    void* library = open_first(versioned("libcublas.so", {"13", "12", "11"}), file);
    if (!library) return missing("cuBLAS", "libcublas.so");
    auto* property = function<int(int, int*)>(library, "cublasGetProperty");
    int version[3] = {};
    for (int part = 0; part < 3; ++part)
        if (!property || property(part, &version[part]) != 0) return {"cuBLAS", "", file + " does not answer"};
    return {"cuBLAS", fmt::format("{}.{}.{}", version[0], version[1], version[2]), file};
}

}  // namespace

CudaReport cuda_report() {
    CudaReport report;
    report.libraries.push_back(driver(report.gpus));
    report.libraries.push_back(nvrtc());
    report.libraries.push_back(cublas());
    return report;
}

}  // namespace heddle::tools
