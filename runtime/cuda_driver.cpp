// runtime/cuda_driver.cpp -- opens libcuda, fills the table of functions, lists devices, words errors.
#include "runtime/cuda_driver.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>

#include "runtime/error.h"
#include "runtime/shared_library.h"

namespace heddle {
namespace {

constexpr int oldest_version = 11040;  // CUDA 11.4

struct Driver {
    CudaApi api;
    std::optional<std::string> problem;
    std::vector<CudaDevice> devices;
};

std::string version_text(int version) { return fmt::format("{}.{}", version / 1000, version % 1000 / 10); }

const SharedLibrary& library() {
    static const SharedLibrary opened({"libcuda.so.1", "libcuda.so", "/usr/local/nvidia/lib64/libcuda.so.1",
                                       "/usr/local/nvidia/lib/libcuda.so.1", "/usr/lib/wsl/lib/libcuda.so.1",
                                       "/run/opengl-driver/lib/libcuda.so.1"});
    return opened;
}

/// Name and text of an error where the table is filled; the number alone otherwise.
std::string error_words(const CudaApi& api, CudaResult result) {
    const char *name = nullptr, *text = nullptr;
    if (api.error_name == nullptr || api.error_name(result, &name) != cuda_success || name == nullptr)
        return fmt::format("CUDA error {}", result);
    if (api.error_text(result, &text) != cuda_success || text == nullptr) return fmt::format("{} ({})", name, result);
    return fmt::format("{} ({}): {}", name, result, text);
}

CudaDevice read_device(const CudaApi& api, int index, int driver_version) {
    CudaDevice device;
    device.index = index;
    device.driver_version = driver_version;
    std::array<char, 256> name{};
    api.device_name(name.data(), static_cast<int>(name.size()) - 1, index);
    device.name = name.data();
    std::size_t bytes = 0;
    api.device_memory(&bytes, index);
    device.memory_bytes = static_cast<std::int64_t>(bytes);
    const auto attribute = [&](int id) {  // the numbers of CUdevice_attribute
        int value = 0;
        api.device_attribute(&value, id, index);
        return value;
    };
    device.shared_bytes = attribute(8);
    device.registers = attribute(12);
    device.multiprocessors = attribute(16);
    device.l2_bytes = attribute(38);
    device.compute_capability = attribute(75) * 10 + attribute(76);
    device.shared_bytes_opt_in = attribute(97);
    return device;
}

/// The first thing that keeps the driver from being used.
std::optional<std::string> open_driver(Driver& driver) {
    CudaApi& api = driver.api;
    if (!library().opened()) return fmt::format("no CUDA driver: {}", library().problem());
    api.other = [](const char* symbol) { return library().address(symbol); };
    const auto bind = [](auto& member, const char* symbol) {
        member = reinterpret_cast<std::decay_t<decltype(member)>>(library().address(symbol));
    };
    bind(api.driver_version, "cuDriverGetVersion");
    int version = 0;
    if (api.driver_version == nullptr || api.driver_version(&version) != cuda_success)
        return fmt::format("{} does not say which CUDA version it supports", library().name());
    if (version > 0 && version < oldest_version)
        return fmt::format("the CUDA driver is too old: it supports CUDA {}, and Heddle needs {} or later",
                           version_text(version), version_text(oldest_version));
    const char* missing = nullptr;
#define HEDDLE_CUDA_BIND(member, symbol, ...) \
    bind(api.member, symbol);                 \
    if (api.member == nullptr) missing = symbol;
    HEDDLE_CUDA_FUNCTIONS(HEDDLE_CUDA_BIND)
#undef HEDDLE_CUDA_BIND
    bind(api.launch_kernel_ex, "cuLaunchKernelEx");
    bind(api.graph_update, "cuGraphExecUpdate_v2");
    bind(api.encode_tiled_map, "cuTensorMapEncodeTiled");
    bind(api.encode_im2col_map, "cuTensorMapEncodeIm2col");
    if (missing != nullptr)
        return fmt::format("the CUDA driver ({}, CUDA {}) lacks the function {}", library().name(),
                           version_text(version), missing);
    if (const CudaResult result = api.init(0); result != cuda_success)
        return fmt::format("no CUDA device can be used: cuInit gives {}", error_words(api, result));
    int count = 0;
    if (const CudaResult result = api.device_count(&count); result != cuda_success || count == 0)
        return fmt::format("no CUDA device: cuDeviceGetCount gives {}",
                           result == cuda_success ? std::string("none") : error_words(api, result));
    for (int index = 0; index < count; ++index) driver.devices.push_back(read_device(api, index, version));
    return {};
}

const Driver& driver() {
    static const Driver opened = [] {
        Driver d;
        d.problem = open_driver(d);
        return d;
    }();
    return opened;
}

/// The primary context of device 0, retained for the life of the process.
CudaContext default_context() {
    static const CudaContext context = [] {
        CudaContext retained = nullptr;
        check_cuda(driver().api.primary_context(&retained, 0), "the primary context of CUDA device 0");
        return retained;
    }();
    return context;
}

}  // namespace

std::optional<std::string> cuda_problem() { return driver().problem; }

const std::vector<CudaDevice>& cuda_devices() { return driver().devices; }

const CudaApi& cuda_api() {
    if (driver().problem)
        throw UserError(fmt::format("{}; kernels for the target host run without one", *driver().problem));
    return driver().api;
}

bool cuda_context_lost(CudaResult result) {
    switch (result) {
        case 214:  // ECC_UNCORRECTABLE
        case 220:  // NVLINK_UNCORRECTABLE
        case 226:  // CONTAINED
        case 700:  // ILLEGAL_ADDRESS
        case 702:  // LAUNCH_TIMEOUT
        case 709:  // CONTEXT_IS_DESTROYED
        case 710:  // ASSERT
        case 714:  // HARDWARE_STACK_ERROR
        case 715:  // ILLEGAL_INSTRUCTION
        case 716:  // MISALIGNED_ADDRESS
        case 717:  // INVALID_ADDRESS_SPACE
        case 718:  // INVALID_PC
        case 719:  // LAUNCH_FAILED
        case 721:  // TENSOR_MEMORY_LEAK
        case 911:  // EXTERNAL_DEVICE
            return true;
        default:
            return false;
    }
}

std::string cuda_error_text(CudaResult result) {
    std::string text = error_words(driver().api, result);
    if (cuda_context_lost(result))
        text += "; the CUDA context is lost with all its memory: restart the process, or go on in a fresh context";
    return text;
}

void check_cuda(CudaResult result, std::string_view what) {
    if (result != cuda_success) throw UserError(fmt::format("{}: {}", what, cuda_error_text(result)));
}

CudaContext cuda_context() {
    const CudaApi& api = cuda_api();
    CudaContext context = nullptr;
    check_cuda(api.current_context(&context), "the current CUDA context");
    if (context != nullptr) return context;
    context = default_context();
    check_cuda(api.set_context(context), "making the context of CUDA device 0 current");
    return context;
}

const CudaDevice& current_cuda_device() {
    cuda_context();
    int index = 0;
    check_cuda(cuda_api().context_device(&index), "the device of the current CUDA context");
    require(index >= 0 && index < static_cast<int>(cuda_devices().size()), "a CUDA device that was not listed");
    return cuda_devices()[static_cast<std::size_t>(index)];
}

CudaContextScope::CudaContextScope(CudaContext context)
    : entered_(!driver().problem && driver().api.push_context(context) == cuda_success) {}

CudaContextScope::~CudaContextScope() {
    CudaContext popped = nullptr;
    if (entered_) driver().api.pop_context(&popped);
}

}  // namespace heddle
