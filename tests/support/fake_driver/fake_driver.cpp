// tests/support/fake_driver/fake_driver.cpp -- the functions of a CUDA driver that runs nothing.
#include "tests/support/fake_driver/fake_driver.h"

#include <cstdlib>
#include <cstring>
#include <memory>

#include "runtime/cuda_api.h"
#include "runtime/tensor_map.h"

using heddle::CudaAddress;
using heddle::CudaContext;
using heddle::CudaResult;
using heddle::CudaStream;
using heddle::test::FakeLaunch;

struct CUctx_st {};
struct CUevent_st {};
struct CUmod_st {};
struct CUfunc_st {
    std::string name;
};
struct CUgraph_st {
    std::vector<FakeLaunch> launches;
};
struct CUgraphExec_st {
    std::vector<FakeLaunch> launches;
};
struct CUstream_st {
    std::unique_ptr<CUgraph_st> graph;  // while it is captured
    bool spoiled = false;
};

namespace heddle::test {

FakeDriver& fake_driver() {
    static FakeDriver driver;
    return driver;
}

}  // namespace heddle::test

namespace {

constexpr CudaResult success = 0, out_of_memory = 2, no_device = 100, capture_unsupported = 900,
                     capture_invalidated = 901;

CUctx_st context;
CUstream_st* captured = nullptr;  // the stream that this process captures
std::map<std::string, std::unique_ptr<CUfunc_st>> functions;

auto& fake() { return heddle::test::fake_driver(); }

/// What must not happen during a capture.
CudaResult unsafe() {
    if (captured == nullptr) return fake().later_result;
    captured->spoiled = true;
    return capture_unsupported;
}

CudaResult put(FakeLaunch launch, void** parameters) {
    if (fake().launch_result != success) return fake().launch_result;
    if (const auto sizes = fake().parameter_bytes.find(launch.kernel); sizes != fake().parameter_bytes.end())
        for (std::size_t i = 0; i < sizes->second.size(); ++i) {
            const auto* bytes = static_cast<const std::byte*>(parameters[i]);
            launch.arguments.emplace_back(bytes, bytes + sizes->second[i]);
        }
    if (captured != nullptr && launch.stream == captured)
        captured->graph->launches.push_back(std::move(launch));
    else
        fake().launches.push_back(std::move(launch));
    return success;
}

void* memory(CudaAddress address) { return reinterpret_cast<void*>(address); }

}  // namespace

