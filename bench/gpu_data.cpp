// bench/gpu_data.cpp -- the kernels' text, and their launches.
#include "bench/gpu_data.h"

#include <array>
#include <cmath>

#include "runtime/cuda_driver.h"
#include "runtime/cuda_module.h"
#include "runtime/cuda_stream.h"
#include "runtime/device_buffer.h"
#include "runtime/error.h"
#include "runtime/nvrtc.h"

namespace heddle::bench {
namespace {

// Types by the numbers of ScalarType: 0 f16, 1 bf16, 2 f32, 3 f64.
constexpr const char* source = R"cuda(
typedef unsigned int u32;
typedef unsigned long long u64;

static __device__ u64 mixed(u64 z) {
    z += 0x9e3779b97f4a7c15ull;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
    return z ^ (z >> 31);
}

static __device__ double element(int type, const void* data, u64 i) {
    if (type == 0) {
        float value;
        asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(((const unsigned short*)data)[i]));
        return value;
    }
    if (type == 1) return __uint_as_float((u32)((const unsigned short*)data)[i] << 16);
    if (type == 2) return ((const float*)data)[i];
    if (type == 3) return ((const double*)data)[i];
    return ((const unsigned char*)data)[i];
}

extern "C" __global__ void fill_random(int type, void* data, u64 count, u64 seed, u64 classes) {
    const u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    const u64 bits = mixed(i ^ mixed(seed));
    const float value = (float)(bits >> 40) * (1.0f / 16777216.0f) - 0.5f;
    if (type == 0) {
        unsigned short half;
        asm("cvt.rn.f16.f32 %0, %1;" : "=h"(half) : "f"(value));
        ((unsigned short*)data)[i] = half;
    } else if (type == 1) {
        const u32 word = __float_as_uint(value);
        ((unsigned short*)data)[i] = (unsigned short)((word + 0x7fff + ((word >> 16) & 1)) >> 16);
    } else if (type == 2) {
        ((float*)data)[i] = value;
    } else if (type == 3) {
        ((double*)data)[i] = value;
    } else {
        ((int*)data)[i] = (int)(bits % classes);
    }
}

struct Shape4 { long long extent[4], stride[4]; };

extern "C" __global__ void permute(int bytes, void* to, const void* from, u64 count, Shape4 shape) {
    const u64 i = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= count) return;
    u64 rest = i;
    long long at = 0;
    for (int d = 3; d >= 0; --d) {
        at += (long long)(rest % shape.extent[d]) * shape.stride[d];
        rest /= shape.extent[d];
    }
    if (bytes == 1) ((unsigned char*)to)[i] = ((const unsigned char*)from)[at];
    if (bytes == 2) ((unsigned short*)to)[i] = ((const unsigned short*)from)[at];
    if (bytes == 4) ((u32*)to)[i] = ((const u32*)from)[at];
    if (bytes == 8) ((u64*)to)[i] = ((const u64*)from)[at];
}

extern "C" __global__ void differences(int type, const void* found, const void* expected, u64 count, double* sums) {
    __shared__ double error[256], total[256];
    double e = 0, t = 0;
    for (u64 i = (u64)blockIdx.x * 256 + threadIdx.x; i < count; i += (u64)gridDim.x * 256) {
        const double a = element(type, found, i), b = element(type, expected, i);
        e += (a - b) * (a - b);
        t += b * b;
    }
    error[threadIdx.x] = e;
    total[threadIdx.x] = t;
    for (u32 half = 128; half > 0; half /= 2) {
        __syncthreads();
        if (threadIdx.x < half) {
            error[threadIdx.x] += error[threadIdx.x + half];
            total[threadIdx.x] += total[threadIdx.x + half];
        }
    }
    if (threadIdx.x == 0) {
        sums[2 * blockIdx.x] = error[0];
        sums[2 * blockIdx.x + 1] = total[0];
    }
}

extern "C" __global__ void __launch_bounds__(256) copy(uint4* to, const uint4* from, u64 count) {
    const u64 i = (u64)blockIdx.x * 256 + threadIdx.x;
    if (i < count) to[i] = from[i];
}
)cuda";

constexpr unsigned threads = 256, comparing_blocks = 1024;

struct Shape4 {
    std::array<std::int64_t, 4> extent, stride;
};

