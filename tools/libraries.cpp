// tools/libraries.cpp -- what the runtime finds of CUDA, and cuBLAS beside it.
#include "tools/libraries.h"

#include <fmt/format.h>

#include "runtime/cuda_driver.h"
#include "runtime/nvrtc.h"
#include "runtime/shared_library.h"

namespace heddle::tools {
namespace {

// Versions 13 down to 11 of a library, then whatever has the plain name.
std::vector<std::string> versioned(const std::string& name, const std::vector<std::string>& versions) {
    std::vector<std::string> names;
    for (const std::string& version : versions) names.push_back(fmt::format("{}.{}", name, version));
    names.push_back(name);
    for (const std::string& version : versions)
        names.push_back(fmt::format("/usr/local/cuda/lib64/{}.{}", name, version));
    return names;
}

LibraryReport driver(std::vector<GpuReport>& gpus) {
    for (const CudaDevice& device : cuda_devices())
        gpus.push_back({device.name, device.compute_capability, static_cast<double>(device.memory_bytes)});
    if (const auto problem = cuda_problem()) return {"driver", "", *problem};
    const int version = cuda_devices().front().driver_version;
    return {"driver", fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10), "libcuda"};
}

LibraryReport nvrtc() {
    if (const auto problem = nvrtc_problem()) return {"NVRTC", "", *problem};
    return {"NVRTC", nvrtc_version(), nvrtc_file()};
}

LibraryReport cublas() {
    const SharedLibrary library(versioned("libcublas.so", {"13", "12", "11"}));
    if (!library.opened()) return {"cuBLAS", "", "not found (libcublas.so)"};
    auto* property = reinterpret_cast<int (*)(int, int*)>(library.address("cublasGetProperty"));
    int version[3] = {};
    for (int part = 0; part < 3; ++part)
        if (!property || property(part, &version[part]) != 0)
            return {"cuBLAS", "", library.name() + " does not answer"};
    return {"cuBLAS", fmt::format("{}.{}.{}", version[0], version[1], version[2]), library.name()};
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
