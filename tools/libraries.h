// tools/libraries.h -- which GPU, driver and CUDA libraries this machine has, found by opening them.
#pragma once

#include <string>
#include <vector>

namespace heddle::tools {

struct LibraryReport {
    std::string name;     ///< "driver", "NVRTC", "cuBLAS"
    std::string version;  ///< "12.4"; empty: not there
    std::string note;     ///< the file that was opened, or why there is none
};
struct GpuReport {
    std::string name;
    int capability = 0;  ///< 90
    double memory_bytes = 0;
};
struct CudaReport {
    std::vector<LibraryReport> libraries;
    std::vector<GpuReport> gpus;
};

/// Opens libcuda, NVRTC and cuBLAS where they are; nothing of CUDA is needed to build or run this.
CudaReport cuda_report();

}  // namespace heddle::tools