/// Puts a kernel of one thread an element on the stream; the arguments are values.
template <class... Arguments>
void start(const CudaFunction& function, std::int64_t blocks, CudaStream stream, Arguments... arguments) {
    std::array<void*, sizeof...(Arguments)> addresses{&arguments...};
    LaunchShape shape;
    shape.grid[0] = static_cast<unsigned>(blocks);
    shape.block[0] = threads;
    launch(function, shape, addresses, stream);
}

std::int64_t blocks_for(std::int64_t elements) { return (elements + threads - 1) / threads; }

}  // namespace

std::string_view gpu_data_source() { return source; }

struct GpuData::Kernels {
    CudaFunction fill_random, permute, differences, copy;
    Buffer sums;
};

GpuData::GpuData(CudaStream stream) : kernels_(std::make_unique<Kernels>()), stream_(stream) {
    cuda_context();
    const CudaProgram program = compile_cuda(source, "benchmark_data", current_cuda_device().compute_capability);
    const CudaModule module(program.cubin, "benchmark_data");
    *kernels_ = {module.function("fill_random"), module.function("permute"), module.function("differences"),
                 module.function("copy"), device_buffer(f64, {2 * comparing_blocks})};
}

GpuData::~GpuData() = default;

void GpuData::fill_random(const Buffer& buffer, std::uint64_t seed, std::int64_t classes) const {
    start(kernels_->fill_random, blocks_for(buffer.elements()), stream_, static_cast<int>(buffer.type()), buffer.data(),
          buffer.elements(), seed, classes);
}

void GpuData::poison(const Buffer& buffer) const {
    fill_device_bytes(buffer.data(), 0xff,
                      static_cast<std::size_t>(buffer.elements()) * static_cast<std::size_t>(bytes_of(buffer.type())),
                      stream_);
}

Buffer GpuData::permuted(const Buffer& buffer, const std::vector<int>& order) const {
    require(buffer.rank() == 4 && order.size() == 4, "permuted() is for four dimensions");
    Shape4 shape{};
    std::vector<std::int64_t> extents;
    for (std::size_t d = 0; d < 4; ++d) {
        shape.extent[d] = buffer.shape()[static_cast<std::size_t>(order[d])];
        shape.stride[d] = buffer.strides()[static_cast<std::size_t>(order[d])];
        extents.push_back(shape.extent[d]);
    }
    Buffer result = device_buffer(buffer.type(), extents);
    start(kernels_->permute, blocks_for(buffer.elements()), stream_, bytes_of(buffer.type()), result.data(),
          buffer.data(), buffer.elements(), shape);
    return result;
}

double GpuData::relative_l2(const Buffer& found, const Buffer& expected) const {
    require(found.type() == expected.type() && found.elements() == expected.elements(),
            "results that are compared have one type and size");
    start(kernels_->differences, comparing_blocks, stream_, static_cast<int>(found.type()), found.data(),
          expected.data(), found.elements(), kernels_->sums.data());
    const Buffer sums = to_host(kernels_->sums, stream_);
    double error = 0, total = 0;
    for (unsigned block = 0; block < comparing_blocks; ++block) {
        error += sums.as<double>()[2 * block];
        total += sums.as<double>()[2 * block + 1];
    }
    if (!std::isfinite(error) || !std::isfinite(total)) return NAN;
    return error == 0 ? 0 : std::sqrt(error / std::max(total, 1e-60));
}

std::vector<double> GpuData::elements_at(const Buffer& buffer,
                                         const std::vector<std::vector<std::int64_t>>& points) const {
    const auto bytes = static_cast<std::size_t>(bytes_of(buffer.type()));
    const Buffer host(buffer.type(), {static_cast<std::int64_t>(points.size())});
    for (std::size_t i = 0; i < points.size(); ++i)
        copy_to_host(
            static_cast<std::byte*>(host.data()) + i * bytes,
            static_cast<const std::byte*>(buffer.data()) + buffer.offset(points[i]) * static_cast<std::int64_t>(bytes),
            bytes, stream_);
    synchronize(stream_);
    std::vector<double> values;
    for (std::int64_t i = 0; i < host.elements(); ++i) values.push_back(host.get({i}));
    return values;
}

void GpuData::copy(void* to, const void* from, std::int64_t bytes) const {
    start(kernels_->copy, blocks_for(bytes / 16), stream_, to, from, bytes / 16);
}

}  // namespace heddle::bench
