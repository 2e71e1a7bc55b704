// runtime/cpu_measure.cpp -- measured peaks of the CPU: fused multiply-adds and copied bytes per second.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#include "runtime/affinity.h"
#include "runtime/cpu_info.h"
#include "runtime/error.h"
#include "runtime/text.h"

#if defined(__x86_64__)
#include <emmintrin.h>
#endif

namespace heddle {
namespace {

using Clock = std::chrono::steady_clock;

/// One step of work; returns how much it did.
using Step = std::function<double()>;

/// Work per second: `threads` pinned threads, each with a step of its own from make_step(thread), repeat it over equal
/// windows of time; the best window's sum over the threads.
double best_rate(int threads, double seconds, const std::function<Step(int thread)>& make_step) {
    constexpr int windows = 5;
    const std::vector<int> cpus = allowed_cpus();
    const auto window = std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds / windows));
    std::vector<std::vector<double>> rates(static_cast<std::size_t>(threads), std::vector<double>(windows, 0.0));
    std::atomic<int> waiting = threads;
    std::vector<std::thread> workers;
    for (int t = 0; t < threads; ++t)
        workers.emplace_back([&, t] {
            pin_this_thread(cpus[static_cast<std::size_t>(t) % cpus.size()]);
            const Step step = make_step(t);
            step();  // touches memory and raises the clock
            waiting.fetch_sub(1);
            while (waiting.load() > 0) std::this_thread::yield();
            for (double& rate : rates[static_cast<std::size_t>(t)]) {
                double work = 0;
                const Clock::time_point start = Clock::now();
                Clock::time_point now = start;
                while (now - start < window) {
                    work += step();
                    now = Clock::now();
                }
                rate = work / std::chrono::duration<double>(now - start).count();
            }
        });
    for (std::thread& worker : workers) worker.join();
    double best = 0;
    for (std::size_t w = 0; w < windows; ++w) {
        double sum = 0;
        for (const auto& of_thread : rates) sum += of_thread[w];
        best = std::max(best, sum);
    }
    return best;
}

void check_arguments(const char* function, int threads, double seconds) {
    if (threads < 1) throw UserError(fmt::format("{}: {} threads; give 1 or more", function, threads));
    if (!(seconds > 0)) throw UserError(fmt::format("{}: {} seconds; give more than 0", function, seconds));
}

constexpr int fma_rounds = 4000;
constexpr int fma_chains = 12;  ///< independent accumulators: more than latency times issue width

#if defined(__x86_64__)

// Written as assembly so that the result does not depend on the optimisation level. acc = acc * 0.5 + 1 stays near 2.
#define HEDDLE_FMA_LOOP(REGISTER)                                                                                    \
    asm volatile("vbroadcastss %1, %%" REGISTER                                                                      \
                 "12\n"                                                                                              \
                 "vbroadcastss %2, %%" REGISTER                                                                      \
                 "13\n"                                                                                              \
                 ".irp acc,0,1,2,3,4,5,6,7,8,9,10,11\n"                                                              \
                 "vmovaps %%" REGISTER "13, %%" REGISTER                                                             \
                 "\\acc\n"                                                                                           \
                 ".endr\n"                                                                                           \
                 "1:\n"                                                                                              \
                 ".irp acc,0,1,2,3,4,5,6,7,8,9,10,11\n"                                                              \
                 "vfmadd213ps %%" REGISTER "13, %%" REGISTER "12, %%" REGISTER                                       \
                 "\\acc\n"                                                                                           \
                 ".endr\n"                                                                                           \
                 "dec %0\n"                                                                                          \
                 "jnz 1b\n"                                                                                          \
                 "vzeroupper\n"                                                                                      \
                 : "+r"(rounds)                                                                                      \
                 : "m"(half), "m"(one)                                                                               \
                 : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", \
                   "xmm12", "xmm13", "cc")

__attribute__((target("avx512f"))) double fma_step_512() {
    const float half = 0.5f, one = 1.0f;
    int rounds = fma_rounds;
    HEDDLE_FMA_LOOP("zmm");
    return 2.0 * 16 * fma_chains * fma_rounds;
}

__attribute__((target("avx2,fma"))) double fma_step_256() {
    const float half = 0.5f, one = 1.0f;
    int rounds = fma_rounds;
    HEDDLE_FMA_LOOP("ymm");
    return 2.0 * 8 * fma_chains * fma_rounds;
}

#undef HEDDLE_FMA_LOOP

#endif

/// For a CPU without FMA, or not x86-64: what the compiler makes of the same loop.
double fma_step_portable() {
    constexpr int width = 4 * fma_chains;
    volatile float half = 0.5f, one = 1.0f;
    const float scale = half, shift = one;
    float acc[width];
    std::fill_n(acc, width, shift);
    for (int round = 0; round < fma_rounds; ++round)
        for (float& a : acc) a = a * scale + shift;
    volatile float keep = acc[0];
    for (float a : acc) keep = a;
    (void)keep;
    return 2.0 * width * fma_rounds;
}

double (*fma_step())() {
#if defined(__x86_64__)
    const CpuFeatures& features = cpu_info().features;
    if (features.avx512f) return fma_step_512;
    if (features.avx2 && features.fma) return fma_step_256;
#endif
    return fma_step_portable;
}

/// Copies past the caches: a plain store would first read the line that it overwrites. Multiples of 64 bytes, aligned.
void stream_copy(std::byte* target, const std::byte* source, std::size_t bytes) {
#if defined(__x86_64__)
    for (std::size_t i = 0; i < bytes; i += 64) {
        const auto* from = reinterpret_cast<const __m128i*>(source + i);
        auto* to = reinterpret_cast<__m128i*>(target + i);
        for (int k = 0; k < 4; ++k) _mm_stream_si128(to + k, _mm_load_si128(from + k));
    }
    _mm_sfence();
#else
    std::memcpy(target, source, bytes);
#endif
}

}  // namespace

double measure_fma_peak(int threads, double seconds) {
    check_arguments("measure_fma_peak", threads, seconds);
    return best_rate(threads, seconds, [](int) -> Step { return fma_step(); });
}

double measure_copy_bandwidth(int threads, double seconds) {
    check_arguments("measure_copy_bandwidth", threads, seconds);
    constexpr std::int64_t chunk = 1 << 20;
    // All buffers together: four times the last cache, 64 MB to 1 GB.
    const std::int64_t total = std::clamp<std::int64_t>(4 * cpu_info().l3_bytes, 64 << 20, 1 << 30);
    const std::int64_t chunks = std::max<std::int64_t>(1, total / 2 / threads / chunk);
    const auto half = static_cast<std::size_t>(chunks * chunk);
    struct Free {
        void operator()(std::byte* p) const { std::free(p); }
    };
    std::vector<std::unique_ptr<std::byte, Free>> memory;
    for (int t = 0; t < threads; ++t) {
        memory.emplace_back(static_cast<std::byte*>(std::aligned_alloc(64, 2 * half)));
        if (memory.back() == nullptr)
            throw UserError(fmt::format("measure_copy_bandwidth: cannot allocate {} for each of {} threads",
                                        format_bytes(2.0 * static_cast<double>(half)), threads));
    }
    return best_rate(threads, seconds, [&](int t) -> Step {
        std::byte* base = memory[static_cast<std::size_t>(t)].get();
        std::memset(base, 1, 2 * half);
        return [=, at = std::size_t{0}]() mutable {
            stream_copy(base + half + at, base + at, chunk);
            at = (at + chunk) % half;
            return 2.0 * chunk;
        };
    });
}

}  // namespace heddle
