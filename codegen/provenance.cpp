// codegen/provenance.cpp -- versions of what compiles, and the model of what runs.
#include "codegen/provenance.h"

#include <fmt/format.h>

#include "codegen/emit_llvm.h"
#include "runtime/cuda_driver.h"
#include "runtime/nvrtc.h"

namespace heddle {

std::string provenance(const Target& target) {
    if (target.kind == TargetKind::host) {
        const std::string& model = cpu_info().model;
        return host_code_versions() + (model.empty() ? "" : ", " + model);
    }
    std::string text = fmt::format("codegen {}", codegen_version);
    if (!nvrtc_problem()) text += ", NVRTC " + nvrtc_version();
    for (const CudaDevice& device : cuda_devices()) {
        if (device.compute_capability != target.compute_capability) continue;
        const int version = device.driver_version;
        return text + fmt::format(", driver {}.{}, {}", version / 1000, version % 1000 / 10, device.name);
    }
    return text;
}

}  // namespace heddle
