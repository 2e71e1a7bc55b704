// bench/gpu_stage.cpp -- opening libraries, and the two ceilings.
#include "bench/gpu_stage.h"

#include <fmt/format.h>
#include <functional>

#include "runtime/cuda_driver.h"
#include "runtime/device_buffer.h"
#include "runtime/nvrtc.h"
#include "runtime/text.h"

namespace heddle::bench {
namespace {

Sample timed(GpuStage& stage, const std::function<void()>& call) {
    std::vector<GpuContestant> alone{{"", call}};
    GpuRoundOptions options;
    options.seconds = 0.1;
    run_gpu_rounds(alone, stage.timer, options);
    return sample_of(alone.front().seconds);
}

double product_rate(GpuStage& stage, Arithmetic arithmetic) {
    constexpr int size = 8192;
    const ScalarType type = type_of(arithmetic);
    const Buffer a = device_buffer(type, {size, size}), b = device_buffer(type, {size, size}),
                 c = device_buffer(type, {size, size});
    stage.data.fill_random(a, 1);
    stage.data.fill_random(b, 2);
    const Gemm gemm{cublas_plain, cublas_plain, size, size, size, size, size, size, a.data(), b.data(), c.data()};
    const Sample time = timed(stage, [&] { stage.cublas->multiply(gemm, arithmetic); });
    return 2.0 * size * size * size / time.median;
}

}  // namespace

GpuStage::GpuStage() : target(Target::cuda(current_cuda_device().compute_capability)) {
    const CudaDevice& d = current_cuda_device();
    device = fmt::format("{}, {} multiprocessors", d.name, d.multiprocessors);
    versions = fmt::format("CUDA driver {}.{}, NVRTC {}", d.driver_version / 1000, d.driver_version % 1000 / 10,
                           nvrtc_version());
    if (const auto problem = cublas_problem()) {
        missing.push_back(*problem);
    } else {
        cublas.emplace();
        versions += ", " + cublas->version();
    }
    if (const auto problem = cudnn_problem()) {
        missing.push_back(*problem);
    } else {
        cudnn.emplace();
        versions += ", " + cudnn_version();
    }
}

Ceilings measure_ceilings(GpuStage& stage, const std::vector<Arithmetic>& arithmetics) {
    Ceilings ceilings;
    for (const std::int64_t megabytes : {2, 8, 32, 128, 512, 1024}) {
        const std::int64_t half = megabytes << 19;
        const Buffer from = device_buffer(u8, {half}), to = device_buffer(u8, {half});
        const Sample time = timed(stage, [&] { stage.data.copy(to.data(), from.data(), half); });
        ceilings.copies.emplace_back(2.0 * static_cast<double>(half), time.median);
    }
    if (stage.cublas)
        for (const Arithmetic arithmetic : arithmetics)
            ceilings.products.emplace_back(name_of(arithmetic), product_rate(stage, arithmetic));
    return ceilings;
}

std::string table_of(const Ceilings& ceilings) {
    std::string text = "ceilings\n";
    for (const auto& [bytes, seconds] : ceilings.copies)
        text += fmt::format("  copy of {:>8} {:>12} {:>8.0f} GB/s\n", format_bytes(bytes), format_seconds(seconds),
                            bytes / seconds * 1e-9);
    for (const auto& [name, rate] : ceilings.products)
        text += fmt::format("  product, {:8} {:>20.1f} TFLOP/s\n", name, rate * 1e-12);
    return text;
}

}  // namespace heddle::bench