extern "C" {

CudaResult cuInit(unsigned) { return fake().init_result; }
// NVRTC asks for it: a table begins with its size, here that of an empty one.
CudaResult cuGetExportTable(const void** table, const void*) {
    static const std::size_t empty = sizeof(std::size_t);
    return *table = &empty, success;
}
CudaResult cuDriverGetVersion(int* version) { return *version = fake().version, success; }
CudaResult cuGetErrorName(CudaResult result, const char** name) {
    const std::map<CudaResult, const char*> names = {{1, "CUDA_ERROR_INVALID_VALUE"},
                                                     {2, "CUDA_ERROR_OUT_OF_MEMORY"},
                                                     {100, "CUDA_ERROR_NO_DEVICE"},
                                                     {700, "CUDA_ERROR_ILLEGAL_ADDRESS"},
                                                     {701, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES"},
                                                     {900, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED"},
                                                     {901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED"}};
    const auto found = names.find(result);
    *name = found == names.end() ? nullptr : found->second;
    return success;
}
CudaResult cuGetErrorString(CudaResult, const char** text) { return *text = "as the test wants it", success; }
CudaResult cuDeviceGetCount(int* count) { return *count = fake().devices, *count > 0 ? success : no_device; }
CudaResult cuDeviceGetName(char* name, int bytes, int) {
    return std::strncpy(name, "Fake", static_cast<std::size_t>(bytes)), success;
}
CudaResult cuDeviceGetAttribute(int* value, int id, int) {
    const std::map<int, int> values = {{8, 49152},
                                       {12, 65536},
                                       {16, 4},
                                       {38, 1 << 20},
                                       {75, fake().compute_capability / 10},
                                       {76, fake().compute_capability % 10},
                                       {97, fake().shared_bytes_opt_in}};
    return *value = values.at(id), success;
}
CudaResult cuDeviceTotalMem_v2(std::size_t* bytes, int) { return *bytes = std::size_t{1} << 34, success; }
CudaResult cuDevicePrimaryCtxRetain(CudaContext* retained, int) { return *retained = &context, success; }
CudaResult cuCtxGetCurrent(CudaContext* current) { return *current = &context, success; }
CudaResult cuCtxSetCurrent(CudaContext) { return success; }
CudaResult cuCtxPushCurrent_v2(CudaContext) { return success; }
CudaResult cuCtxPopCurrent_v2(CudaContext* popped) { return *popped = &context, success; }
CudaResult cuCtxGetDevice(int* device) { return *device = 0, success; }

CudaResult cuModuleLoadData(CUmod_st** module, const void*) {
    static CUmod_st loaded;
    ++fake().modules;
    return *module = &loaded, unsafe();
}
CudaResult cuModuleUnload(CUmod_st*) { return success; }
CudaResult cuModuleGetFunction(CUfunc_st** function, CUmod_st*, const char* name) {
    auto& found = functions[name];
    if (!found) found = std::make_unique<CUfunc_st>(CUfunc_st{name});
    return *function = found.get(), success;
}
CudaResult cuFuncGetAttribute(int* value, int id, CUfunc_st*) {
    return *value = id == 0 ? fake().max_threads : id == 4 ? fake().registers : 0, success;
}
CudaResult cuFuncSetAttribute(CUfunc_st*, int, int) { return success; }

CudaResult cuLaunchKernel(CUfunc_st* function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by,
                          unsigned bz, unsigned shared, CudaStream stream, void** parameters, void**) {
    FakeLaunch launch{function->name, {gx, gy, gz}, {bx, by, bz}, {1, 1, 1}, shared, false, stream, {}};
    return put(std::move(launch), parameters);
}
CudaResult cuLaunchKernelEx(const heddle::CudaLaunchConfig* config, CUfunc_st* function, void** parameters, void**) {
    FakeLaunch launch{function->name,
                      {config->grid[0], config->grid[1], config->grid[2]},
                      {config->block[0], config->block[1], config->block[2]},
                      {1, 1, 1},
                      config->shared_bytes,
                      false,
                      config->stream,
                      {}};
    for (unsigned i = 0; i < config->attribute_count; ++i) {
        const auto& [id, padding, value] = config->attributes[i];
        if (id == heddle::cuda_launch_programmatic_serialization) launch.dependent = value[0] == 1;
        if (id == heddle::cuda_launch_cluster_dimension)
            for (std::size_t d = 0; d < 3; ++d) launch.cluster[d] = static_cast<unsigned>(value[d]);
    }
    return put(std::move(launch), parameters);
}

CudaResult cuStreamCreate(CudaStream* stream, unsigned) { return *stream = new CUstream_st, success; }
CudaResult cuStreamDestroy_v2(CudaStream stream) { return delete stream, success; }
CudaResult cuStreamSynchronize(CudaStream) { return ++fake().waits, unsafe(); }
CudaResult cuStreamIsCapturing(CudaStream stream, int* status) { return *status = stream == captured, success; }
CudaResult cuStreamBeginCapture_v2(CudaStream stream, int) {
    ++fake().captures;
    stream->graph = std::make_unique<CUgraph_st>();
    stream->spoiled = false;
    return captured = stream, success;
}
CudaResult cuStreamEndCapture(CudaStream stream, CUgraph_st** graph) {
    captured = nullptr;
    *graph = stream->spoiled ? nullptr : stream->graph.release();
    return stream->spoiled ? capture_invalidated : success;
}
CudaResult cuGraphInstantiateWithFlags(CUgraphExec_st** executable, CUgraph_st* graph, unsigned long long) {
    ++fake().instantiations;
    return *executable = new CUgraphExec_st{graph->launches}, success;
}
CudaResult cuGraphExecUpdate_v2(CUgraphExec_st* executable, CUgraph_st* graph, heddle::CudaGraphUpdate*) {
    ++fake().updates;
    if (executable->launches.size() != graph->launches.size()) return 910;
    return executable->launches = graph->launches, success;
}
CudaResult cuGraphLaunch(CUgraphExec_st* executable, CudaStream stream) {
    if (fake().launch_result != success) return fake().launch_result;
    for (FakeLaunch launch : executable->launches) {
        launch.stream = stream;
        fake().launches.push_back(std::move(launch));
    }
    return success;
}
CudaResult cuGraphDestroy(CUgraph_st* graph) { return delete graph, success; }
CudaResult cuGraphExecDestroy(CUgraphExec_st* executable) { return delete executable, success; }

CudaResult cuEventCreate(CUevent_st** event, unsigned) { return *event = new CUevent_st, success; }
CudaResult cuEventDestroy_v2(CUevent_st* event) { return delete event, success; }
CudaResult cuEventRecord(CUevent_st*, CudaStream) { return success; }
CudaResult cuEventSynchronize(CUevent_st*) { return unsafe(); }
CudaResult cuEventElapsedTime(float* milliseconds, CUevent_st*, CUevent_st*) { return *milliseconds = 1, success; }

CudaResult cuMemAlloc_v2(CudaAddress* address, std::size_t bytes) {
    if (const CudaResult result = unsafe(); result != success) return result;
    if (bytes > fake().free_bytes) return out_of_memory;
    ++fake().allocations;
    *address = reinterpret_cast<CudaAddress>(std::aligned_alloc(256, (bytes + 255) / 256 * 256));
    return success;
}
CudaResult cuMemFree_v2(CudaAddress address) { return std::free(memory(address)), success; }
CudaResult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    return *free = fake().free_bytes, *total = std::size_t{1} << 34, success;
}
CudaResult cuMemcpyHtoDAsync_v2(CudaAddress to, const void* from, std::size_t bytes, CudaStream) {
    return std::memcpy(memory(to), from, bytes), fake().later_result;
}
CudaResult cuMemcpyDtoHAsync_v2(void* to, CudaAddress from, std::size_t bytes, CudaStream) {
    return std::memcpy(to, memory(from), bytes), fake().later_result;
}
CudaResult cuMemcpyDtoDAsync_v2(CudaAddress to, CudaAddress from, std::size_t bytes, CudaStream) {
    return std::memcpy(memory(to), memory(from), bytes), fake().later_result;
}
CudaResult cuMemsetD8Async(CudaAddress to, unsigned char value, std::size_t bytes, CudaStream) {
    return std::memset(memory(to), value, bytes), fake().later_result;
}
CudaResult cuMemsetD32Async(CudaAddress to, unsigned value, std::size_t count, CudaStream) {
    for (std::size_t i = 0; i < count; ++i) std::memcpy(static_cast<unsigned*>(memory(to)) + i, &value, sizeof value);
    return fake().later_result;
}

CudaResult cuTensorMapEncodeTiled(heddle::TensorMap* map, int, unsigned, void* address, const std::uint64_t* sizes,
                                  const std::uint64_t*, const unsigned*, const unsigned*, int, int, int, int) {
    ++fake().encoded_maps;
    map->words[0] = reinterpret_cast<std::uintptr_t>(address);
    return map->words[1] = sizes[0], success;
}
CudaResult cuTensorMapEncodeIm2col(heddle::TensorMap* map, int, unsigned, void* address, const std::uint64_t* sizes,
                                   const std::uint64_t*, const int*, const int*, unsigned, unsigned, const unsigned*,
                                   int, int, int, int) {
    ++fake().encoded_maps;
    map->words[0] = reinterpret_cast<std::uintptr_t>(address);
    return map->words[1] = sizes[0], success;
}

}  // extern "C"
