// bench/gpu_data.h -- the data of a race on the device: filled, put into another layout, copied, compared, all there.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "runtime/buffer.h"
#include "runtime/cuda_api.h"

namespace heddle::bench {

/// CUDA C++ of the kernels.
std::string_view gpu_data_source();

/// Kernels of the benchmarks' own, written by hand so that nothing that is measured checks itself. Compiled for the
/// current device. Work is put on the stream; what returns a value waits for it.
class GpuData {
public:
    explicit GpuData(CudaStream stream = nullptr);
    ~GpuData();

    /// Floats uniform in [-0.5, 0.5); i32: classes in [0, `classes`).
    void fill_random(const Buffer& buffer, std::uint64_t seed, std::int64_t classes = 1) const;
    /// NaN in floats, 0xFF bytes in others.
    void poison(const Buffer& buffer) const;
    /// A new row-major buffer whose dimension d is the given one's order[d]; of rank 4.
    Buffer permuted(const Buffer& buffer, const std::vector<int>& order) const;
    /// |found - expected| / |expected| over all elements, in double; NaN where a NaN or infinity is in either.
    double relative_l2(const Buffer& found, const Buffer& expected) const;
    /// Single elements, as doubles.
    std::vector<double> elements_at(const Buffer& buffer, const std::vector<std::vector<std::int64_t>>& points) const;
    /// One 16-byte vector a thread, 256 threads a block: the plain copy that other kernels are held against.
    void copy(void* to, const void* from, std::int64_t bytes) const;

private:
    struct Kernels;
    std::unique_ptr<Kernels> kernels_;
    CudaStream stream_;
};

}  // namespace heddle::bench
